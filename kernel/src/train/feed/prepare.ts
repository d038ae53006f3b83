// What stands between a table and fitDataset: reads the data, learns what its columns need, splits off validation rows,
// and decides between memory and streaming. Not the training: train.ts.

import { fail } from "../../errors.js"
import type { Tf } from "../tf.js"
import type { TensorData, TrainOptions } from "../trainOptions.js"
import { type BatchSource, isBatchSource } from "./BatchSource.js"
import {
  type FeedOptions,
  type Shaping,
  streamDataset,
  type TfDataset,
  type TrainBatch,
  tensorDataset,
} from "./dataset.js"
import { inputShape } from "./inputShape.js"
import { labelRule, outputsOf, takesClassNumbers } from "./labels.js"
import { RowMaker, type RowOptions, type Rows } from "./RowMaker.js"
import { seeded } from "./random.js"
import { checkTensors } from "./tensorChecks.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type LayersModel = import("@tensorflow/tfjs").LayersModel

/** Rows are kept in memory, and on the device, up to this many bytes; larger data is streamed each epoch. */
const memoryLimit = 1 << 30

/** Training and validation data in the form that fitDataset takes. */
export interface Prepared {
  readonly dataset: TfDataset
  readonly rows: number
  readonly validation: [Tensor, Tensor] | TfDataset | undefined
  readonly maker: RowMaker | undefined
  readonly tensors: readonly Tensor[]
}

export async function prepare(tf: Tf, model: LayersModel, options: TrainOptions): Promise<Prepared> {
  const feed: FeedOptions = {
    batchSize: options.batchSize ?? 128,
    shuffle: options.shuffle ?? true,
    seed: options.seed ?? 0,
  }
  const { data } = options
  const prepared = isBatchSource(data)
    ? await prepareSource(tf, model, data, options, feed)
    : await prepareTensors(tf, model, data, options, feed)
  checkBatchSize(options, prepared.rows)
  return prepared
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
  return splitTensors(tf, data.x, data.y, options, feed)
}

function splitTensors(tf: Tf, x: Tensor, y: Tensor, options: TrainOptions, feed: FeedOptions): Prepared {
  const parts = splitRows(x.shape[0]!, options)
  const given = options.validation === undefined ? undefined : tensorsOf(options.validation)
  if (parts === undefined)
    return {
      dataset: tensorDataset(tf, x, y, feed),
      rows: x.shape[0]!,
      validation: given,
      maker: undefined,
      tensors: [],
    }
  const pick = (rows: Int32Array, from: Tensor) => tf.gather(from, tf.tensor1d(rows, "int32"))
  const made = tf.tidy(() => [
    pick(parts.train, x),
    pick(parts.held, y),
    pick(parts.train, y),
    pick(parts.held, x),
  ])
  const [trainX, heldY, trainY, heldX] = made as [Tensor, Tensor, Tensor, Tensor]
  return {
    dataset: tensorDataset(tf, trainX, trainY, feed),
    rows: parts.train.length,
    validation: given ?? [heldX, heldY],
    maker: undefined,
    tensors: made,
  }
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

/** A seeded split; the same rows for the same seed and number of rows. */
function splitRows(rows: number, { validationSplit = 0, seed = 0 }: TrainOptions) {
  if (validationSplit === 0) return undefined
  const random = seeded(seed ^ 0x5bd1e995)
  const held = Uint8Array.from({ length: rows }, () => (random() < validationSplit ? 1 : 0))
  const pick = (wanted: number) =>
    Int32Array.from({ length: rows }, (_, i) => i).filter(i => held[i] === wanted)
  return { train: pick(0), held: pick(1) }
}

async function prepareSource(
  tf: Tf,
  model: LayersModel,
  source: BatchSource,
  options: TrainOptions,
  feed: FeedOptions,
): Promise<Prepared> {
  const { features, label, normalise = "none", encode = "none", missing = "error" } = options
  const rowOptions: RowOptions = {
    where: "train",
    features: typeof features === "string" ? [features] : features,
    label: label!,
    normalise,
    encode,
    missing,
    labelRule: labelRule(model),
  }
  const maker = new RowMaker(rowOptions)
  for await (const batch of source.batches()) maker.meet(batch)
  maker.settle()
  if (maker.width === 0)
    throw fail("TRAIN_NO_DATA", {
      where: "train",
      fix: "The frame is empty: check its filters and its path.",
    })
  const shape = inputShape(model, maker, "train")
  const toTensors = (rows: Rows): TrainBatch => tensorsOfRows(tf, model, rows, shape)
  const shaping = { maker, toTensors }
  const kept = await collect(source, maker)
  if (kept === undefined) {
    const validation = options.validation && (await validationTensors(tf, model, options.validation, shaping))
    if (validation === undefined && (options.validationSplit ?? 0) > 0)
      throw fail("BAD_VALUE", {
        where: "train",
        name: "validationSplit",
        value: "given for data that does not fit in memory",
        fix: "Split the frame yourself and pass `validation`.",
      })
    const dataset = streamDataset(source, shaping, maker.rows, feed)
    return { dataset, rows: maker.rows, validation, maker, tensors: ownTensors(options, validation) }
  }
  const { xs: x, ys: y } = toTensors(kept)
  const split = splitTensors(tf, x, y, { ...options, validation: undefined }, feed)
  const given = options.validation && (await validationTensors(tf, model, options.validation, shaping))
  return {
    ...split,
    maker,
    validation: given ?? split.validation,
    tensors: [...split.tensors, x, y, ...ownTensors(options, given)],
  }
}

/** Those that were made here; tensors that the user gave stay the user's. */
function ownTensors({ validation }: TrainOptions, made: [Tensor, Tensor] | undefined): readonly Tensor[] {
  return isBatchSource(validation) ? (made ?? []) : []
}

/** All rows, normalised, or undefined when they are too many; measures them either way. */
async function collect(source: BatchSource, maker: RowMaker): Promise<Rows | undefined> {
  const parts: Rows[] = []
  let [bytes, from] = [0, 0]
  for await (const batch of source.batches()) {
    const made = maker.make(batch, true, from)
    from += batch.rows
    maker.measure(made)
    bytes += made.x.byteLength
    if (bytes > memoryLimit) parts.length = 0
    else parts.push(made)
  }
  maker.settleNormalisation()
  if (maker.rows === 0)
    throw fail("TRAIN_NO_DATA", {
      where: "train",
      fix: 'Every row has a missing value, and `missing: "drop"` leaves none.',
    })
  if (bytes > memoryLimit) return undefined
  const whole = joined(parts, maker.width)
  maker.normalise(whole.x)
  return whole
}

function joined(parts: readonly Rows[], width: number): Rows {
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const whole = { count, x: new Float32Array(count * width), y: new Float32Array(count) }
  let at = 0
  for (const part of parts) {
    whole.x.set(part.x, at * width)
    whole.y.set(part.y, at)
    at += part.count
  }
  return whole
}

async function validationTensors(
  tf: Tf,
  model: LayersModel,
  validation: BatchSource | TensorData,
  { maker, toTensors }: Shaping,
): Promise<[Tensor, Tensor]> {
  if (!isBatchSource(validation)) {
    await checkTensors(tf, model, validation, "train: validation")
    return [validation.x, validation.y]
  }
  const parts: Rows[] = []
  let from = 0
  for await (const batch of validation.batches()) {
    parts.push(maker.make(batch, true, from))
    from += batch.rows
  }
  const whole = joined(parts, maker.width)
  if (whole.count === 0)
    throw fail("TRAIN_NO_DATA", { where: "train: validation", fix: "The validation frame is empty." })
  maker.normalise(whole.x)
  const { xs, ys } = toTensors(whole)
  return [xs, ys]
}

function tensorsOfRows(
  tf: Tf,
  model: LayersModel,
  { count, x, y }: Rows,
  shape: readonly number[],
): TrainBatch {
  const xs = tf.tensor(x, [count, ...shape], "float32")
  const outputs = outputsOf(model)
  if (outputs === 1 || takesClassNumbers(model)) return { xs, ys: tf.tensor(y, [count, 1], "float32") }
  return { xs, ys: tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(y, "int32"), outputs), "float32")) }
}
