// One use of a layer in a model, as a row of the layer table sees it: configuration, weights, inputs, and the graph to add
// nodes to. Each row answers with the value the layer gives.

import { fail } from "../../errors.js"
import type { Attribute, ConstantData } from "../../onnx/Graph.js"
import type { GraphBuilder } from "./GraphBuilder.js"
import type { Dims, Layout, Value } from "./Value.js"
import type { Weight } from "./Weight.js"

export interface LayerCallFields<Config> {
  /** Unique in the model: names of nested models and of the layer, joined by `/`. */
  readonly path: string
  readonly kind: string
  readonly config: Config
  /** In the order of `layer.getWeights()`. */
  readonly weights: readonly Weight[]
  readonly inputs: readonly Value[]
  /** Of the output, in tfjs's order. */
  readonly shape: Dims
  readonly graph: GraphBuilder
}

interface PartOptions {
  /** What the node is in its layer, such as `relu`; absent for the node that carries the layer's name. */
  readonly part?: string
  readonly layout: Layout
  readonly shape?: Dims
  readonly attributes?: Readonly<Record<string, Attribute>>
}

export class LayerCall<Config = Readonly<Record<string, unknown>>> {
  readonly path!: string
  readonly kind!: string
  readonly config!: Config
  readonly weights!: readonly Weight[]
  readonly inputs!: readonly Value[]
  readonly shape!: Dims
  readonly graph!: GraphBuilder

  constructor(fields: LayerCallFields<Config>) {
    Object.assign(this, fields)
  }

  /** The only input of a layer that takes one. */
  get input(): Value {
    return this.inputs[0]!
  }

  get first(): Value {
    return this.graph.channelsFirst(this.input)
  }

  get last(): Value {
    return this.graph.channelsLast(this.input)
  }

  node(op: string, inputs: readonly (Value | string)[], options: PartOptions): Value {
    const { part, layout, shape = this.shape, attributes = {} } = options
    const name = part === undefined ? this.path : `${this.path}/${part}`
    return this.graph.node(op, inputs, { name, layout, shape, attributes })
  }

  weight(part: string, { shape, data }: Weight): string {
    return this.constant(part, shape, data)
  }

  constant(part: string, shape: readonly number[], data: ConstantData): string {
    return this.graph.constant(`${this.path}/${part}`, shape, data)
  }

  scalar(part: string, value: number): string {
    return this.constant(part, [], Float32Array.of(value))
  }

  /** LAYER_NOT_EXPORTABLE, naming the layer. */
  refuse(problem: string, fix: string): Error {
    return fail("LAYER_NOT_EXPORTABLE", { layer: this.path, kind: this.kind, problem, fix })
  }
}

export type LayerRow = (call: LayerCall) => Value

/** A row whose layer has this configuration (what the layer's own `getConfig` gives). */
export function row<Config>(make: (call: LayerCall<Config>) => Value): LayerRow {
  return make as unknown as LayerRow
}
