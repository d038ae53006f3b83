// How the memory of a program lies on the devices of a mesh: what the cutter asks when it makes a program there. A value
// that nobody has placed lies whole on each device. Not the places themselves: Mesh.ts.

import type { MeshDevice } from "../../device/Device.js"
import type { Sharding } from "../../device/sharding.js"
import type { Node } from "../../ir/node.js"
import type { Spread } from "../../ir/program.js"
import { type Leaf, leafOf, type Value } from "../Value.js"

type Tensor = import("@tensorflow/tfjs").Tensor

export interface Layout {
  readonly device: MeshDevice
  /** Values that are to be cut, of what is trained here. */
  placed(): ReadonlyMap<Value, Sharding>
  /** A step of this model comes next, with these inputs, targets and weights of samples. */
  enter(model: object, batch: readonly Tensor[]): void
}

/** The places of one program's parameters and results, while it is made. */
export class Places {
  readonly #results: ReadonlyMap<Value, Sharding>

  /** Settled values take their place at once: their memory is moved when it is used next. */
  constructor(private readonly layout: Layout) {
    this.#results = layout.placed()
    for (const [value, sharding] of this.#results) {
      const leaf = value.node === undefined ? undefined : leafOf(value.node)
      if (leaf !== undefined) leaf.sharding = sharding
    }
  }

  parameter(node: Node): Sharding {
    const { axes, replicated } = this.layout.device
    const leaf = leafOf(node)
    // From a mesh of other axes, which no longer runs.
    if (leaf?.sharding !== undefined && leaf.sharding.mesh !== axes) leaf.sharding = undefined
    return leaf?.sharding ?? replicated
  }

  result(values: readonly Value[]): Sharding {
    for (const value of values) {
      const sharding = this.#results.get(value)
      if (sharding !== undefined) return sharding
    }
    return this.layout.device.replicated
  }

  /** As a part of the program. */
  spread(parameters: readonly Node[], results: readonly (readonly Value[])[]): Spread {
    return {
      devices: this.layout.device.deviceIds.length,
      parameters: parameters.map(node => this.parameter(node).text(node.type.shape.length)),
      outputs: results.map(values => this.result(values).text(values[0]!.node!.type.shape.length)),
    }
  }
}

/** True when a buffer lies as its leaf is to lie. */
export function liesRight({ buffer, sharding }: Leaf): boolean {
  const there = buffer?.sharding
  if (there === sharding || there === undefined) return true
  return sharding === undefined ? there.isReplicated : there.key === sharding.key
}
