// Arrow IPC bytes to our batches. Numbers stay typed arrays (views of one aligned copy of the message); text, decimals and
// nested values become JavaScript values. Which type a column has in the frame is the schema's say: an engine that sends
// another number type is converted. Not a reader of files: Spark sends one small stream a batch.

import { isAscii } from "node:buffer"
import { type Data, RecordBatchReader, Type } from "apache-arrow"
import type { ColumnBatch, ColumnData } from "../ColumnBatch.js"
import type { Field } from "../types.js"
import { unpackBits } from "./bits.js"
import { coerce } from "./coerce.js"
import { decimalTexts } from "./decimal.js"
import { reader } from "./nested.js"
import { days, microseconds } from "./time.js"

/** The batches of one IPC stream. Columns are taken by position and get the names of `fields`; without them, the stream's. */
export function decodeBatches(bytes: Uint8Array, given?: readonly Field[]): ColumnBatch[] {
  // A copy starts at an aligned address, which views of 64-bit numbers need and a slice of a gRPC message lacks.
  const batches = RecordBatchReader.from(new Uint8Array(bytes))
  return [...batches].map(({ data, numRows, schema }) => {
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

/** ASCII is decoded as a whole and cut, which is several times faster than value by value. */
function texts(data: Data): string[] {
  const offsets = data.valueOffsets as Int32Array
  const bytes: Uint8Array = data.values.subarray(0, offsets[data.length])
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = new Array<string>(data.length)
  if (isAscii(bytes)) {
    const all = buffer.toString("latin1")
    for (let i = 0; i < data.length; i++) found[i] = all.slice(offsets[i], offsets[i + 1])
    return found
  }
  for (let i = 0; i < data.length; i++) found[i] = buffer.toString("utf8", offsets[i], offsets[i + 1])
  return found
}
