// A decoded column to the array that its type has in a frame (frame/ColumnBatch.ts). Equal types, the usual case, cost one
// comparison; else numbers are converted value by value.

import type { ColumnData } from "../../../frame/ColumnBatch.js"
import type { DataType } from "../../../frame/types.js"

type NumberArray = new (
  length: number,
) =>
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array

const numbers: Partial<Record<DataType["kind"], NumberArray>> = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
}
const bigs: Partial<Record<DataType["kind"], typeof BigInt64Array | typeof BigUint64Array>> = {
  int64: BigInt64Array,
  uint64: BigUint64Array,
}

export function coerce(data: ColumnData, type: DataType): ColumnData {
  const [number, big] = [numbers[type.kind], bigs[type.kind]]
  if (number !== undefined && !(data instanceof number)) {
    const made = new number(data.length)
    for (let i = 0; i < data.length; i++) made[i] = Number(data[i])
    return made
  }
  if (big !== undefined && !(data instanceof big)) {
    const made = new big(data.length)
    for (let i = 0; i < data.length; i++) made[i] = BigInt(String(data[i] ?? 0))
    return made
  }
  return data
}
