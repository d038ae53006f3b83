// Batches of a frame as an Arrow IPC file (Feather version 2), one record batch at a time.

import { createWriteStream } from "node:fs"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type * as Arrow from "apache-arrow"
import { fail } from "../../errors.js"
import type { ColumnBatch, ColumnData } from "../../frame/ColumnBatch.js"
import type { DataType, Field } from "../../frame/types.js"

/** Gives the rows written. */
export async function writeArrowFile(
  file: string,
  fields: readonly Field[],
  batches: AsyncIterable<ColumnBatch>,
): Promise<number> {
  const arrow = await import("apache-arrow")
  const types = fields.map(({ name, type }) => arrowType(arrow, type, name))
  const schema = new arrow.Schema(fields.map(({ name }, i) => new arrow.Field(name, types[i]!, true)))
  let rows = 0
  async function* records(): AsyncGenerator<Arrow.RecordBatch> {
    for await (const batch of batches) {
      rows += batch.rows
      const children = fields.map(({ name }, i) =>
        dataOf(arrow, types[i]!, batch.columns[name]!, batch.valid[name], batch.rows),
      )
      const struct = arrow.makeData({
        type: new arrow.Struct(schema.fields),
        length: batch.rows,
        nullCount: 0,
        children,
      })
      yield new arrow.RecordBatch(schema, struct)
    }
  }
  const writer = new arrow.RecordBatchFileWriter()
  const writing = pipeline(Readable.from(writer), createWriteStream(file))
  try {
    writer.reset(undefined, schema)
    for await (const record of records()) writer.write(record)
    writer.finish()
  } finally {
    writer.close()
  }
  await writing
  return rows
}

function arrowType(arrow: typeof Arrow, type: DataType, name: string): Arrow.DataType {
  switch (type.kind) {
    case "boolean":
      return new arrow.Bool()
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64": {
      const [, sign, bits] = /^(u?)int(\d+)$/.exec(type.kind)!
      return new arrow.Int(sign === "", Number(bits) as 8)
    }
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
      return new arrow.Timestamp(arrow.TimeUnit.MICROSECOND, "UTC")
    case "decimal":
      return new arrow.Decimal(type.scale, type.precision, 128)
    case "binary":
      return new arrow.Binary()
    default: {
      const fix = "Cast it to a simple type or drop it, or write Parquet."
      throw fail("TYPE_MISMATCH", {
        operation: "write.arrow",
        problem: `column \`${name}\` is ${type.kind}`,
        fix,
      })
    }
  }
}

function dataOf(
  arrow: typeof Arrow,
  type: Arrow.DataType,
  values: ColumnData,
  valid: Uint8Array | undefined,
  rows: number,
): Arrow.Data {
  if (arrow.DataType.isDecimal(type)) {
    const words = decimalWords(values as readonly (string | null)[], type.scale)
    return arrow.makeData({ type, length: rows, ...nullsOf(valid, rows), data: words })
  }
  if (type.typeId === arrow.Type.Utf8) {
    return arrow.makeData({
      type,
      length: rows,
      ...nullsOf(valid, rows),
      ...textOf(values as readonly unknown[]),
    } as never)
  }
  if (Array.isArray(values)) {
    const shown = valid === undefined ? values : values.map((value, row) => (valid[row] === 1 ? value : null))
    return arrow.vectorFromArray(shown as never[], type).data[0]!
  }
  const packed = values as Uint8Array
  const data = type.typeId === arrow.Type.Bool ? bits(packed, rows) : packed
  return arrow.makeData({ type, length: rows, ...nullsOf(valid, rows), data } as never)
}

interface Nulls {
  readonly nullCount: number
  readonly nullBitmap?: Uint8Array
}

function nullsOf(valid: Uint8Array | undefined, rows: number): Nulls {
  if (valid === undefined) return { nullCount: 0 }
  return { nullCount: valid.reduce((sum, bit) => sum + 1 - bit, 0), nullBitmap: bits(valid, rows) }
}

/** All text of a column encoded in one go; where it is ASCII, lengths in characters are lengths in bytes. */
function textOf(values: readonly unknown[]): { valueOffsets: Int32Array; data: Uint8Array } {
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

/** Decimals come as text, `-12.34`; Arrow keeps whole numbers of the last digit, in four words from the lowest. */
function decimalWords(values: readonly (string | null)[], scale: number): Uint32Array {
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
