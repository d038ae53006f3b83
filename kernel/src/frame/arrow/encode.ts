// Our batches as Arrow record batches, for `toArrow`, files, and pipes to other processes. Numbers keep their arrays; what
// JavaScript holds value by value (text, decimals, lists, structs, maps) is packed column by column. Exact: decimals from
// their text, times as microseconds. Loads apache-arrow, so it is imported where it is used.

import * as arrow from "apache-arrow"
import { fail } from "../../errors.js"
import type { ColumnBatch, ColumnData } from "../ColumnBatch.js"
import type { DataType, Field } from "../types.js"

/** The Arrow schema of a frame's columns; every column may hold NULL. */
export function arrowSchema(fields: readonly Field[]): arrow.Schema {
  return new arrow.Schema(fields.map(arrowField))
}

export function encodeBatch(
  batch: ColumnBatch,
  fields: readonly Field[],
  schema = arrowSchema(fields),
): arrow.RecordBatch {
  const children = fields.map(({ name, type }, i) =>
    pack(schema.fields[i]!.type, type, {
      data: batch.columns[name]!,
      valid: batch.valid[name],
      rows: batch.rows,
    }),
  )
  const type = new arrow.Struct(schema.fields)
  return new arrow.RecordBatch(schema, arrow.makeData({ type, length: batch.rows, nullCount: 0, children }))
}

/** One IPC stream of one batch. */
export function encodeStream(batch: ColumnBatch, fields: readonly Field[]): Uint8Array {
  const record = encodeBatch(batch, fields)
  return arrow.tableToIPC(new arrow.Table(record.schema, [record]), "stream")
}

function arrowField({ name, type }: Field): arrow.Field {
  return new arrow.Field(name, arrowType(type, name), true)
}

function arrowType(type: DataType, name: string): arrow.DataType {
  switch (type.kind) {
    case "boolean":
      return new arrow.Bool()
    case "float32":
      return new arrow.Float32()
    case "float64":
      return new arrow.Float64()
    case "utf8":
      return new arrow.Utf8()
    case "date":
      return new arrow.DateDay()
    case "timestamp":
      return new arrow.TimestampMicrosecond()
    case "timestamptz":
      return new arrow.TimestampMicrosecond("UTC")
    case "decimal":
      return new arrow.Decimal(type.scale, type.precision, 128)
    case "binary":
      return new arrow.Binary()
    case "list":
      return new arrow.List(arrowField({ name: "item", type: type.item }))
    case "struct":
      return new arrow.Struct(type.fields.map(arrowField))
    case "map":
      return new arrow.Map_(arrowField({ name: "entries", type: entryType(type) }) as never)
    case "unknown": {
      const fix = "Cast it to a type, or drop it."
      throw fail("TYPE_MISMATCH", {
        operation: "arrow",
        problem: `column \`${name}\` has no known type`,
        fix,
      })
    }
    default: {
      const [, sign, bits] = /^(u?)int(\d+)$/.exec(type.kind)!
      return new arrow.Int(sign === "", Number(bits) as 8)
    }
  }
}

function entryType({ key, value }: Extract<DataType, { kind: "map" }>): DataType {
  return {
    kind: "struct",
    fields: [
      { name: "key", type: key },
      { name: "value", type: value },
    ],
  }
}

interface Column {
  readonly data: ColumnData
  readonly valid: Uint8Array | undefined
  readonly rows: number
}

function pack(type: arrow.DataType, of: DataType, column: Column): arrow.Data {
  const { data, valid, rows } = column
  const made = (parts: object) =>
    arrow.makeData({ type, length: rows, ...nullsOf(valid, rows), ...parts } as never)
  const values = data as readonly unknown[]
  switch (of.kind) {
    case "boolean":
      return made({ data: bits(data as Uint8Array, rows) })
    case "utf8":
      return made(textParts(values))
    case "binary":
      return made(binaryParts(values))
    case "decimal":
      return made({ data: decimalWords(values, of.scale) })
    case "list":
      return made(listParts(type, of.item, values))
    case "map": {
      const entries = values.map(value => (value == null ? null : [...(value as Map<unknown, unknown>)]))
      return made(
        listParts(
          type,
          entryType(of),
          entries.map(list => list?.map(([key, value]) => ({ key, value }))),
        ),
      )
    }
    case "struct": {
      const children = of.fields.map((field, i) => {
        const inner = values.map(value => (value as Record<string, unknown> | null)?.[field.name])
        return pack(type.children[i]!.type, field.type, fromValues(inner, field.type))
      })
      return made({ children })
    }
    default:
      return made({ data: (data as Int32Array).subarray(0, rows) })
  }
}

/** Values as `collect` gives them, as a column: what stands inside lists and structs. */
function fromValues(values: readonly unknown[], type: DataType): Column {
  const rows = values.length
  const missing = values.some(value => value === null || value === undefined)
  const valid = missing ? Uint8Array.from(values, value => (value == null ? 0 : 1)) : undefined
  const make = arrays[type.kind]
  return { data: make === undefined ? values : make(values), valid, rows }
}

const numbers = (values: readonly unknown[]) => values.map(value => Number(value ?? 0))
const bigints = (values: readonly unknown[]) => values.map(value => BigInt((value as bigint | null) ?? 0n))
const micros = (values: readonly unknown[]) =>
  BigInt64Array.from(values, value => (value == null ? 0n : BigInt((value as Date).getTime()) * 1000n))

const arrays: Partial<Record<DataType["kind"], (values: readonly unknown[]) => ColumnData>> = {
  boolean: values => Uint8Array.from(values, value => (value === true ? 1 : 0)),
  int8: values => Int8Array.from(numbers(values)),
  int16: values => Int16Array.from(numbers(values)),
  int32: values => Int32Array.from(numbers(values)),
  uint8: values => Uint8Array.from(numbers(values)),
  uint16: values => Uint16Array.from(numbers(values)),
  uint32: values => Uint32Array.from(numbers(values)),
  float32: values => Float32Array.from(numbers(values)),
  float64: values => Float64Array.from(numbers(values)),
  int64: values => BigInt64Array.from(bigints(values)),
  uint64: values => BigUint64Array.from(bigints(values)),
  date: values =>
    Int32Array.from(values, value => (value == null ? 0 : (value as Date).getTime() / 86_400_000)),
  timestamp: micros,
  timestamptz: micros,
}

function listParts(type: arrow.DataType, item: DataType, lists: readonly unknown[]): object {
  const valueOffsets = new Int32Array(lists.length + 1)
  const items: unknown[] = []
  lists.forEach((list, row) => {
    if (list != null) for (const value of list as readonly unknown[]) items.push(value)
    valueOffsets[row + 1] = items.length
  })
  return { valueOffsets, child: pack(type.children[0]!.type, item, fromValues(items, item)) }
}

interface Nulls {
  readonly nullCount: number
  readonly nullBitmap?: Uint8Array
}

function nullsOf(valid: Uint8Array | undefined, rows: number): Nulls {
  if (valid === undefined) return { nullCount: 0 }
  let nullCount = 0
  for (let row = 0; row < rows; row++) if (valid[row] === 0) nullCount++
  return { nullCount, nullBitmap: bits(valid, rows) }
}

/** All text of a column encoded in one go; where it is ASCII, lengths in characters are lengths in bytes. */
function textParts(values: readonly unknown[]): object {
  const texts = values.map(value => (value === null || value === undefined ? "" : String(value)))
  const joined = texts.join("")
  const data = Buffer.from(joined, "utf8")
  const ascii = data.length === joined.length
  const valueOffsets = new Int32Array(texts.length + 1)
  texts.forEach((text, row) => {
    valueOffsets[row + 1] = valueOffsets[row]! + (ascii ? text.length : Buffer.byteLength(text))
  })
  return { valueOffsets, data }
}

function binaryParts(values: readonly unknown[]): object {
  const parts = values.map(value => (value ?? new Uint8Array()) as Uint8Array)
  const valueOffsets = new Int32Array(parts.length + 1)
  parts.forEach((part, row) => {
    valueOffsets[row + 1] = valueOffsets[row]! + part.length
  })
  return { valueOffsets, data: Buffer.concat(parts) }
}

/** Decimals come as text, `-12.34`; Arrow keeps whole numbers of the last digit, in four words from the lowest. */
function decimalWords(values: readonly unknown[], scale: number): Uint32Array {
  const words = new Uint32Array(values.length * 4)
  values.forEach((value, row) => {
    if (value === null || value === undefined) return
    const [whole = "", fraction = ""] = String(value).split(".")
    const digits = BigInt.asUintN(128, BigInt(whole + fraction.padEnd(scale, "0").slice(0, scale)))
    for (let i = 0; i < 4; i++) words[row * 4 + i] = Number((digits >> BigInt(32 * i)) & 0xffff_ffffn)
  })
  return words
}

/** Bytes of 0 and 1 to a bitmap, least bit first. */
function bits(bytes: Uint8Array, rows: number): Uint8Array {
  const map = new Uint8Array((rows + 7) >> 3)
  for (let row = 0; row < rows; row++) if (bytes[row] === 1) map[row >> 3]! |= 1 << (row & 7)
  return map
}
