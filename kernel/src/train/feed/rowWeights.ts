// What each row counts for in the loss: a column of the table or a tensor, times the weight of the row's class. Weights
// travel with the targets of their batch to the step, because tfjs's fitDataset has no place for them (and reads the
// targets back each step for class weights). The loss is the mean over rows of loss times weight, as in Keras.

import { didYouMean, fail } from "../../errors.js"
import type { Tf } from "../tf.js"
import { oneEach, outputsOf, takesClassNumbers } from "./labels.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type LayersModel = import("@tensorflow/tfjs").LayersModel

/** By class number or text; a class that is left out counts 1. `balanced`: rows over classes times rows of the class. */
export type ClassWeight = Readonly<Record<string, number>> | "balanced"

const weightsOfTargets = new WeakMap<Tensor, Tensor>()

/** Has the step that gets `ys` weigh its rows. */
export function weigh(ys: Tensor, weights: Tensor): void {
  weightsOfTargets.set(ys, weights)
}

/** Calls `step` with the weights of the batch behind its data, when it has some, and disposes them. */
export function withWeights<T>(
  data: (Tensor | null)[],
  inputs: number,
  step: (data: (Tensor | null)[]) => T,
): T {
  const targets = data[inputs]
  const weights = targets ? weightsOfTargets.get(targets) : undefined
  if (weights === undefined) return step(data)
  weightsOfTargets.delete(targets!)
  try {
    return step([...data, weights])
  } finally {
    weights.dispose()
  }
}

/** @throws BAD_VALUE where the loss has no number a row, or a weight is none */
export function checkWeights(model: LayersModel, classWeight: ClassWeight | undefined, name: string): void {
  oneEach(model, "train", name)
  if (takesClassNumbers(model) && model.outputs[0]!.shape.length > 2)
    throw fail("BAD_VALUE", {
      where: "train",
      name,
      value: "given for a loss of class numbers with several a row",
      fix: 'Use one-hot targets with loss "categoricalCrossentropy".',
    })
  if (classWeight === undefined || classWeight === "balanced") return
  for (const [key, weight] of Object.entries(classWeight))
    if (!(typeof weight === "number" && weight >= 0 && Number.isFinite(weight)))
      throw fail("BAD_VALUE", {
        where: "train",
        name: `classWeight["${key}"]`,
        value: String(weight),
        fix: "Give a number from 0 on.",
      })
}

/** Rows by class number. */
export type LabelCounts = Map<number, number>

export function countLabels(counts: LabelCounts, labels: ArrayLike<number>): LabelCounts {
  for (let i = 0; i < labels.length; i++) counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1)
  return counts
}

/** Weight by class number. `classes` are the texts of a text label. */
export function classTable(
  model: LayersModel,
  weight: ClassWeight,
  counts: LabelCounts,
  classes: readonly string[] | undefined,
): ReadonlyMap<number, number> {
  if (weight === "balanced") return balanced(counts)
  const count = Math.max(outputsOf(model), 2)
  const known = classes ?? Array.from({ length: count }, (_, i) => String(i))
  return new Map(
    Object.entries(weight).map(([key, value]) => {
      const place = known.indexOf(key)
      if (place >= 0) return [place, value]
      const fix = `The classes are ${known.slice(0, 12).join(", ")}.${didYouMean(key, known)}`
      throw fail("BAD_VALUE", { where: "train", name: "classWeight", value: `given for \`${key}\``, fix })
    }),
  )
}

function balanced(counts: LabelCounts): ReadonlyMap<number, number> {
  const rows = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return new Map([...counts].map(([label, count]) => [label, rows / (counts.size * count)]))
}

/** One number a row; `own` is what the row's column says. */
export function rowWeights(
  labels: ArrayLike<number>,
  table: ReadonlyMap<number, number> | undefined,
  own: Float32Array | undefined,
): Float32Array {
  return Float32Array.from(labels, (label, i) => (own?.[i] ?? 1) * (table?.get(label) ?? 1))
}

/** As the loss has its numbers: one a row, and axes of one where a row has several. */
export function weightTensor(tf: Tf, model: LayersModel, weights: Float32Array): Tensor {
  const rank = model.outputs[0]!.shape.length - 1
  return tf.tensor(weights, [weights.length, ...new Array<number>(Math.max(rank - 1, 0)).fill(1)])
}

/** The class of each row of targets: numbers as they are, one-hot rows by their largest. */
export async function labelsOf(tf: Tf, y: Tensor): Promise<ArrayLike<number>> {
  if (y.size === y.shape[0]) return y.data()
  const largest = tf.tidy(() => tf.argMax(y, -1))
  try {
    return await largest.data()
  } finally {
    largest.dispose()
  }
}
