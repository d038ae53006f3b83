// What stands between the data of a training and fitDataset: tensors are checked and split, tables are made into rows
// (prepareSource.ts). Not the training: train.ts.

import { fail } from "../../errors.js"
import type { Tf } from "../tf.js"
import type { TensorData, TrainOptions } from "../trainOptions.js"
import { type BatchSource, isBatchSource } from "./BatchSource.js"
import { type FeedOptions, limited } from "./dataset.js"
import { prepareSource } from "./prepareSource.js"
import { checkWeights, classTable, countLabels, labelsOf, rowWeights, weightTensor } from "./rowWeights.js"
import type { Share } from "./share.js"
import { type Prepared, splitTensors } from "./split.js"
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
  data: TensorData,
  options: TrainOptions,
  feed: FeedOptions,
): Promise<Prepared> {
  await checkTensors(tf, model, data, "train")
  const { validation } = options
  if (validation !== undefined && !isBatchSource(validation))
    await checkTensors(tf, model, validation, "train: validation")
  const given = validation === undefined ? undefined : tensorsOf(validation)
  const w = await weightsOf(tf, model, data, options)
  // As `model.fit` takes it: one number a row is a column.
  const y = tf.reshape(data.y, data.y.rank === 1 ? [-1, 1] : data.y.shape)
  const split = splitTensors(tf, { x: data.x, y, w }, options, feed)
  return {
    ...split,
    validation: given ?? split.validation,
    tensors: [...split.tensors, y, ...(w === undefined ? [] : [w])],
  }
}

async function weightsOf(
  tf: Tf,
  model: LayersModel,
  { y }: TensorData,
  { classWeight, sampleWeight }: TrainOptions,
): Promise<Tensor | undefined> {
  if (classWeight === undefined && sampleWeight === undefined) return undefined
  const own = sampleWeight === undefined ? undefined : await numbersOf(sampleWeight, y.shape[0]!)
  const labels = await labelsOf(tf, y)
  const table = classWeight && classTable(model, classWeight, countLabels(new Map(), labels), undefined)
  return weightTensor(tf, model, rowWeights(labels, table, own))
}

async function numbersOf(weight: string | Tensor, rows: number): Promise<Float32Array> {
  const bad = (value: string) =>
    fail("BAD_VALUE", {
      where: "train",
      name: "sampleWeight",
      value,
      fix: "Beside `data: { x, y }` it is a tensor of one number from 0 on a row.",
    })
  if (typeof weight === "string") throw bad(`\`${weight}\`, which is no tensor`)
  if (weight.size !== rows) throw bad(`${weight.size} numbers for ${rows} rows`)
  const values = Float32Array.from(await weight.data())
  const at = values.findIndex(value => !(value >= 0 && Number.isFinite(value)))
  if (at >= 0) throw bad(`${values[at]} in row ${at} (from 0)`)
  return values
}

function tensorsOf(validation: BatchSource | TensorData): [Tensor, Tensor] {
  if (isBatchSource(validation))
    throw fail("BAD_VALUE", {
      where: "train",
      name: "validation",
      value: "a frame, while `data` is tensors",
      fix: "Pass `validation: { x, y }` as well.",
    })
  return [validation.x, validation.y]
}
