// A table as training data: read once to learn what its columns need, once more to make the rows, which stay in memory when
// they fit and are streamed each epoch when not. Tensors: prepare.ts.

import { fail } from "../../errors.js"
import type { Tf } from "../tf.js"
import type { TrainOptions, ValidationTensors } from "../trainOptions.js"
import { type BatchSource, isBatchSource } from "./BatchSource.js"
import type { FeedOptions, TrainBatch } from "./dataset.js"
import { type Held, heldTensors } from "./heldTensors.js"
import { imageShape } from "./images/ImageOptions.js"
import { imageSource } from "./images/imageSource.js"
import { inputShape } from "./inputShape.js"
import { labelRule, oneEach, outputsOf, takesClassNumbers } from "./labels.js"
import { RowMaker, type RowOptions, type Rows } from "./RowMaker.js"
import { classTable, countLabels, type LabelCounts, rowWeights, weightTensor } from "./rowWeights.js"
import { type Prepared, splitTensors, tensorsIn, type WholeData } from "./split.js"
import { streamDataset } from "./streaming.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

/** Rows are kept in memory, and on the device, up to this many bytes; larger data is streamed each epoch. */
const memoryLimit = 1 << 30

export async function prepareSource(
  tf: Tf,
  model: LayersModel,
  data: BatchSource,
  options: TrainOptions,
  feed: FeedOptions,
): Promise<Prepared> {
  oneEach(model, "train", "data")
  const images = options.images && {
    shape: imageShape(options.images),
    scale: (options.images.white ?? 1) / 255,
  }
  const source = images ? imageSource(data, images.shape, { where: "train" }) : data
  const {
    features,
    label,
    normalise = "none",
    encode = "none",
    missing = "error",
    sampleWeight,
    classWeight,
  } = options
  const rowOptions: RowOptions = {
    where: "train",
    features: typeof features === "string" ? [features] : features,
    label: label!,
    normalise,
    encode,
    missing,
    labelRule: labelRule(model),
    weight: weightColumn(sampleWeight),
    text: options.text,
    images,
  }
  const maker = new RowMaker(rowOptions)
  // Which columns there are and what texts they hold needs no pixels.
  const seen = images ? imageSource(data, images.shape, { where: "train", blank: true }) : data
  for await (const batch of seen.batches()) maker.meet(batch)
  maker.settle()
  if (maker.width === 0)
    throw fail("TRAIN_NO_DATA", {
      where: "train",
      fix: "The frame is empty: check its filters and its path.",
    })
  const shape = inputShape(model, maker, "train")
  const counts: LabelCounts | undefined = classWeight === "balanced" ? new Map() : undefined
  const kept = await collect(source, maker, counts, options.stream === true ? 0 : memoryLimit)
  const table = classWeight && classTable(model, classWeight, counts ?? new Map(), maker.classes)
  const toTensors = (rows: Rows): TrainBatch => {
    const batch = tensorsOfRows(tf, model, rows, shape)
    if (table === undefined && rows.w === undefined) return batch
    return { ...batch, ws: weightTensor(tf, model, rowWeights(rows.y, table, rows.w)) }
  }
  const shaping = { maker, toTensors }
  if (kept === undefined) {
    const given =
      options.validation && (await validationTensors(tf, model, options.validation, { maker, shape }))
    if (given === undefined && (options.validationSplit ?? 0) > 0)
      throw fail("BAD_VALUE", {
        where: "train",
        name: "validationSplit",
        value: "given for data that is streamed",
        fix: "Split the frame yourself and pass `validation`.",
      })
    const shards = (await source.parts?.()) ?? [source]
    return {
      dataset: streamDataset(shards, shaping, maker.rows, feed),
      rows: maker.rows,
      streamed: true,
      shards: shards.length,
      validation: given?.held,
      maker,
      tensors: given?.made ?? [],
    }
  }
  const { xs: x, ys: y, ws: w } = toTensors(kept)
  const own = kept.w && table ? weightTensor(tf, model, kept.w) : kept.w && w
  const whole: WholeData = { x: [x].flat(), y: [y].flat(), w, own }
  const split = splitTensors(tf, whole, options, feed)
  const given =
    options.validation && (await validationTensors(tf, model, options.validation, { maker, shape }))
  return {
    ...split,
    maker,
    validation: given?.held ?? split.validation,
    tensors: [...split.tensors, ...tensorsIn(whole), ...(given?.made ?? [])],
  }
}

/** All rows, normalised, or undefined when they are too many; measures them either way. */
async function collect(
  source: BatchSource,
  maker: RowMaker,
  counts: LabelCounts | undefined,
  limit: number,
): Promise<Rows | undefined> {
  const parts: Rows[] = []
  let [bytes, from] = [0, 0]
  for await (const batch of source.batches()) {
    const made = maker.make(batch, { from, weights: true })
    from += batch.rows
    maker.measure(made)
    if (counts !== undefined) countLabels(counts, made.y)
    bytes += made.x.byteLength
    if (bytes > limit) parts.length = 0
    else parts.push(made)
  }
  maker.settleNormalisation()
  if (maker.rows === 0)
    throw fail("TRAIN_NO_DATA", {
      where: "train",
      fix: 'Every row has a missing value, and `missing: "drop"` leaves none.',
    })
  if (bytes > limit) return undefined
  const whole = joined(parts, maker.width)
  maker.normalise(whole.x)
  return whole
}

function joined(parts: readonly Rows[], width: number): Rows {
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const whole = {
    count,
    x: new Float32Array(count * width),
    y: new Float32Array(count),
    w: parts.some(part => part.w !== undefined) ? new Float32Array(count) : undefined,
  }
  let at = 0
  for (const part of parts) {
    whole.x.set(part.x, at * width)
    whole.y.set(part.y, at)
    whole.w?.set(part.w!, at)
    at += part.count
  }
  return whole
}

async function validationTensors(
  tf: Tf,
  model: LayersModel,
  validation: BatchSource | ValidationTensors,
  { maker, shape }: { readonly maker: RowMaker; readonly shape: readonly number[] },
): Promise<Held> {
  if (!isBatchSource(validation)) return heldTensors(tf, model, validation)
  const parts: Rows[] = []
  let from = 0
  const { images } = maker.recipe
  const source = images ? imageSource(validation, images, { where: "train: validation" }) : validation
  for await (const batch of source.batches()) {
    parts.push(maker.make(batch, { from, weights: maker.weighsOf(batch) }))
    from += batch.rows
  }
  const whole = joined(parts, maker.width)
  if (whole.count === 0)
    throw fail("TRAIN_NO_DATA", { where: "train: validation", fix: "The validation frame is empty." })
  maker.normalise(whole.x)
  const { xs, ys } = tensorsOfRows(tf, model, whole, shape)
  const w = whole.w && weightTensor(tf, model, whole.w)
  const held = { x: [xs].flat(), y: [ys].flat(), w }
  return { held, made: tensorsIn(held) }
}

function weightColumn(weight: TrainOptions["sampleWeight"]): string | undefined {
  if (weight === undefined || typeof weight === "string") return weight
  const fix = "Beside a table it is the name of a column."
  throw fail("BAD_VALUE", { where: "train", name: "sampleWeight", value: "a tensor", fix })
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
