// What a user's function gave, as batches of the schema it promised: rows (an array, or anything iterable, also a
// generator that yields them) or columns (an object of arrays). Whatever does not fit is refused by column and row.

import { didYouMean, fail } from "../errors.js"
import type { ColumnBatch, ColumnData } from "./ColumnBatch.js"
import { describe, fitting, innermostMisfit } from "./fitting.js"
import { type TypedArray, typedArrays } from "./typedArrays.js"
import type { DataType, Field } from "./types.js"

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
  if (!ArrayBuffer.isView(values) || values.constructor !== typedArrays[type.kind]) return undefined
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
  const store = typedArrays[field.type.kind]
  const data: unknown[] | TypedArray = store === undefined ? new Array(rows).fill(null) : new store(rows)
  const fit = fitting(field.type)
  let valid: Uint8Array | undefined
  for (let index = 0; index < rows; index++) {
    const value = valueAt(index)
    if (value === null || value === undefined) {
      valid ??= new Uint8Array(rows).fill(1)
      valid[index] = 0
      continue
    }
    const fits = fit(value)
    if (fits === undefined) throw misfit(field, value, index, where)
    data[index] = fits as never
  }
  return valid === undefined ? { data: data as ColumnData } : { data: data as ColumnData, valid }
}

function misfit({ name, type }: Field, given: unknown, index: number, where: string): Error {
  const { path, value, type: wanted } = innermostMisfit(given, type, name)
  const problem = `\`${path}\` of row ${index} is ${describe(value)}, not ${article(wanted)}`
  const fix = fixes[wanted.kind] ?? "Convert it, or name another type in the schema."
  return refuse(where, problem, fix)
}

const fixes: Partial<Record<DataType["kind"], string>> = {
  utf8: "Make it text with String(...), or name another type in the schema.",
  decimal: 'Give a decimal as text, as in "12.50".',
}

function article(type: DataType): string {
  const name = type.kind === "decimal" ? `decimal(${type.precision},${type.scale})` : type.kind
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`
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
