// Rows of a `local` node as one Arrow IPC stream, the form in which Spark takes rows from a client.

import {
  Field as ArrowField,
  Schema as ArrowSchema,
  type DataType as ArrowType,
  Binary,
  Bool,
  DateDay,
  Decimal,
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
  Utf8,
  vectorFromArray,
} from "apache-arrow"
import type { Local } from "../../../frame/nodes/Local.js"
import type { DataType, TypeKind } from "../../../frame/types.js"
import { decimalWords } from "./decimal.js"

type Value = string | number | boolean | null
interface Encoding {
  readonly type: (type: DataType) => ArrowType
  /** What Arrow's builder takes for a value of ours. */
  readonly value: (value: NonNullable<Value>, type: DataType) => unknown
}

const plain = (type: ArrowType): Encoding => ({ type: () => type, value: value => value })
const big = (type: ArrowType): Encoding => ({ type: () => type, value: value => BigInt(value as string) })

const encodings: Partial<Record<TypeKind, Encoding>> = {
  boolean: plain(new Bool()),
  int8: plain(new Int8()),
  int16: plain(new Int16()),
  int32: plain(new Int32()),
  int64: big(new Int64()),
  float32: { type: () => new Float32(), value: Number },
  float64: { type: () => new Float64(), value: Number },
  utf8: plain(new Utf8()),
  // The builder takes milliseconds for days and for microseconds alike; the exact integers are put in below.
  date: { type: () => new DateDay(), value: Number },
  timestamp: { type: () => new TimestampMicrosecond(), value: value => BigInt(value as string) },
  timestamptz: {
    type: () => new TimestampMicrosecond("UTC"),
    value: value => BigInt(value as string),
  },
  binary: { type: () => new Binary(), value: value => Buffer.from(String(value), "base64") },
  decimal: {
    type: type => {
      const { scale, precision } = type as Extract<DataType, { kind: "decimal" }>
      return new Decimal(scale, precision, 128)
    },
    value: (value, type) =>
      decimalWords(String(value), (type as Extract<DataType, { kind: "decimal" }>).scale),
  },
}

/** False for types that a client cannot send. */
export function isEncodable(type: DataType): boolean {
  return encodings[type.kind] !== undefined
}

export function encodeLocal(node: Local): Uint8Array {
  const columns = node.fields.map(({ type }, i) => columnData(node.columns[i]!, type))
  const fields = node.fields.map(({ name }, i) => new ArrowField(name, columns[i]!.type, true))
  const schema = new ArrowSchema(fields)
  const data = makeData({ type: new Struct(fields), length: node.rows, nullCount: 0, children: columns })
  return tableToIPC(new Table(schema, [new RecordBatch(schema, data)]), "stream")
}

function columnData(values: readonly Value[], type: DataType) {
  const encoding = encodings[type.kind]!
  const encoded = values.map(value => (value === null ? null : encoding.value(value, type)))
  if (["date", "timestamp", "timestamptz"].includes(type.kind)) return integers(encoded, encoding.type(type))
  return (
    vectorFromArray(encoded, encoding.type(type)).data[0] ?? makeData({ type: encoding.type(type) } as never)
  )
}

/** Days or microseconds as they are. */
function integers(values: readonly unknown[], type: ArrowType) {
  const bitmap = new Uint8Array((values.length + 7) >> 3)
  values.forEach((value, i) => {
    if (value !== null) bitmap[i >> 3]! |= 1 << (i & 7)
  })
  const data =
    type instanceof DateDay
      ? Int32Array.from(values, value => Number(value ?? 0))
      : BigInt64Array.from(values, value => BigInt((value as bigint | null) ?? 0n))
  const nullCount = values.filter(value => value === null).length
  return makeData({ type, length: values.length, nullCount, nullBitmap: bitmap, data } as never)
}
