// A batch as one Arrow IPC stream, for the pipe to Python. Numbers keep their arrays. Decimals go as exact text and nested
// values as JSON: the Python side casts them to the column's own type.

import {
  Field as ArrowField,
  Schema as ArrowSchema,
  type DataType as ArrowType,
  Binary,
  Bool,
  type Data,
  DateDay,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Struct,
  Table,
  TimestampMicrosecond,
  tableToIPC,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  vectorFromArray,
} from "apache-arrow"
import type { ColumnBatch, ColumnData } from "../../frame/ColumnBatch.js"
import type { DataType, Field, TypeKind } from "../../frame/types.js"

const packed: Partial<Record<TypeKind, () => ArrowType>> = {
  int8: () => new Int8(),
  int16: () => new Int16(),
  int32: () => new Int32(),
  int64: () => new Int64(),
  uint8: () => new Uint8(),
  uint16: () => new Uint16(),
  uint32: () => new Uint32(),
  uint64: () => new Uint64(),
  float32: () => new Float32(),
  float64: () => new Float64(),
  date: () => new DateDay(),
  timestamp: () => new TimestampMicrosecond(),
  timestamptz: () => new TimestampMicrosecond(),
}

export function encodeBatch({ rows, columns, valid }: ColumnBatch, fields: readonly Field[]): Uint8Array {
  const children = fields.map(({ name, type }) => columnOf(columns[name]!, valid[name], type, rows))
  const arrowFields = fields.map(({ name }, i) => new ArrowField(name, children[i]!.type, true))
  const schema = new ArrowSchema(arrowFields)
  const data = makeData({ type: new Struct(arrowFields), length: rows, nullCount: 0, children })
  return tableToIPC(new Table(schema, [new RecordBatch(schema, data)]), "stream")
}

function columnOf(data: ColumnData, valid: Uint8Array | undefined, type: DataType, length: number): Data {
  const nulls = valid === undefined ? { nullCount: 0 } : bitmap(valid, length)
  const make = packed[type.kind]
  if (make !== undefined) return makeData({ type: make(), length, data, ...nulls } as never)
  if (type.kind === "boolean")
    return makeData({ type: new Bool(), length, data: bits(data as Uint8Array, length), ...nulls } as never)
  const values = (data as readonly unknown[]).map((value, row) => (valid?.[row] === 0 ? null : value))
  if (type.kind === "binary") return vectorData(values, new Binary())
  const texts = values.map(value => (value === null || value === undefined ? null : textOf(value)))
  return vectorData(texts, new Utf8())
}

function vectorData(values: readonly unknown[], type: ArrowType): Data {
  return (vectorFromArray(values, type as never).data[0] ?? makeData({ type, length: 0 } as never)) as Data
}

function textOf(value: unknown): string {
  return typeof value === "object" ? jsonOf(value) : String(value)
}

/** Bigints as the numbers that they are, dates as ISO text, maps as pairs. */
function jsonOf(value: unknown): string {
  const text = JSON.stringify(value, (_, inner) => {
    if (typeof inner === "bigint") return `\u0001${inner}`
    if (inner instanceof Map) return [...inner]
    return ArrayBuffer.isView(inner) ? Array.from(inner as unknown as ArrayLike<unknown>) : inner
  })
  return text.replace(/"\\u0001(-?\d+)"/g, "$1")
}

function bitmap(valid: Uint8Array, length: number): { nullCount: number; nullBitmap: Uint8Array } {
  let nullCount = 0
  for (let row = 0; row < length; row++) if (valid[row] === 0) nullCount++
  return { nullCount, nullBitmap: bits(valid, length) }
}

/** One bit a value, as Arrow packs booleans. */
function bits(bytes: Uint8Array, length: number): Uint8Array {
  const packedBits = new Uint8Array((length + 7) >> 3)
  for (let row = 0; row < length; row++) if (bytes[row] === 1) packedBits[row >> 3]! |= 1 << (row & 7)
  return packedBits
}
