// Arrow IPC bytes to our batches. Numbers stay typed arrays, views of the message; text, decimals and nested values become
// JavaScript values. Which type a column has in the frame is the schema's say: an engine that sends another number type is
// converted. Not a reader of files: Spark sends one small stream a batch.

import { type Data, RecordBatchReader, Type } from "apache-arrow"
import type { ColumnBatch, ColumnData } from "../ColumnBatch.js"
import type { Field } from "../types.js"
import { unpackBits } from "./bits.js"
import { coerce } from "./coerce.js"
import { decimalTexts } from "./decimal.js"
import { reader } from "./nested.js"
import { texts } from "./text.js"
import { days, microseconds } from "./time.js"

/** The batches of one IPC stream. Columns are taken by position and get the names of `fields`; without them, the stream's. */
export function decodeBatches(bytes: Uint8Array, given?: readonly Field[]): ColumnBatch[] {
  // The library copies a batch's body where it does not lie at a multiple of eight bytes, as in a slice of a gRPC message:
  // views of 64-bit numbers need that. Everywhere else columns are views of `bytes`.
  return [...RecordBatchReader.from(bytes)].map(({ data, numRows, schema }) => {
    const fields = given ?? schema.fields.map(({ name }): Field => ({ name, type: { kind: "unknown" } }))
    const columns: [string, ColumnData][] = []
    const valid: [string, Uint8Array][] = []
    fields.forEach((field, i) => {
      const column = data.children[i]!
      columns.push([field.name, coerce(columnOf(column), field.type)])
      if (column.nullCount > 0 || column.type.typeId === Type.Null)
        valid.push([field.name, validityOf(column)])
    })
    return { rows: numRows, columns: Object.fromEntries(columns), valid: Object.fromEntries(valid) }
  })
}

function columnOf(data: Data): ColumnData {
  switch (data.type.typeId) {
    case Type.Int:
    case Type.Float:
      return data.values.subarray(0, data.length)
    case Type.Bool:
      return unpackBits(data.values, data.offset, data.length)
    case Type.Date:
      return days(data)
    case Type.Timestamp:
      return microseconds(data)
    case Type.Decimal:
      return decimalTexts(data)
    case Type.Utf8:
      return texts(data)
    default:
      return each(data)
  }
}

function each(data: Data): unknown[] {
  const read = reader(data)
  return Array.from({ length: data.length }, (_, row) => read(row))
}

/** 1 where there is a value. */
function validityOf(data: Data): Uint8Array {
  return data.type.typeId === Type.Null
    ? new Uint8Array(data.length)
    : unpackBits(data.nullBitmap, data.offset, data.length)
}
