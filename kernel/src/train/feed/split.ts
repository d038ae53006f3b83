// Rows on the device as training data, some of them kept aside for validation. The same rows for the same seed.

import type { Tf } from "../tf.js"
import type { TrainOptions } from "../trainOptions.js"
import { type FeedOptions, type TfDataset, tensorDataset } from "./dataset.js"
import type { RowMaker } from "./RowMaker.js"
import { seeded } from "./random.js"

type Tensor = import("@tensorflow/tfjs").Tensor

/** Training and validation data in the form that fitDataset takes. */
export interface Prepared {
  readonly dataset: TfDataset
  readonly rows: number
  /** Read anew each epoch, because the device does not hold it. */
  readonly streamed?: boolean
  /** Of a source that is streamed: what its rows are read by, in another order each epoch. */
  readonly shards?: number
  readonly validation: WholeData | undefined
  readonly maker: RowMaker | undefined
  /** The rows that `dataset` picks its batches from, unless they are streamed. */
  readonly whole?: WholeData
  /** Made here, and disposed at the end of the training. */
  readonly tensors: readonly Tensor[]
}

/** Rows of the model's inputs and targets in its order, and what each counts for. */
export interface WholeData {
  readonly x: readonly Tensor[]
  readonly y: readonly Tensor[]
  readonly w?: Tensor | undefined
  /** What each counts for by itself, whatever its class does: that of validation. */
  readonly own?: Tensor | undefined
}

/** All of it. */
export const tensorsIn = ({ x, y, w, own }: WholeData): readonly Tensor[] => [
  ...new Set([...x, ...y, ...(w ? [w] : []), ...(own ? [own] : [])]),
]

export function splitTensors(tf: Tf, data: WholeData, options: TrainOptions, feed: FeedOptions): Prepared {
  const rows = data.x[0]!.shape[0]!
  const parts = splitRows(rows, options)
  if (parts === undefined)
    return {
      dataset: tensorDataset(tf, data, feed),
      rows,
      validation: undefined,
      maker: undefined,
      whole: data,
      tensors: [],
    }
  const pick = (from: Tensor, chosen: Int32Array) =>
    tf.tidy(() => tf.gather(from, tf.tensor1d(chosen, "int32")))
  const of = (chosen: Int32Array, weights: Tensor | undefined): WholeData => ({
    x: data.x.map(one => pick(one, chosen)),
    y: data.y.map(one => pick(one, chosen)),
    ...(weights && { w: pick(weights, chosen) }),
  })
  const [train, held] = [of(parts.train, data.w), of(parts.held, data.own)]
  return {
    dataset: tensorDataset(tf, train, feed),
    rows: parts.train.length,
    validation: held,
    maker: undefined,
    whole: train,
    tensors: [...tensorsIn(train), ...tensorsIn(held)],
  }
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
