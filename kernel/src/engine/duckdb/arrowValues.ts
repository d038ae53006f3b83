// Arrow's types and values to DuckDB's, one row a type. Times and decimals are taken from the raw words, because the
// library's own getters round them.

import type { DuckDBVector } from "@duckdb/node-api"
import type * as Arrow from "apache-arrow"
import { fail } from "../../errors.js"
import { quoteName } from "./quote.js"

type Module = typeof import("@duckdb/node-api")
type Vector = Arrow.Vector
export interface ArrowColumn {
  readonly sql: string
  /** Gives the value of a row, null for NULL. */
  readonly values: (vector: Vector) => (row: number) => unknown
  /** Copies rows from `start` into an engine's vector: as a block where both keep the same words. */
  readonly filler: (vector: Vector) => (into: DuckDBVector, start: number, rows: number) => void
}

/** Numbers of Arrow's format, `Type` in its schema. */
const type = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  list: 12,
  struct: 13,
  fixedSizeBinary: 15,
  fixedSizeList: 16,
  map: 17,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
  utf8View: 24,
  binaryView: 23,
  dictionary: -1,
}

export function columnOf(arrow: Arrow.DataType, duckdb: Module): ArrowColumn {
  const { convert, sql, raw, sameWords } = simpleOf(arrow, duckdb)
  const values = (vector: Vector) => {
    const words = raw?.(vector)
    if (words !== undefined) return (row: number) => (vector.isValid(row) ? words(row) : null)
    return (row: number) => {
      const value: unknown = vector.get(row)
      return value === null || value === undefined ? null : convert(value)
    }
  }
  const filler = (vector: Vector) => {
    const at = values(vector)
    const packed =
      sameWords === true && vector.data.length === 1 ? (vector.data[0]!.values as Words) : undefined
    return (into: DuckDBVector, start: number, rows: number) => {
      if (packed !== undefined && copied(packed, vector, into, start, rows)) return
      for (let row = 0; row < rows; row++) into.setItem(row, at(start + row) as never)
    }
  }
  return { sql, values, filler }
}

type Words = Float64Array | BigInt64Array

/** False when the engine's vector is laid out otherwise. The packed arrays are not in node-api's published types. */
function copied(words: Words, vector: Vector, into: DuckDBVector, start: number, rows: number): boolean {
  const { items, validity } = into as unknown as {
    items?: Words
    validity?: { setItemValid(index: number, valid: boolean): void }
  }
  if (items === undefined || validity === undefined || items.constructor !== words.constructor) return false
  items.set(words.subarray(start, start + rows) as never)
  if (vector.nullCount === 0) return true
  for (let row = 0; row < rows; row++) if (!vector.isValid(start + row)) validity.setItemValid(row, false)
  return true
}

interface Simple {
  readonly sql: string
  readonly convert: (value: unknown) => unknown
  /** Exact values from the packed words of a column; undefined where its layout is another. */
  readonly raw?: (vector: Vector) => ((row: number) => unknown) | undefined
  /** Both sides keep the same packed numbers. */
  readonly sameWords?: boolean
}

const same = (value: unknown) => value

function simpleOf(arrow: Arrow.DataType, duckdb: Module): Simple {
  switch (arrow.typeId as number) {
    case type.dictionary:
      return simpleOf((arrow as Arrow.Dictionary).dictionary, duckdb)
    case type.null:
      return { sql: "VARCHAR", convert: () => null }
    case type.int: {
      const { bitWidth, isSigned } = arrow as Arrow.Int
      const name = { 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" }[bitWidth]
      return { sql: isSigned ? name : `U${name}`, convert: same, sameWords: true }
    }
    case type.float:
      return {
        sql: (arrow as Arrow.Float).precision === 2 ? "DOUBLE" : "FLOAT",
        convert: Number,
        sameWords: (arrow as Arrow.Float).precision > 0,
      }
    case type.utf8:
    case type.largeUtf8:
    case type.utf8View:
      return { sql: "VARCHAR", convert: String }
    case type.bool:
      return { sql: "BOOLEAN", convert: Boolean }
    case type.binary:
    case type.largeBinary:
    case type.binaryView:
    case type.fixedSizeBinary:
      return { sql: "BLOB", convert: value => new duckdb.DuckDBBlobValue(value as Uint8Array) }
    case type.decimal:
      return decimalOf(arrow as Arrow.Decimal, duckdb)
    case type.date:
      return {
        sql: "DATE",
        convert: value => new duckdb.DuckDBDateValue(Math.floor(Number(value) / 86_400_000)),
      }
    case type.timestamp:
      return timestampOf(arrow as Arrow.Timestamp, duckdb)
    case type.time:
      return timeOf(arrow as Arrow.Time, duckdb)
    case type.list:
    case type.largeList:
    case type.fixedSizeList:
      return listOf((arrow as Arrow.List).children[0]!.type, duckdb)
    case type.struct:
      return structOf(arrow as Arrow.Struct, duckdb)
    case type.map:
      return mapOf(arrow as Arrow.Map_, duckdb)
    default:
      throw fail("TYPE_MISMATCH", {
        operation: "read.arrow",
        problem: `a column is ${arrow}, which has no type here`,
        fix: "Write the file without that column, or cast it there.",
      })
  }
}

const perUnit = [1_000_000n, 1_000n, 1n] as const

/** Seconds, milliseconds, microseconds or nanoseconds to microseconds. */
function micros(value: bigint, unit: number): bigint {
  return unit === 3 ? value / 1_000n : value * perUnit[unit]!
}

function timestampOf({ unit, timezone }: Arrow.Timestamp, duckdb: Module): Simple {
  const make = (value: bigint) =>
    timezone ? new duckdb.DuckDBTimestampTZValue(value) : new duckdb.DuckDBTimestampValue(value)
  return {
    sql: timezone ? "TIMESTAMPTZ" : "TIMESTAMP",
    convert: value => make(BigInt(Math.round(Number(value) * 1000))),
    raw: vector => words64(vector, value => make(micros(value, unit))),
    sameWords: unit === 2,
  }
}

function timeOf({ unit }: Arrow.Time, duckdb: Module): Simple {
  const convert = (value: unknown) => new duckdb.DuckDBTimeValue(micros(BigInt(value as number), unit))
  return { sql: "TIME", convert }
}

/** The packed 64-bit words of a column, when it has them. */
function words64(
  vector: Vector,
  convert: (value: bigint) => unknown,
): ((row: number) => unknown) | undefined {
  const [data, ...others] = vector.data
  const values: unknown = data?.values
  if (others.length > 0 || !(values instanceof BigInt64Array)) return undefined
  return row => convert(values[row]!)
}

function decimalOf({ precision, scale, bitWidth }: Arrow.Decimal, duckdb: Module): Simple {
  const width = Math.min(precision, 38)
  const convert = (value: unknown) => {
    const words = value as Uint32Array
    let whole = 0n
    for (let i = words.length - 1; i >= 0; i--) whole = (whole << 32n) | BigInt(words[i]!)
    return new duckdb.DuckDBDecimalValue(BigInt.asIntN(bitWidth, whole), width, scale)
  }
  return { sql: `DECIMAL(${width}, ${scale})`, convert }
}

function listOf(item: Arrow.DataType, duckdb: Module): Simple {
  const column = columnOf(item, duckdb)
  return {
    sql: `${column.sql}[]`,
    convert: value => {
      const vector = value as Vector
      const at = column.values(vector)
      return new duckdb.DuckDBListValue(Array.from({ length: vector.length }, (_, row) => at(row)) as never)
    },
  }
}

function structOf(arrow: Arrow.Struct, duckdb: Module): Simple {
  const fields = arrow.children.map(({ name, type: inner }) => ({ name, column: simpleOf(inner, duckdb) }))
  return {
    sql: `STRUCT(${fields.map(({ name, column }) => `${quoteName(name)} ${column.sql}`).join(", ")})`,
    convert: value => {
      const row = value as Record<string, unknown>
      const entries = fields.map(({ name, column }) => [
        name,
        row[name] == null ? null : column.convert(row[name]),
      ])
      return new duckdb.DuckDBStructValue(Object.fromEntries(entries))
    },
  }
}

function mapOf(arrow: Arrow.Map_, duckdb: Module): Simple {
  const [key, item] = (arrow.children[0]!.type as Arrow.Struct).children.map(child =>
    simpleOf(child.type, duckdb),
  )
  return {
    sql: `MAP(${key!.sql}, ${item!.sql})`,
    convert: value => {
      const entries = [...(value as Iterable<[unknown, unknown]>)]
      return new duckdb.DuckDBMapValue(
        entries.map(([k, v]) => ({
          key: key!.convert(k),
          value: v == null ? null : item!.convert(v),
        })) as never,
      )
    },
  }
}
