// Our batches as Arrow record batches, for `toArrow`, files, and pipes to other processes. Numbers keep their arrays; what
// JavaScript holds value by value (text, decimals, lists, structs, maps) is packed column by column. Exact: decimals from
// their text, times as microseconds. Loads apache-arrow, so it is imported where it is used.

import * as arrow from "apache-arrow"
import type { ColumnBatch, ColumnData } from "../ColumnBatch.js"
import { typedArrays } from "../typedArrays.js"
import type { DataType, Field, TypeKind } from "../types.js"
import { packBits } from "./bits.js"
import { packDecimals } from "./decimal.js"
import { arrowSchema, entryType } from "./schema.js"

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
      return made({ data: packBits(data as Uint8Array, rows) })
    case "utf8":
      return made(textParts(values))
    case "binary":
      return made(binaryParts(values))
    case "decimal":
      return made({ data: packDecimals(values, of.scale) })
    case "list":
      return made(listParts(type, of.item, values))
    case "map":
      return made(listParts(type, entryType(of), values.map(entries)))
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

function entries(map: unknown): { key: unknown; value: unknown }[] | null {
  return map == null
    ? null
    : Array.from(map as ReadonlyMap<unknown, unknown>, ([key, value]) => ({ key, value }))
}

/** Values as `collect` gives them, as a column: what stands inside lists and structs. */
function fromValues(values: readonly unknown[], { kind }: DataType): Column {
  const rows = values.length
  const missing = values.some(value => value === null || value === undefined)
  const valid = missing ? Uint8Array.from(values, value => (value == null ? 0 : 1)) : undefined
  const packed = typedArrays[kind]
  if (packed === undefined) return { data: values, valid, rows }
  const data = new packed(rows)
  const convert = stored[kind] ?? Number
  values.forEach((value, row) => {
    if (value !== null && value !== undefined) data[row] = convert(value) as never
  })
  return { data, valid, rows }
}

const whole = (value: unknown) => BigInt(value as bigint)
const micros = (value: unknown) => BigInt((value as Date).getTime()) * 1000n

/** A collected value as its typed array holds it, where that is not its number. */
const stored: Partial<Record<TypeKind, (value: unknown) => number | bigint>> = {
  int64: whole,
  uint64: whole,
  date: value => Math.floor((value as Date).getTime() / 86_400_000),
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
  return { nullCount, nullBitmap: packBits(valid, rows) }
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
  // Halves of a character at the seam of two texts became one whole: then each text for itself.
  return {
    valueOffsets,
    data: valueOffsets.at(-1) === data.length ? data : Buffer.concat(texts.map(text => Buffer.from(text))),
  }
}

function binaryParts(values: readonly unknown[]): object {
  const parts = values.map(value => (value ?? new Uint8Array()) as Uint8Array)
  const valueOffsets = new Int32Array(parts.length + 1)
  parts.forEach((part, row) => {
    valueOffsets[row + 1] = valueOffsets[row]! + part.length
  })
  return { valueOffsets, data: Buffer.concat(parts) }
}
