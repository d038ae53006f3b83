// Grows a graph node by node and keeps names unique. Knows tensors and layouts, not layers: LayerCall.ts.

import type { Attribute, Constant, ConstantData, Graph, GraphNode, GraphValue } from "../../onnx/Graph.js"
import { type Dims, isFolded, type Layout, sizeOf, type Value } from "./Value.js"

export interface NodeOptions {
  readonly name: string
  /** In tfjs's order. */
  readonly shape: Dims
  readonly layout: Layout
  readonly attributes?: Readonly<Record<string, Attribute>>
}

export class GraphBuilder {
  private readonly nodes: GraphNode[] = []
  private readonly constants = new Map<string, Constant>()
  /** Tensors and constants share one space of names. */
  private readonly names = new Set<string>()
  private readonly constantNames = new Map<string, string>()
  private readonly inputs: GraphValue[] = []
  /** Values already put into the other layout. */
  private readonly turned = new Map<string, Value>()

  input(name: string, shape: Dims): Value {
    const unique = this.unique(name)
    this.inputs.push({ name: unique, shape: dimensions(unique, shape) })
    return { name: unique, shape, layout: "last" }
  }

  /** Adds a node; its one output is named after it. An input is a value or the name of a constant. */
  node(op: string, inputs: readonly (Value | string)[], options: NodeOptions): Value {
    const name = this.unique(options.name)
    const names = inputs.map(input => (typeof input === "string" ? input : input.name))
    this.nodes.push({ op, name, inputs: names, output: name, attributes: options.attributes ?? {} })
    return { name, shape: options.shape, layout: options.layout }
  }

  /** A layer that is called twice gives its weights once: the first of a name stays. */
  constant(name: string, shape: readonly number[], data: ConstantData): string {
    const known = this.constantNames.get(name)
    if (known !== undefined) return known
    const unique = this.unique(name)
    this.constantNames.set(name, unique)
    this.constants.set(unique, { shape, data })
    return unique
  }

  /** The value with channels right after the batch. A row of numbers has one order only. */
  channelsFirst(value: Value): Value {
    if (value.layout === "first" || value.shape.length < 2) return value
    return this.turn(value, () => this.transposed(value, "first", `${value.name}/channelsFirst`))
  }

  /** The value in tfjs's order. */
  channelsLast(value: Value): Value {
    if (value.layout === "last") return value
    return this.turn(value, () =>
      isFolded(value.layout)
        ? this.unfolded(value, value.layout)
        : this.transposed(value, "last", `${value.name}/channelsLast`),
    )
  }

  /** `lengths` after the batch, of which one may be -1. */
  reshape(value: Value, lengths: readonly number[], options: NodeOptions): Value {
    // 0 keeps the batch as it is, so that -1 stays free for a length that only a run decides.
    const target = BigInt64Array.from([0, ...lengths].map(BigInt))
    const shape = this.unique(`${options.name}/shape`)
    this.constants.set(shape, { shape: [target.length], data: target })
    return this.node("Reshape", [value, shape], options)
  }

  finish(name: string, outputs: readonly Value[]): Graph {
    const shown = outputs.map(output => this.shown(this.channelsLast(output)))
    const { inputs, nodes, constants } = this
    return { name, inputs, nodes, constants, outputs: shown }
  }

  /** An input that is also an output needs a node between the two. */
  private shown(value: Value): GraphValue {
    const isInput = this.inputs.some(input => input.name === value.name)
    const options = { name: `${value.name}/output`, shape: value.shape, layout: value.layout }
    const { name } = isInput ? this.node("Identity", [value], options) : value
    return { name, shape: dimensions(name, value.shape) }
  }

  private turn(value: Value, make: () => Value): Value {
    const known = this.turned.get(value.name)
    if (known !== undefined) return known
    const made = make()
    this.turned.set(value.name, made)
    return made
  }

  private transposed({ name, shape }: Value, layout: "first" | "last", as: string): Value {
    const spatial = Array.from({ length: shape.length - 1 }, (_, i) => i)
    const perm =
      layout === "first" ? [0, shape.length, ...spatial.map(i => i + 1)] : [0, ...spatial.map(i => i + 2), 1]
    return this.node("Transpose", [name], { name: as, shape, layout, attributes: { perm: { ints: perm } } })
  }

  private unfolded(value: Value, { spatial, channels }: { spatial: number; channels: number }): Value {
    const { shape, name } = value
    const apart = this.reshape(value, [channels, spatial], { name: `${name}/unfold`, shape, layout: "last" })
    const attributes = { perm: { ints: [0, 2, 1] } }
    const as = `${name}/channelsLast`
    const turned = this.node("Transpose", [apart], { name: as, shape, layout: "last", attributes })
    return this.reshape(turned, [sizeOf(shape)!], { name: `${name}/fold`, shape, layout: "last" })
  }

  private unique(name: string): string {
    let free = name
    for (let i = 2; this.names.has(free); i++) free = `${name}.${i}`
    this.names.add(free)
    return free
  }
}

function dimensions(name: string, shape: Dims): (number | string)[] {
  return ["batch", ...shape.map((length, axis) => length ?? `${name}/${axis + 1}`)]
}
