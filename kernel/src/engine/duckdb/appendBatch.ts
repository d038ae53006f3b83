// Our batches into a table of DuckDB's. Numbers are copied as blocks where the vector has a packed array, as in columns.ts,
// which is the other direction.

import type { DuckDBAppender, DuckDBType, DuckDBVector } from "@duckdb/node-api"
import type { ColumnBatch, ColumnData } from "../../frame/ColumnBatch.js"
import type { DataType, Field } from "../../frame/types.js"

type Module = typeof import("@duckdb/node-api")
type TypedArray = Exclude<ColumnData, readonly unknown[]>

interface PackedVector {
  readonly items?: TypedArray
  readonly validity?: { setItemValid(index: number, valid: boolean): void }
}

const chunkRows = 2048

export function appendBatch(
  appender: DuckDBAppender,
  batch: ColumnBatch,
  fields: readonly Field[],
  duckdb: Module,
): void {
  const types = fields.map((_, index) => appender.columnType(index))
  for (let start = 0; start < batch.rows; start += chunkRows) {
    const rows = Math.min(chunkRows, batch.rows - start)
    const chunk = duckdb.DuckDBDataChunk.create(types, rows)
    fields.forEach(({ name, type }, index) => {
      const vector = chunk.getColumnVector(index)
      const part = { data: batch.columns[name]!, valid: batch.valid[name], start, rows }
      fill(vector, part, value => nativeValue(value, type, types[index]!, duckdb))
      vector.flush()
    })
    appender.appendDataChunk(chunk)
  }
}

interface Part {
  readonly data: ColumnData
  readonly valid: Uint8Array | undefined
  readonly start: number
  readonly rows: number
}

function fill(vector: DuckDBVector, part: Part, native: (value: unknown) => unknown): void {
  const { data, valid, start, rows } = part
  const { items, validity } = vector as unknown as PackedVector
  if (items !== undefined && validity !== undefined && items.constructor === data.constructor) {
    items.set((data as Float64Array).subarray(start, start + rows) as never)
    if (valid === undefined) return
    for (let row = 0; row < rows; row++) if (valid[start + row] === 0) validity.setItemValid(row, false)
    return
  }
  for (let row = 0; row < rows; row++) {
    const value = valid?.[start + row] === 0 ? null : data[start + row]
    vector.setItem(row, (value === null || value === undefined ? null : native(value)) as never)
  }
}

function nativeValue(value: unknown, type: DataType, native: DuckDBType, duckdb: Module): unknown {
  switch (type.kind) {
    case "boolean":
      return value === 1 || value === true
    case "date":
      return new duckdb.DuckDBDateValue(value as number)
    case "timestamp":
      return new duckdb.DuckDBTimestampValue(value as bigint)
    case "timestamptz":
      return new duckdb.DuckDBTimestampTZValue(value as bigint)
    case "binary":
      return new duckdb.DuckDBBlobValue(value as Uint8Array)
    case "decimal":
      return new duckdb.DuckDBDecimalValue(unscaled(String(value), type.scale), type.precision, type.scale)
    case "list":
    case "map":
    case "struct": {
      const converter = duckdb.JSToDuckDBValueConverter
      return converter(entries(value, type) as never, native, converter)
    }
    default:
      return value
  }
}

/** Maps, at any depth, as the pairs that the converter takes. */
function entries(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null
  switch (type.kind) {
    case "map":
      return [...(value as ReadonlyMap<unknown, unknown>)].map(([key, of]) => ({
        key: entries(key, type.key),
        value: entries(of, type.value),
      }))
    case "list":
      return Array.from(value as ArrayLike<unknown>, item => entries(item, type.item))
    case "struct": {
      const object = value as Readonly<Record<string, unknown>>
      return Object.fromEntries(type.fields.map(({ name, type: of }) => [name, entries(object[name], of)]))
    }
    default:
      return value
  }
}

/** `"12.5"` at scale 2 is 1250n. Digits beyond the scale are rounded half away from zero. */
export function unscaled(text: string, scale: number): bigint {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".")
  const digits = BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"))
  const rounded = (fraction[scale] ?? "0") >= "5" ? digits + 1n : digits
  return text.startsWith("-") ? -rounded : rounded
}
