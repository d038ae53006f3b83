// Which typed array holds a column of a kind; ColumnBatch.ts says what stands in it. Kinds without a row here are held as
// arrays of JavaScript values.

import type { ColumnData } from "./ColumnBatch.js"
import type { TypeKind } from "./types.js"

export type TypedArray = Exclude<ColumnData, readonly unknown[]>
export type TypedArrayClass = new (rows: number) => TypedArray

export const typedArrays: Readonly<Partial<Record<TypeKind, TypedArrayClass>>> = {
  boolean: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
  date: Int32Array,
  timestamp: BigInt64Array,
  timestamptz: BigInt64Array,
}
