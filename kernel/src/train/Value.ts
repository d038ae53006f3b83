// The values behind tfjs data ids. A Value is either pending (a graph node nobody has run yet) or settled (a Leaf: memory
// on the host, on the device, or both). Not tensors: tfjs keeps shape and dtype on the tensor, several of which may share
// one value. XlaBackend owns values; a Leaf frees its buffer when its last owner lets go.

import type { DeviceBuffer, HostArray } from "../device/Device.js"
import type { Sharding } from "../device/sharding.js"
import { parameter } from "../ir/build.js"
import type { Node } from "../ir/node.js"
import type { TensorType } from "../ir/types.js"

/** tfjs's names for the element types that it has. */
export type TfDType = "float32" | "int32" | "bool" | "string" | "complex64"

export const toTfDType: Readonly<Record<string, TfDType>> = { f32: "float32", i32: "int32", i1: "bool" }

/** Memory that a program reads as a parameter. */
export class Leaf {
  readonly node: Node<"parameter">
  host: HostArray | undefined
  /** Runs what is to make the memory, when that waits for steps to be run together. */
  awaits: (() => void) | undefined
  private memory: DeviceBuffer | undefined
  /** How it is to lie on the devices of a mesh; whole on each when undefined. */
  sharding: Sharding | undefined
  owners = 0
  /** True when a variable was made of it: a step that uses it up makes its successor. */
  ofVariable = false
  /** Position in the order of deaths since the last cut, which pairs an old weight with its successor. */
  died = 0

  constructor(type: TensorType, memory: { host?: HostArray; buffer?: DeviceBuffer }) {
    this.node = parameter(type.dtype, type.shape)
    this.host = memory.host
    this.memory = memory.buffer
    leaves.set(this.node, this)
  }

  get buffer(): DeviceBuffer | undefined {
    this.awaits?.()
    return this.memory
  }

  set buffer(buffer: DeviceBuffer | undefined) {
    this.memory = buffer
  }

  /** Leaves the device. */
  toHost(): void {
    if (this.buffer === undefined) return
    this.host ??= this.buffer.read()
    this.buffer.free()
    this.buffer = undefined
  }

  free(): void {
    this.buffer?.free()
    this.buffer = undefined
    this.host = undefined
  }
}

const leaves = new WeakMap<Node, Leaf>()

/** The leaf whose value a `parameter` node stands for. */
export function leafOf(node: Node): Leaf | undefined {
  return leaves.get(node)
}

export interface Value {
  /** What the value is, in the graph: a leaf's parameter once settled. Undefined for strings. */
  node: Node | undefined
  /** The elements, where the host has them. */
  host: HostArray | readonly unknown[] | undefined
  readonly tfDType: TfDType
  /** Elements, as tfjs counts bytes. */
  readonly size: number
  refs: number
  /** Why the program that should have made this value did not. */
  failure?: unknown
}
