// Batches for tfjs's fitDataset, of rows that lie on the device: a batch is a gather by shuffled indices there. Data that
// is too large for that: streaming.ts.

import type { Tf } from "../tf.js"
import { seeded, shuffle } from "./random.js"
import { weigh } from "./rowWeights.js"
import { type Share, stretch } from "./share.js"
import type { WholeData } from "./split.js"

type Tensor = import("@tensorflow/tfjs").Tensor

export interface TrainBatch {
  readonly xs: Tensor | Tensor[]
  readonly ys: Tensor | Tensor[]
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

/** Those of one epoch. */
export interface Batches {
  next(): Promise<{ done: boolean; value: TrainBatch | null }>
  /** Lets go of what is read from, where not all of it was. */
  close?(): Promise<void>
}

/** As much of tf.data.Dataset as fitDataset uses. */
export interface TfDataset {
  readonly place: FeedPlace
  /** Batches an epoch, where known. */
  readonly size: number | undefined
  iterator(): Promise<Batches>
}

export interface FeedOptions {
  readonly batchSize: number
  readonly shuffle: boolean
  /** Rows among which those of a batch are drawn, where they are streamed; default: as many as fit. */
  readonly buffer?: number | undefined
  readonly seed: number
  /** The rows of each batch that this process takes; all when undefined. */
  readonly share?: Share | undefined
}

/** Both whole, on the device; batches are rows picked there. */
export function tensorDataset(tf: Tf, { x, y, w }: WholeData, options: FeedOptions): TfDataset {
  const rows = x[0]!.shape[0]!
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
            const pick = (list: readonly Tensor[]) => single(list.map(one => tf.gather(one, indices)))
            const rows = { xs: pick(x), ys: pick(y) }
            return w === undefined ? rows : { ...rows, ws: tf.gather(w, indices) }
          })
          return { done: false, value: weighed(value) }
        },
      }
    },
  }
}

/** fitDataset takes inputs and targets only; weights go along with the targets. */
export function weighed({ xs, ys, ws }: TrainBatch): TrainBatch {
  if (ws !== undefined) weigh([ys].flat()[0]!, ws)
  return { xs, ys }
}

/** As tfjs takes tensors: one by itself, several as a list. */
export const single = (list: readonly Tensor[]): Tensor | Tensor[] =>
  list.length === 1 ? list[0]! : [...list]

/** As fitDataset takes it. Rows that count differently come as batches: of tensors it knows no weights. */
export function validationData(tf: Tf, held: WholeData, batchSize: number): unknown {
  if (held.w !== undefined) return tensorDataset(tf, held, { batchSize, shuffle: false, seed: 0 })
  return [single(held.x), single(held.y)]
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
          if (left-- > 0) return batches.next()
          await batches.close?.()
          return { done: true, value: null }
        },
        close: async () => batches.close?.(),
      }
    },
  }
}

/** What feeding batches cost. */
export interface FeedMeter {
  /** Milliseconds in which the training waited for its next batch. */
  waitMs: number
  /** Ends the epoch that is being read. */
  close?: (() => Promise<void>) | undefined
}

/** The same batches; `meter` learns how long they were waited for. */
export function metered(dataset: TfDataset, meter: FeedMeter): TfDataset {
  return {
    ...dataset,
    async iterator() {
      const batches = await dataset.iterator()
      meter.close = async () => batches.close?.()
      return {
        async next() {
          const start = performance.now()
          const next = await batches.next()
          meter.waitMs += performance.now() - start
          return next
        },
      }
    },
  }
}

/** An epoch's order depends on nothing but the seed and its number, so that a run can go on in the middle. */
export function ofEpoch(seed: number, epoch: number): () => number {
  return seeded(seed ^ Math.imul(epoch + 1, 0x632be5ab))
}
