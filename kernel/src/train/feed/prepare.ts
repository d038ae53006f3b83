// What stands between the data of a training and fitDataset: tensors are checked and split, tables are made into rows
// (prepareSource.ts). Not the training: train.ts.

import { fail } from "../../errors.js"
import type { Tf } from "../tf.js"
import type { TrainOptions, TrainTensors, ValidationTensors } from "../trainOptions.js"
import { type BatchSource, isBatchSource } from "./BatchSource.js"
import { type FeedOptions, limited } from "./dataset.js"
import { heldTensors, numbersOf } from "./heldTensors.js"
import { prepareSource } from "./prepareSource.js"
import { checkWeights, classTable, countLabels, labelsOf, rowWeights, weightTensor } from "./rowWeights.js"
import type { Share } from "./share.js"
import { type Prepared, splitTensors, tensorsIn, type WholeData } from "./split.js"
import { checkTensors } from "./tensorChecks.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type LayersModel = import("@tensorflow/tfjs").LayersModel

export async function prepare(
  tf: Tf,
  model: LayersModel,
  options: TrainOptions,
  share?: Share,
): Promise<Prepared> {
  const { feed, steps } = feedOf(options, share)
  const { data, classWeight, sampleWeight } = options
  if (classWeight !== undefined || sampleWeight !== undefined)
    checkWeights(model, classWeight, classWeight === undefined ? "sampleWeight" : "classWeight")
  const prepared = isBatchSource(data)
    ? await prepareSource(tf, model, data, options, feed)
    : await prepareTensors(tf, model, data, options, feed)
  checkBatchSize(options, prepared.rows)
  return steps === undefined ? prepared : { ...prepared, dataset: limited(prepared.dataset, steps) }
}

/** How batches are picked from rows. */
export function feedOf(
  { batchSize = 128, shuffle: mixing = true, seed = 0, steps }: TrainOptions,
  share?: Share,
): {
  feed: FeedOptions
  steps: number | undefined
} {
  const [shuffle, buffer] = typeof mixing === "object" ? [true, mixing.buffer] : [mixing, undefined]
  return { feed: { batchSize, shuffle, buffer, seed, share }, steps }
}

/** The default may be more than there are rows; a size that was asked for may not. */
function checkBatchSize({ batchSize }: TrainOptions, rows: number): void {
  if (batchSize === undefined || batchSize <= rows) return
  throw fail("BAD_VALUE", {
    where: "train",
    name: "batchSize",
    value: `${batchSize}, and there are ${rows} rows to train on`,
    fix: `Give at most ${rows}, or leave it out.`,
  })
}

async function prepareTensors(
  tf: Tf,
  model: LayersModel,
  data: TrainTensors,
  options: TrainOptions,
  feed: FeedOptions,
): Promise<Prepared> {
  const { x, y: targets } = await checkTensors(tf, model, data, "train")
  const { validation } = options
  const given = validation === undefined ? undefined : await heldTensors(tf, model, asTensors(validation))
  const { w, own } = await weightsOf(tf, model, targets[0]!, options)
  // As `model.fit` takes it: one number a row is a column.
  const y = targets.map(one => tf.reshape(one, one.rank === 1 ? [-1, 1] : one.shape))
  const split = splitTensors(tf, { x, y, w, own }, options, feed)
  return {
    ...split,
    validation: given?.held ?? split.validation,
    tensors: [...split.tensors, ...tensorsIn({ x: [], y, w, own }), ...(given?.made ?? [])],
  }
}

async function weightsOf(
  tf: Tf,
  model: LayersModel,
  y: Tensor,
  { classWeight, sampleWeight }: TrainOptions,
): Promise<Pick<WholeData, "w" | "own">> {
  if (classWeight === undefined && sampleWeight === undefined) return {}
  const numbers = sampleWeight === undefined ? undefined : await numbersOf(sampleWeight, y.shape[0]!)
  const own = numbers && weightTensor(tf, model, numbers)
  if (classWeight === undefined) return { w: own, own }
  const labels = await labelsOf(tf, y)
  const table = classTable(model, classWeight, countLabels(new Map(), labels), undefined)
  return { w: weightTensor(tf, model, rowWeights(labels, table, numbers)), own }
}

function asTensors(validation: BatchSource | ValidationTensors): ValidationTensors {
  if (isBatchSource(validation))
    throw fail("BAD_VALUE", {
      where: "train",
      name: "validation",
      value: "a frame, while `data` is tensors",
      fix: "Pass `validation: { x, y }` as well.",
    })
  return validation
}
