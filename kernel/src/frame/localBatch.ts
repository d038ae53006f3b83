// The rows of a `local` node as a batch: localRows.ts the other way, for engines that take batches.

import type { ColumnBatch, ColumnData } from "./ColumnBatch.js"
import type { Local } from "./nodes/Local.js"
import { typedArrays } from "./typedArrays.js"
import type { TypeKind } from "./types.js"

export function localBatch({ fields, columns, rows }: Local): ColumnBatch {
  const made: Record<string, ColumnData> = Object.create(null)
  const valid: Record<string, Uint8Array> = Object.create(null)
  fields.forEach(({ name, type }, i) => {
    const values = columns[i]!
    made[name] = column(values, type.kind)
    if (values.includes(null)) valid[name] = Uint8Array.from(values, value => (value === null ? 0 : 1))
  })
  return { rows, columns: made, valid }
}

type Value = Local["columns"][number][number]

function column(values: readonly Value[], kind: TypeKind): ColumnData {
  const packed = typedArrays[kind]
  if (packed === undefined)
    return kind === "binary"
      ? values.map(value => (value === null ? null : Buffer.from(String(value), "base64")))
      : values
  const data = new packed(values.length)
  const convert = data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt : Number
  values.forEach((value, row) => {
    if (value !== null) data[row] = convert(value) as never
  })
  return data
}
