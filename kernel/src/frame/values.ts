// From columns to JavaScript values: rows for `collect`, one cell for a table. Not the other way (literal.ts, reader.ts).

import { fail } from "../errors.js"
import type { ColumnBatch, ColumnData } from "./ColumnBatch.js"
import type { Schema } from "./Schema.js"
import type { DataType } from "./types.js"

export interface CollectOptions {
  /** `bigint` (default) is exact; `number` fails outside ±(2^53 - 1). */
  readonly int64?: "bigint" | "number"
  /** `text` (default) is exact; `number` is the nearest. */
  readonly decimal?: "text" | "number"
}

type Getter = (row: number) => unknown

/** Readers of a batch's columns, in the schema's order. */
export function getters(batch: ColumnBatch, schema: Schema, options: CollectOptions = {}): readonly Getter[] {
  return schema.fields.map(({ name, type }) => {
    const read = getter(name, type, batch.columns[name]!, options)
    const valid = batch.valid[name]
    return valid === undefined ? read : row => (valid[row] === 0 ? null : read(row))
  })
}

/** One plain object a row. */
export function rowsOf(
  batch: ColumnBatch,
  schema: Schema,
  options: CollectOptions,
): Record<string, unknown>[] {
  const columns = getters(batch, schema, options)
  const names = schema.names
  return Array.from({ length: batch.rows }, (_, row) => {
    const object: Record<string, unknown> = {}
    for (let c = 0; c < names.length; c++) setOwn(object, names[c]!, columns[c]!(row))
    return object
  })
}

/** A column may be called `__proto__`; a plain assignment would then change the row's prototype. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value
  else Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
}

function getter(name: string, type: DataType, data: ColumnData, options: CollectOptions): Getter {
  switch (type.kind) {
    case "boolean":
      return row => data[row] === 1
    case "date":
      return row => new Date((data[row] as number) * 86_400_000)
    case "timestamp":
    case "timestamptz":
      return row => new Date(Number((data[row] as bigint) / 1000n))
    case "int64":
    case "uint64":
      return options.int64 === "number" ? row => exactNumber(name, data[row] as bigint) : row => data[row]
    case "decimal":
      return options.decimal === "number" ? row => Number(data[row]) : row => data[row]
    default:
      return row => data[row]
  }
}

function exactNumber(name: string, value: bigint): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw fail("INT64_RANGE", { name, value })
}
