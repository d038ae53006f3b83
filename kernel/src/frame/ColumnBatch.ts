// Rows as columns: what an engine streams, what training consumes. Numbers stay in typed arrays all the way.

/**
 * int8..int32, uint8..uint32, float32, float64: their typed array. int64, uint64: BigInt64Array, BigUint64Array.
 * boolean: Uint8Array of 0 and 1. date: Int32Array of days, timestamp: BigInt64Array of microseconds since the epoch.
 * Everything else: an array of JavaScript values.
 */
export type ColumnData =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array
  | readonly unknown[]

export interface ColumnBatch {
  readonly rows: number
  readonly columns: Readonly<Record<string, ColumnData>>
  /** 1 where there is a value and 0 where NULL; a column without NULLs in this batch has no entry. */
  readonly valid: Readonly<Record<string, Uint8Array>>
}
