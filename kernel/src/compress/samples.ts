// Rows for a network, from wherever they come: tensors, or a table whose columns become numbers as they did in the
// training. Streamed in small batches, so that calibration and evaluation hold little at a time. The double is any object
// of this shape.

import { fail } from "../errors.js"

export interface SampleBatch {
  readonly count: number
  /** Rows one after the other. */
  readonly x: Float32Array
  /** `labelWidth` numbers a row; empty where there are no labels. */
  readonly y: Float32Array
}

export interface Samples {
  /** Of a row. */
  readonly shape: readonly number[]
  /** 1 for a number or a class number, more for one-hot labels and several targets, 0 without labels. */
  readonly labelWidth: number
  /** All rows in order, at most `rows` at a time; each call starts over. @throws COMPRESS_NO_ROWS when there are none. */
  batches(rows: number): AsyncIterable<SampleBatch>
}

/** The error for data without rows; `name` is the option it was given in. */
export function noRows(name: string, fix: string): Error {
  return fail("COMPRESS_NO_ROWS", { name, fix })
}

/** Numbers of one row. */
export function rowSize(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1)
}

/** A batch in pieces of at most `rows`. */
export function* pieces(batch: SampleBatch, width: number, labels: number, rows: number) {
  for (let from = 0; from < batch.count; from += rows) {
    const to = Math.min(from + rows, batch.count)
    const x = batch.x.subarray(from * width, to * width)
    const y = batch.y.subarray(from * labels, to * labels)
    yield { count: to - from, x, y } satisfies SampleBatch
  }
}
