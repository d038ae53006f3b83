// What a column of a batch holds: numbers, lists of numbers, texts, gaps. Not how a network takes it: RowMaker.ts.

import type { SourceBatch } from "./BatchSource.js"

export type Column = ArrayLike<unknown>

/** Tells of a row whether it has no value; undefined when the column has no gaps. */
export function gapsOf(batch: SourceBatch, name: string): ((row: number) => boolean) | undefined {
  const [column, valid] = [batch.columns[name]!, batch.valid?.[name]]
  if (valid !== undefined) return row => valid[row] === 0
  if (column instanceof Float32Array || column instanceof Float64Array)
    return row => Number.isNaN(column[row])
  if (!Array.isArray(column)) return undefined
  return row => column[row] === null || column[row] === undefined || Number.isNaN(column[row])
}

const isNumber = (value: unknown) =>
  typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
export const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || ArrayBuffer.isView(value)

/** Numbers a row; undefined for what is not numbers. */
export function widthOf(column: Column): number | undefined {
  if (ArrayBuffer.isView(column)) return 1
  const first = firstValue(column)
  if (isNumber(first)) return 1
  return isList(first) && first.length > 0 && isNumber(first[0]) ? first.length : undefined
}

export function isText(column: Column): boolean {
  return !ArrayBuffer.isView(column) && typeof firstValue(column) === "string"
}

function firstValue(column: Column): unknown {
  for (let i = 0; i < column.length; i++) if (column[i] !== null && column[i] !== undefined) return column[i]
  return undefined
}

export function describe(column: Column): string {
  const first = firstValue(column)
  if (first === undefined) return "no values"
  return first instanceof Date ? "dates" : `values such as ${JSON.stringify(first)?.slice(0, 40)}`
}
