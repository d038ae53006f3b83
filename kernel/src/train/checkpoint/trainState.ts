// What a model and its optimizer hold, as named arrays, and back into them: exactly, so that a training that goes on is
// equal to one that never stopped. Knows tfjs's optimizers only by their variables. Not files: CheckpointFolder.ts.

import { didYouMean, fail } from "../../errors.js"
import type { Tf } from "../tf.js"
import type { NamedArray } from "./safetensors.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Tensor = import("@tensorflow/tfjs").Tensor
type Variable = import("@tensorflow/tfjs").Variable

/** Arrays of the model by the names of its weights, and of its optimizer by their place in it. */
export interface TrainState {
  readonly model: readonly NamedArray[]
  readonly optimizer: readonly NamedArray[]
  readonly optimizerClass: string
  /** Steps that the optimizer has made. */
  readonly iterations: number
  readonly learningRate: number | undefined
}

interface Slots {
  readonly [field: string]: unknown
  iterations_?: number
  learningRate?: number
  getClassName(): string
}
interface Slot {
  readonly originalName: string
  readonly variable: Variable
}

/** Copies on the host: the variables stay the only owners of their memory. */
export function weightsOf(model: LayersModel): Promise<readonly NamedArray[]> {
  return Promise.all(namedWeights(model).map(([name, tensor]) => arrayOf(name, tensor)))
}

export function putWeights(tf: Tf, model: LayersModel, weights: readonly NamedArray[]): void {
  tf.tidy(() => {
    model.setWeights(weights.map(tensorFrom(tf)))
  })
}

export async function stateOf(tf: Tf, model: LayersModel): Promise<TrainState> {
  const optimizer = model.optimizer as unknown as Slots
  return {
    model: await weightsOf(model),
    optimizer: await Promise.all(
      variablesOf(tf, optimizer).map(([name, variable]) => arrayOf(name, variable)),
    ),
    optimizerClass: optimizer.getClassName(),
    iterations: optimizer.iterations_ ?? 0,
    learningRate: optimizer.learningRate,
  }
}

/** @throws CHECKPOINT_OTHER_MODEL, which says what differs; then nothing was changed. */
export function restoreState(tf: Tf, model: LayersModel, state: TrainState, path: string): void {
  const optimizer = model.optimizer as unknown as Slots
  const weights = namedWeights(model)
  const difference =
    differenceOf(weights, state.model) ??
    otherOptimizer(optimizer.getClassName(), state.optimizerClass) ??
    noPlaceFor(optimizer, state.optimizer)
  if (difference !== undefined) throw fail("CHECKPOINT_OTHER_MODEL", { path, difference })
  putWeights(tf, model, state.model)
  for (const array of state.optimizer) putSlot(tf, optimizer, array)
  optimizer.iterations_ = state.iterations
  if (state.learningRate !== undefined) optimizer.learningRate = state.learningRate
}

/** The weights' own names carry a number of the process (`dense_Dense1/kernel`), so the place in the model goes first. */
function namedWeights(model: LayersModel): [string, Tensor][] {
  const weights = (model as unknown as { weights: { originalName: string; shape: number[] }[] }).weights
  const values = model.getWeights()
  return weights.map(({ originalName }, i) => [`${i}/${originalName}`, values[i]!])
}

function differenceOf(weights: [string, Tensor][], saved: readonly NamedArray[]): string | undefined {
  if (weights.length !== saved.length) {
    return `it has ${saved.length} weights, and this model ${weights.length}`
  }
  for (const [i, [name, tensor]] of weights.entries()) {
    const { name: other, shape } = saved[i]!
    if (String(shape) === String(tensor.shape)) continue
    return `\`${other}\` is ${shapeText(shape)} there, and \`${name}\` is ${shapeText(tensor.shape)} here`
  }
  return undefined
}

const shapeText = (shape: readonly number[]) => `[${shape.join(", ")}]`

function otherOptimizer(here: string, there: string): string | undefined {
  return here === there
    ? undefined
    : `it was trained with ${there}, and this model is compiled with ${here}${didYouMean(here, [there])}`
}

/** Averages of weights are there only where this run keeps some as well. */
function noPlaceFor(optimizer: Slots, saved: readonly NamedArray[]): string | undefined {
  const field = saved.map(({ name }) => name.split("/")[0]!).find(name => !(name in optimizer))
  if (field === undefined) return undefined
  if (field === "lossScale") return 'it was trained with `precision: "f16"`, and this run is without'
  return field === "averages"
    ? "it was trained with `ema`, and this run is without"
    : `it holds \`${field}\`, and this optimizer has none`
}

/** Every variable of an optimizer: single ones by their field, lists of slots by field and number. */
export function variablesOf(tf: Tf, optimizer: Slots): [string, Variable][] {
  const found: [string, Variable][] = []
  for (const [field, value] of Object.entries(optimizer)) {
    if (value instanceof tf.Variable) found.push([field, value])
    if (!Array.isArray(value)) continue
    for (const [i, slot] of (value as (Slot | null)[]).entries()) {
      if (slot?.variable instanceof tf.Variable)
        found.push([`${field}/${i}/${slot.originalName}`, slot.variable])
    }
  }
  return found
}

function putSlot(tf: Tf, optimizer: Slots, array: NamedArray): void {
  const [field, index, ...rest] = array.name.split("/") as [string, string?, ...string[]]
  const tensor = tensorFrom(tf)(array)
  const known = index === undefined ? optimizer[field] : (optimizer[field] as Slot[])[Number(index)]?.variable
  if (known instanceof tf.Variable) known.assign(tensor)
  else if (index !== undefined) {
    // Slots are made by the first step, which is not made again.
    const variable = tf.variable(tensor, false)
    ;(optimizer[field] as Slot[])[Number(index)] = { originalName: rest.join("/"), variable }
  }
  tensor.dispose()
}

async function arrayOf(name: string, tensor: Tensor): Promise<NamedArray> {
  const values = (await tensor.data()) as NamedArray["values"]
  // The backend may lend its own memory.
  return { name, shape: [...tensor.shape], values: values.slice() }
}

function tensorFrom(tf: Tf) {
  return ({ values, shape }: NamedArray) =>
    tf.tensor(
      values,
      [...shape],
      values instanceof Float32Array ? "float32" : values instanceof Int32Array ? "int32" : "bool",
    )
}
