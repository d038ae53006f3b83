// Calls a user's function on batches, in whichever process it runs: gives it what its kind wants and hands on what it
// gives as batches of the promised schema. Knows nothing of engines.

import { fail, ShardlabError } from "../errors.js"
import type { ColumnBatch } from "./ColumnBatch.js"
import { resultBatches } from "./functionResult.js"
import { type MapUnit, mapVerbs } from "./nodes/MapBatches.js"
import { RowBatch } from "./RowBatch.js"
import type { Schema } from "./Schema.js"
import type { Field } from "./types.js"
import type { LiveFunction } from "./UserFunction.js"

export interface Applied {
  readonly fn: LiveFunction
  readonly name: string
  readonly input: Schema
  /** The columns of the result; of the input for a filter. */
  readonly fields: readonly Field[]
}

type Call = (...args: unknown[]) => unknown

/** One batch through the function. */
export async function* mapBatch(
  { fn, name, input, fields }: Applied,
  unit: MapUnit,
  batch: ColumnBatch,
): AsyncGenerator<ColumnBatch> {
  const where = mapVerbs[unit]
  const rows = new RowBatch(batch, input)
  const call = fn as Call
  if (unit === "batch") {
    yield* guarded(where, name, () => call(rows), fields, batch)
  } else if (unit === "row") {
    yield* guarded(where, name, () => eachRow(rows, call), fields, batch)
  } else {
    const kept = await called(where, name, () => keptRows(rows, call))
    if (kept.length > 0) yield kept.length === batch.rows ? batch : takeRows(batch, kept)
  }
}

/** One whole group through the function, which also gets the group's key. */
export async function* mapGroup(
  { fn, name, input, fields }: Applied,
  keys: readonly string[],
  batch: ColumnBatch,
): AsyncGenerator<ColumnBatch> {
  const rows = new RowBatch(batch, input)
  const first = rows.row(0) as Record<string, unknown>
  const key = Object.fromEntries(keys.map(column => [column, first[column]]))
  yield* guarded("mapGroups", name, () => (fn as Call)(rows, key), fields, batch)
}

/** The function's own failure (also of a generator that it gave) becomes one error that has it as its cause. */
async function* guarded(
  where: string,
  name: string,
  call: () => unknown,
  fields: readonly Field[],
  input: ColumnBatch,
): AsyncGenerator<ColumnBatch> {
  try {
    yield* resultBatches(await call(), fields, where, input)
  } catch (error) {
    throw functionError(where, name, error)
  }
}

async function called<T>(where: string, name: string, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw functionError(where, name, error)
  }
}

export function functionError(where: string, name: string, error: unknown): ShardlabError {
  if (error instanceof ShardlabError && error.code === "FUNCTION_RESULT") return error
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return fail("FUNCTION_FAILED", { where, name, error: said }, error)
}

async function eachRow(rows: RowBatch, call: Call): Promise<unknown[]> {
  const results: unknown[] = new Array(rows.rows)
  for (let index = 0; index < rows.rows; index++) {
    const result = call(rows.row(index))
    results[index] = isPromise(result) ? await result : result
  }
  return results
}

async function keptRows(rows: RowBatch, call: Call): Promise<number[]> {
  const kept: number[] = []
  for (let index = 0; index < rows.rows; index++) {
    const answer = call(rows.row(index))
    if (isPromise(answer) ? await answer : answer) kept.push(index)
  }
  return kept
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function"
}

/** The rows of these indices, as a batch of its own. */
export function takeRows({ columns, valid }: ColumnBatch, rows: readonly number[]): ColumnBatch {
  const take = <A extends ArrayLike<unknown>>(array: A): A => {
    const taken = (
      ArrayBuffer.isView(array)
        ? new (array.constructor as new (length: number) => A)(rows.length)
        : new Array(rows.length)
    ) as { [index: number]: unknown }
    for (let index = 0; index < rows.length; index++) taken[index] = array[rows[index]!]
    return taken as unknown as A
  }
  const all = <A extends ArrayLike<unknown>>(arrays: Readonly<Record<string, A>>): Record<string, A> => {
    const taken: Record<string, A> = Object.create(null)
    for (const [name, array] of Object.entries(arrays)) taken[name] = take(array)
    return taken
  }
  return { rows: rows.length, columns: all(columns), valid: all(valid) }
}
