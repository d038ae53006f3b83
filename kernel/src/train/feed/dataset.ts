// Batches for tfjs's fitDataset. Rows that fit in memory go to the device once, and a batch is a gather by shuffled
// indices there; larger data is streamed again each epoch through a shuffle buffer.

import type { Tf } from "../tf.js"
import type { BatchSource } from "./BatchSource.js"
import type { RowMaker, Rows } from "./RowMaker.js"
import { seeded, shuffle } from "./random.js"
import { weigh } from "./rowWeights.js"
import { ownRows, type Share, stretch } from "./share.js"
import type { WholeData } from "./split.js"

type Tensor = import("@tensorflow/tfjs").Tensor

export interface TrainBatch {
  readonly xs: Tensor
  readonly ys: Tensor
  /** What each row counts for. */
  readonly ws?: Tensor
}
/** Which epoch's order comes next, and how many of its batches are left out because an earlier run had them. */
export interface FeedPlace {
  epoch: number
  skip: number
  /** Of the batch that was handed out last, in all processes together. */
  rows: number
}

/** As much of tf.data.Dataset as fitDataset uses. */
export interface TfDataset {
  readonly place: FeedPlace
  /** Batches an epoch, where known. */
  readonly size: number | undefined
  iterator(): Promise<{ next(): Promise<{ done: boolean; value: TrainBatch | null }> }>
}

export interface FeedOptions {
  readonly batchSize: number
  readonly shuffle: boolean
  readonly seed: number
  /** The rows of each batch that this process takes; all when undefined. */
  readonly share?: Share | undefined
}

/** Both whole, on the device; batches are rows picked there. */
export function tensorDataset(tf: Tf, { x, y, w }: WholeData, options: FeedOptions): TfDataset {
  const rows = x.shape[0]!
  const place = { epoch: 0, skip: 0, rows: 0 }
  return {
    place,
    size: Math.ceil(rows / options.batchSize),
    async iterator() {
      const order = Int32Array.from({ length: rows }, (_, i) => i)
      if (options.shuffle) shuffle(order, ofEpoch(options.seed, place.epoch))
      let from = place.skip * options.batchSize
      return {
        async next() {
          if (from >= rows) return { done: true, value: null }
          const whole = order.subarray(from, from + options.batchSize)
          const picked = whole.slice(...stretch(whole.length, options.share))
          place.rows = whole.length
          from += options.batchSize
          const value = tf.tidy(() => {
            const indices = tf.tensor1d(picked, "int32")
            const rows = { xs: tf.gather(x, indices), ys: tf.gather(y, indices) }
            return w === undefined ? rows : { ...rows, ws: tf.gather(w, indices) }
          })
          return { done: false, value: weighed(value) }
        },
      }
    },
  }
}

/** fitDataset takes inputs and targets only; weights go along with the targets. */
function weighed({ xs, ys, ws }: TrainBatch): TrainBatch {
  if (ws !== undefined) weigh(ys, ws)
  return { xs, ys }
}

/** The same batches, and no more than `steps` of them over all epochs. */
export function limited(dataset: TfDataset, steps: number): TfDataset {
  const { place, size = 0 } = dataset
  return {
    ...dataset,
    async iterator() {
      const batches = await dataset.iterator()
      let left = steps - place.epoch * size - place.skip
      return {
        async next() {
          return left-- > 0 ? batches.next() : { done: true, value: null }
        },
      }
    },
  }
}

/** An epoch's order depends on nothing but the seed and its number, so that a run can go on in the middle. */
function ofEpoch(seed: number, epoch: number): () => number {
  return seeded(seed ^ Math.imul(epoch + 1, 0x632be5ab))
}

/** Rows the shuffle buffer holds: enough to mix neighbouring shards, small enough for any machine. */
const bufferRows = 65_536

export interface Shaping {
  readonly maker: RowMaker
  toTensors(rows: Rows): TrainBatch
}

/** Streams the source each epoch; rows are drawn at random from a buffer that is refilled as they leave. */
export function streamDataset(
  source: BatchSource,
  shaping: Shaping,
  rows: number,
  options: FeedOptions,
): TfDataset {
  const place = { epoch: 0, skip: 0, rows: 0 }
  return {
    place,
    size: Math.ceil(rows / options.batchSize),
    async iterator() {
      const batches = shuffledRows(source, shaping.maker, options, ofEpoch(options.seed, place.epoch))
      let { skip } = place
      return {
        async next() {
          for (; skip > 0; skip--) await batches.next()
          const { done, value } = await batches.next()
          if (done) return { done: true, value: null }
          place.rows = value.count
          return { done: false, value: weighed(shaping.toTensors(ownRows(value, options.share))) }
        },
      }
    },
  }
}

async function* shuffledRows(
  source: BatchSource,
  maker: RowMaker,
  { batchSize, shuffle: mixing }: FeedOptions,
  random: () => number,
): AsyncGenerator<Rows, undefined> {
  const { width, weighs } = maker
  const capacity = Math.max(mixing ? bufferRows : 0, batchSize)
  const x = new Float32Array((capacity + bufferRows) * width)
  const y = new Float32Array(capacity + bufferRows)
  const w = weighs ? new Float32Array(capacity + bufferRows) : undefined
  let held = 0

  /** Takes `count` rows out: random ones, each replaced by the last row held; or the oldest, in order. */
  function draw(count: number): Rows {
    const drawn = {
      count,
      x: new Float32Array(count * width),
      y: new Float32Array(count),
      w: w && new Float32Array(count),
    }
    for (let i = 0; i < count; i++) {
      const from = mixing ? Math.floor(random() * held) : i
      drawn.x.set(x.subarray(from * width, (from + 1) * width), i * width)
      drawn.y[i] = y[from]!
      if (w !== undefined) drawn.w![i] = w[from]!
      if (!mixing) continue
      held--
      x.copyWithin(from * width, held * width, (held + 1) * width)
      y[from] = y[held]!
      if (w !== undefined) w[from] = w[held]!
    }
    if (!mixing) {
      x.copyWithin(0, count * width, held * width)
      y.copyWithin(0, count, held)
      w?.copyWithin(0, count, held)
      held -= count
    }
    return drawn
  }

  for await (const batch of source.batches(Math.min(bufferRows, 16_384))) {
    const made = maker.make(batch, { weights: true })
    maker.normalise(made.x)
    x.set(made.x, held * width)
    y.set(made.y, held)
    w?.set(made.w!, held)
    held += made.count
    const keep = mixing ? bufferRows : 0
    while (held - keep >= batchSize) yield draw(batchSize)
  }
  while (held > 0) yield draw(Math.min(batchSize, held))
  return undefined
}
