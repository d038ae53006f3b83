// Our batches into a table of DuckDB's. Numbers are copied as blocks where the vector has a packed array, as in columns.ts,
// which is the other direction.

import type { DuckDBAppender, DuckDBValue, DuckDBVector } from "@duckdb/node-api"
import type { ColumnBatch, ColumnData } from "../../frame/ColumnBatch.js"
import { unscaled } from "../../frame/decimalText.js"
import type { TypedArray } from "../../frame/typedArrays.js"
import type { DataType, Field } from "../../frame/types.js"

type Module = typeof import("@duckdb/node-api")

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
      fill(vector, part, value => nativeValue(value, type, duckdb))
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

/** A value as a column holds it (ColumnBatch.ts). */
function nativeValue(value: unknown, type: DataType, duckdb: Module): unknown {
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
    case "struct":
      return insideValue(value, type, duckdb)
    default:
      return value
  }
}

/** A value as `collect` gives it, which is how it stands inside lists, maps and structs. */
function insideValue(value: unknown, type: DataType, duckdb: Module): unknown {
  if (value === null || value === undefined) return null
  const inside = (inner: unknown, of: DataType) => insideValue(inner, of, duckdb) as DuckDBValue
  switch (type.kind) {
    case "date":
      return nativeValue(Math.floor((value as Date).getTime() / 86_400_000), type, duckdb)
    case "timestamp":
    case "timestamptz":
      return nativeValue(BigInt((value as Date).getTime()) * 1000n, type, duckdb)
    case "list":
      return new duckdb.DuckDBListValue(
        Array.from(value as ArrayLike<unknown>, item => inside(item, type.item)),
      )
    case "map": {
      const entries = [...(value as ReadonlyMap<unknown, unknown>)]
      return new duckdb.DuckDBMapValue(
        entries.map(([key, of]) => ({ key: inside(key, type.key), value: inside(of, type.value) })),
      )
    }
    case "struct": {
      const object = value as Readonly<Record<string, unknown>>
      return new duckdb.DuckDBStructValue(
        Object.fromEntries(type.fields.map(({ name, type: of }) => [name, inside(object[name], of)])),
      )
    }
    default:
      return nativeValue(value, type, duckdb)
  }
}
