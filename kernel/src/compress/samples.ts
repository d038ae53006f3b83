// Rows for a network, from wherever they come: tensors, or a table whose columns become numbers as they did in the
// training. Streamed in small batches, so that calibration and evaluation hold little at a time.

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
  /** All rows in order, at most `rows` at a time; each call starts over. */
  batches(rows: number): AsyncIterable<SampleBatch>
}
