// A decoded column of numbers to the array that its type has in a frame. Equal types, the usual case, cost one
// comparison; else numbers are converted value by value.

import type { ColumnData } from "../ColumnBatch.js"
import { type TypedArray, typedArrays } from "../typedArrays.js"
import { type DataType, isNumeric } from "../types.js"

export function coerce(data: ColumnData, type: DataType): ColumnData {
  const wanted = isNumeric(type) ? typedArrays[type.kind] : undefined
  if (wanted === undefined || data instanceof wanted) return data
  const made = new wanted(data.length)
  if (made instanceof BigInt64Array || made instanceof BigUint64Array) {
    for (let i = 0; i < data.length; i++) made[i] = BigInt(String(data[i] ?? 0))
  } else {
    for (let i = 0; i < data.length; i++)
      (made as Exclude<TypedArray, BigInt64Array | BigUint64Array>)[i] = Number(data[i])
  }
  return made
}
