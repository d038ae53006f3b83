// How right a network is on one row, which depends on what it was trained for: shares of right answers for classes,
// squared errors for numbers. Not the comparison of two networks: compareScores.ts.

import { fail } from "../../errors.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

export interface Metric {
  readonly name: "accuracy" | "binary accuracy" | "mean squared error"
  readonly better: "higher" | "lower"
  /** Every row is right or wrong, with nothing between. */
  readonly isBinary: boolean
  /** Of one row: its output and its label. */
  score(output: Float32Array, label: Float32Array): number
}

const accuracy: Metric = {
  name: "accuracy",
  better: "higher",
  isBinary: true,
  score: (output, label) => {
    const wanted = label.length === 1 ? label[0] : largest(label)
    return largest(output) === wanted ? 1 : 0
  },
}

const squaredError: Metric = {
  name: "mean squared error",
  better: "lower",
  isBinary: false,
  score: (output, label) => mean(output, (value, i) => (value - label[i]!) ** 2),
}

/** The share of a row's outputs that are on the label's side of one half. */
const binaryAccuracy = (outputs: number): Metric => ({
  name: "binary accuracy",
  better: "higher",
  isBinary: outputs === 1,
  score: (output, label) => mean(output, (value, i) => (value > 0.5 === label[i]! > 0.5 ? 1 : 0)),
})

/** By the loss it was compiled with; by its last activation when it was not. @throws BAD_VALUE for labels of another width. */
export function metricOf(model: LayersModel, labelWidth: number): Metric {
  const outputs = model.outputs[0]!.shape.slice(1).reduce<number>((size, length) => size * (length ?? 1), 1)
  const metric = chosen(lossOf(model), lastActivation(model), outputs)
  const isClass = metric === accuracy && labelWidth === 1
  if (isClass || labelWidth === outputs) return metric
  const value = `with labels of ${labelWidth} numbers a row, and the model gives ${outputs}`
  const fix = "Give labels as the model was trained on: class numbers, one-hot rows, or its targets."
  throw fail("BAD_VALUE", { where: "compress", name: "evaluate", value, fix })
}

function chosen(loss: string, activation: string | undefined, outputs: number): Metric {
  if (/categoricalCrossentropy/i.test(loss)) return accuracy
  if (/binaryCrossentropy/i.test(loss)) return activation === "softmax" ? accuracy : binaryAccuracy(outputs)
  if (loss !== "") return squaredError
  if (activation === "softmax") return accuracy
  return activation === "sigmoid" ? binaryAccuracy(outputs) : squaredError
}

/** The name of the loss; empty for a model that was not compiled. */
function lossOf(model: LayersModel): string {
  const { loss } = model as { loss?: unknown }
  const first = Array.isArray(loss) ? loss[0] : loss
  if (typeof first === "function") return first.name || "custom"
  return typeof first === "string" ? first : ""
}

/** Of the layer that gives the model's output, in whatever model it is nested. */
function lastActivation(model: LayersModel): string | undefined {
  let { outputs } = model
  let layer = outputs[0]!.sourceLayer
  while (layer instanceof Object && Array.isArray((layer as Partial<LayersModel>).layers)) {
    outputs = (layer as LayersModel).outputs
    layer = outputs[0]!.sourceLayer
  }
  if (layer.getClassName() === "Softmax") return "softmax"
  return layer.getConfig().activation as string | undefined
}

function largest(values: Float32Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}

function mean(values: Float32Array, term: (value: number, i: number) => number): number {
  let sum = 0
  for (const [i, value] of values.entries()) sum += term(value, i)
  return sum / values.length
}
