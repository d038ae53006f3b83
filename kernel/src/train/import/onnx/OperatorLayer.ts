// The layer that stands for a node which no layer of TensorFlow.js is: it runs the operator's row on tensors. All that it
// needs is in its config, so a model that holds some is saved, loaded, copied and sent to workers like any other.

import { Call, type CallArgument, type Operator, type Settings, type Tf } from "./Operator.js"
import { batches, type Order } from "./Value.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type LayerVariable = import("@tensorflow/tfjs").LayerVariable
type Shape = (number | null)[]

export type Argument =
  | { readonly live: number }
  | { readonly weight: number }
  | {
      readonly known: {
        readonly type: "float32" | "int32" | "bool"
        readonly shape: readonly number[]
        readonly data: readonly number[]
      }
    }
  | null

export interface WeightSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly type: "float32" | "int32" | "bool"
  readonly trainable: boolean
}

export interface OperatorConfig {
  readonly op: string
  readonly operatorSet: number
  readonly settings: Settings
  readonly order: Order
  readonly args: readonly Argument[]
  readonly weights: readonly WeightSpec[]
  /** Of the live inputs: TensorFlow.js hands everything from layer to layer as floats. */
  readonly inputTypes: readonly ("float32" | "int32" | "bool")[]
  /** As they lie, the batch as its prime. */
  readonly inputDims: readonly (readonly number[])[]
  readonly outputShapes: readonly Shape[]
}

interface LayerConfig {
  readonly name?: string
  readonly trainable?: boolean
  /** Under a key `name`, the one text that tfjs saves and loads as it is. */
  readonly operator: { readonly name: string }
}

type Values = readonly (Float32Array | Int32Array | Uint8Array | undefined)[]
/** The class is tfjs's own kind; this is how it is made. */
export type OperatorLayerClass = new (
  config: LayerConfig,
  values?: Values,
) => import("@tensorflow/tfjs").layers.Layer

const classes = new WeakMap<Tf, OperatorLayerClass>()

export function operatorLayer(tf: Tf, table: ReadonlyMap<string, Operator>): OperatorLayerClass {
  const known = classes.get(tf)
  if (known !== undefined) return known

  class OnnxOperator extends tf.layers.Layer {
    static readonly className = "OnnxOperator"
    readonly operator: OperatorConfig
    private readonly variables: LayerVariable[] = []
    private readonly kept = new Map<string, Tensor>()

    constructor(
      private readonly made: LayerConfig,
      private readonly values: Values = [],
    ) {
      super({ name: made.name, trainable: made.trainable ?? true } as never)
      this.operator = decodeConfig(made.operator.name)
    }

    override build(inputShape: Shape | Shape[]): void {
      if (this.built) return
      for (const [i, { name, shape, type, trainable }] of this.operator.weights.entries()) {
        const values = this.values[i]
        const first = {
          apply: () =>
            values === undefined ? tf.zeros([...shape], type) : tf.tensor(values, [...shape], type),
        }
        this.variables.push(this.addWeight(name, [...shape], type, first as never, undefined, trainable))
      }
      super.build(inputShape)
      this.built = true
    }

    override computeOutputShape(): Shape | Shape[] {
      const { outputShapes } = this.operator
      return outputShapes.length === 1 ? [...outputShapes[0]!] : outputShapes.map(shape => [...shape])
    }

    override call(inputs: Tensor | Tensor[]): Tensor | Tensor[] {
      const tensors = [inputs].flat()
      return tf.tidy(() => {
        const weights = this.variables.map(variable => variable.read())
        return runOperator(tf, table, this.operator, { inputs: tensors, weights, keep: this.keep })
      })
    }

    private readonly keep = (key: string, make: () => Tensor): Tensor => {
      const known = this.kept.get(key)
      if (known !== undefined && !known.isDisposed) return known
      const made = tf.keep(make())
      this.kept.set(key, made)
      return made
    }

    override dispose() {
      for (const tensor of this.kept.values()) tensor.dispose()
      this.kept.clear()
      return super.dispose()
    }

    override getConfig() {
      return { ...super.getConfig(), operator: { name: this.made.operator.name } }
    }
  }
  tf.serialization.registerClass(OnnxOperator as never)
  classes.set(tf, OnnxOperator as unknown as OperatorLayerClass)
  return OnnxOperator as unknown as OperatorLayerClass
}

export interface OperatorInputs {
  readonly inputs: readonly Tensor[]
  readonly weights: readonly Tensor[]
  /** Keeps constants from call to call; without it each call makes its own. */
  readonly keep?: (key: string, make: () => Tensor) => Tensor
}

/** The row's result on these tensors: what a layer gives, and what tells its shapes beforehand. */
export function runOperator(
  tf: Tf,
  table: ReadonlyMap<string, Operator>,
  config: OperatorConfig,
  { inputs, weights, keep = (_, make) => make() }: OperatorInputs,
): Tensor | Tensor[] {
  const rows = batchOf(config.inputDims, inputs)
  const typed = inputs.map((input, i) => withType(tf, input, config.inputTypes[i]!))
  const args = config.args.map((arg): CallArgument | undefined => {
    if (arg === null) return undefined
    if ("live" in arg) return { tensor: typed[arg.live]! }
    if ("weight" in arg) return { tensor: weights[arg.weight]! }
    const { data, ...rest } = arg.known
    return { known: { ...rest, data: data.map(value => rows * (batches(value) ?? Number.NaN) || value) } }
  })
  const call = new Call(
    tf,
    config.settings,
    config.operatorSet,
    config.order,
    config.outputShapes.length,
    args,
    keep,
  )
  return table.get(config.op)!.run(call)
}

function withType(tf: Tf, x: Tensor, type: "float32" | "int32" | "bool"): Tensor {
  if (x.dtype === type) return x
  return type === "bool" ? tf.notEqual(x, 0) : tf.cast(x, type)
}

/** Rows of this batch, told by the first length that depends on them. */
function batchOf(dims: readonly (readonly number[])[], inputs: readonly Tensor[]): number {
  for (const [i, lengths] of dims.entries())
    for (const [axis, length] of lengths.entries()) {
      const times = batches(length)
      if (times !== undefined) return inputs[i]!.shape[axis]! / times
    }
  return 1
}

/** JSON has no infinities, which masks are made of. */
const special = { Infinity: "+inf", "-Infinity": "-inf", NaN: "nan" } as const

export function encodeConfig(config: OperatorConfig): string {
  return JSON.stringify(config, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value)
      ? special[String(value) as keyof typeof special]
      : value,
  )
}

function decodeConfig(text: string): OperatorConfig {
  return JSON.parse(text, (_, value: unknown) => {
    if (value === "+inf") return Infinity
    if (value === "-inf") return -Infinity
    return value === "nan" ? Number.NaN : value
  }) as OperatorConfig
}
