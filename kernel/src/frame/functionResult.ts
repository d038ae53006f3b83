// What a user's function gave, as batches of the schema it promised: rows (an array, or anything iterable, also a
// generator that yields them) or columns (an object of arrays). Whatever does not fit is refused by column and row.

import { didYouMean, fail } from "../errors.js"
import type { ColumnBatch, ColumnData } from "./ColumnBatch.js"
import type { DataType, Field } from "./types.js"

type TypedArray = Exclude<ColumnData, readonly unknown[]>
type Row = Readonly<Record<string, unknown>>

/** Rows that a function yields are handed on in batches of this many. */
const batchRows = 8192

export async function* resultBatches(
  result: unknown,
  fields: readonly Field[],
  where: string,
  input: ColumnBatch,
): AsyncGenerator<ColumnBatch> {
  if (result === null || result === undefined) return
  if (Array.isArray(result)) {
    if (result.length > 0) yield batchOfRows(result, fields, where)
  } else if (isIterable(result)) {
    yield* batchesOfRows(result, fields, where)
  } else if (typeof result === "object") {
    const batch = batchOfColumns(result as Row, fields, where, input)
    if (batch.rows > 0) yield batch
  } else {
    throw refuse(where, `the function gave a ${typeof result}`, shapeFix)
  }
}

const shapeFix = "Give an array of rows, or an object with an array for each column."

function isIterable(value: unknown): value is Iterable<Row> | AsyncIterable<Row> {
  return (
    typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
  )
}

async function* batchesOfRows(
  rows: Iterable<Row> | AsyncIterable<Row>,
  fields: readonly Field[],
  where: string,
): AsyncGenerator<ColumnBatch> {
  let waiting: Row[] = []
  for await (const row of rows) {
    if (waiting.push(row) < batchRows) continue
    yield batchOfRows(waiting, fields, where)
    waiting = []
  }
  if (waiting.length > 0) yield batchOfRows(waiting, fields, where)
}

function batchOfRows(rows: readonly Row[], fields: readonly Field[], where: string): ColumnBatch {
  rows.forEach((row, index) => {
    if (typeof row !== "object" || row === null)
      throw refuse(where, `row ${index} of what the function gave is ${describe(row)}`, shapeFix)
  })
  checkNames(Object.keys(rows[0]!), fields, where)
  return filled(
    rows.length,
    fields.map(field => packed(field, rows.length, index => rows[index]![field.name], where)),
    fields,
  )
}

function batchOfColumns(
  columns: Row,
  fields: readonly Field[],
  where: string,
  input: ColumnBatch,
): ColumnBatch {
  checkNames(Object.keys(columns), fields, where)
  let rows: number | undefined
  const made = fields.map(field => {
    const values = columns[field.name]
    if (!Array.isArray(values) && !ArrayBuffer.isView(values))
      throw refuse(where, `column \`${field.name}\` is ${describe(values)}, not an array`, shapeFix)
    const array = values as unknown as ArrayLike<unknown>
    rows ??= array.length
    if (array.length !== rows) {
      const problem = `column \`${field.name}\` has ${array.length} values and \`${fields[0]!.name}\` ${rows}`
      throw refuse(where, problem, "Give all columns the same length.")
    }
    return asIs(field.type, values, input) ?? packed(field, array.length, index => array[index], where)
  })
  return filled(rows ?? 0, made, fields)
}

interface PackedColumn {
  readonly data: ColumnData
  readonly valid?: Uint8Array
}

function filled(rows: number, made: readonly PackedColumn[], fields: readonly Field[]): ColumnBatch {
  const columns: Record<string, ColumnData> = Object.create(null)
  const valid: Record<string, Uint8Array> = Object.create(null)
  made.forEach((column, index) => {
    const { name } = fields[index]!
    columns[name] = column.data
    if (column.valid !== undefined) valid[name] = column.valid
  })
  return { rows, columns, valid }
}

/** A typed array of the column's own kind needs no copy; one that came in and is handed on keeps its NULLs. */
function asIs(type: DataType, values: unknown, input: ColumnBatch): PackedColumn | undefined {
  const store = stores[type.kind]
  if (store === undefined || !ArrayBuffer.isView(values) || values.constructor !== store.constructor_)
    return undefined
  const name = Object.keys(input.columns).find(column => input.columns[column] === (values as unknown))
  const valid = name === undefined ? undefined : input.valid[name]
  const data = values as unknown as TypedArray
  return valid === undefined ? { data } : { data, valid }
}

/** Values one by one; null and undefined are NULL. */
function packed(
  field: Field,
  rows: number,
  valueAt: (index: number) => unknown,
  where: string,
): PackedColumn {
  const { make } = stores[field.type.kind] ?? {}
  const data: unknown[] | TypedArray = make === undefined ? new Array(rows).fill(null) : make(rows)
  const convert = converters[field.type.kind] ?? same
  let valid: Uint8Array | undefined
  for (let index = 0; index < rows; index++) {
    const value = valueAt(index)
    if (value === null || value === undefined) {
      valid ??= new Uint8Array(rows).fill(1)
      valid[index] = 0
      continue
    }
    const fitting = convert(value, field.type)
    if (fitting === undefined) {
      const problem = `\`${field.name}\` of row ${index} is ${describe(value)}, not ${article(field.type)}`
      throw refuse(
        where,
        problem,
        fixes[field.type.kind] ?? "Convert it, or name another type in the schema.",
      )
    }
    data[index] = fitting as never
  }
  return valid === undefined ? { data: data as ColumnData } : { data: data as ColumnData, valid }
}

interface Store {
  readonly constructor_: unknown
  readonly make: (rows: number) => TypedArray
}
const store = <A extends TypedArray>(array: new (rows: number) => A): Store => ({
  constructor_: array,
  make: rows => new array(rows),
})
const stores: Partial<Record<DataType["kind"], Store>> = {
  boolean: store(Uint8Array),
  int8: store(Int8Array),
  int16: store(Int16Array),
  int32: store(Int32Array),
  int64: store(BigInt64Array),
  uint8: store(Uint8Array),
  uint16: store(Uint16Array),
  uint32: store(Uint32Array),
  uint64: store(BigUint64Array),
  float32: store(Float32Array),
  float64: store(Float64Array),
  date: store(Int32Array),
  timestamp: store(BigInt64Array),
  timestamptz: store(BigInt64Array),
}

type Converter = (value: unknown, type: DataType) => unknown
const same: Converter = value => value
const between =
  (low: number, high: number): Converter =>
  value => {
    const number = typeof value === "bigint" ? Number(value) : value
    return Number.isInteger(number) && (number as number) >= low && (number as number) <= high
      ? number
      : undefined
  }
const bigBetween =
  (low: bigint, high: bigint): Converter =>
  value => {
    const big = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value
    return typeof big === "bigint" && big >= low && big <= high ? big : undefined
  }
const float: Converter = value => (typeof value === "number" ? value : undefined)
const micros: Converter = value =>
  typeof value === "bigint" ? value : isDate(value) ? BigInt(value.getTime()) * 1000n : undefined
const days: Converter = value =>
  isDate(value) ? Math.floor(value.getTime() / 86_400_000) : Number.isInteger(value) ? value : undefined
const decimal: Converter = value =>
  ["string", "bigint", "number"].includes(typeof value) && /^-?\d+(\.\d+)?$/.test(String(value))
    ? String(value)
    : undefined

/** undefined: the value does not fit. */
const converters: Partial<Record<DataType["kind"], Converter>> = {
  boolean: value =>
    typeof value === "boolean" ? Number(value) : value === 0 || value === 1 ? value : undefined,
  int8: between(-128, 127),
  int16: between(-32_768, 32_767),
  int32: between(-(2 ** 31), 2 ** 31 - 1),
  int64: bigBetween(-(2n ** 63n), 2n ** 63n - 1n),
  uint8: between(0, 255),
  uint16: between(0, 65_535),
  uint32: between(0, 2 ** 32 - 1),
  uint64: bigBetween(0n, 2n ** 64n - 1n),
  float32: float,
  float64: float,
  utf8: value => (typeof value === "string" ? value : undefined),
  date: days,
  timestamp: micros,
  timestamptz: micros,
  decimal,
  binary: value => (value instanceof Uint8Array ? value : undefined),
  list: value =>
    Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as ArrayLike<unknown>) : undefined,
}
const fixes: Partial<Record<DataType["kind"], string>> = {
  utf8: "Make it text with String(...), or name another type in the schema.",
  decimal: 'Give a decimal as text, as in "12.50".',
}

function isDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime())
}

function checkNames(names: readonly string[], fields: readonly Field[], where: string): void {
  const wanted = fields.map(field => field.name)
  const missing = wanted.find(name => !names.includes(name))
  if (missing !== undefined) {
    const problem = `the function gave no \`${missing}\`.${didYouMean(missing, names)} It gave: ${names.join(", ") || "nothing"}`
    throw refuse(where, problem, "Give every column of the schema (null where there is no value).")
  }
  const extra = names.find(name => !wanted.includes(name))
  if (extra === undefined) return
  const problem = `the function gave \`${extra}\`, which is not in the schema.${didYouMean(extra, wanted)}`
  throw refuse(where, problem, `Add it to the schema, or leave it out. The schema: ${wanted.join(", ")}.`)
}

function refuse(where: string, problem: string, fix: string): Error {
  return fail("FUNCTION_RESULT", { where, problem, fix })
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value)
  if (typeof value === "bigint") return `${value}n`
  if (typeof value !== "object") return String(value)
  return Array.isArray(value) ? "an array" : `a ${value.constructor?.name ?? "object"}`
}

function article({ kind }: DataType): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`
}
