// Our chain's rows against raw SQL's, one by one and in order. Decimals and integers equal as text; doubles to a billionth,
// because the two sum in another order.
import type { DataFrame } from "shardlab"
import { expect } from "vitest"
import { queries, type Tables } from "./queries.js"
import { queryNumbers, queryText, rawTpch } from "./raw.mjs"
import { readTables } from "./tables.mjs"

interface Reader {
  parquet(path: string): Promise<DataFrame>
}

/** All 22 queries on one scale factor, or some. `reader` decides the engine; raw SQL runs in DuckDB. */
export async function expectSameAnswers(
  reader: Reader,
  scaleFactor: number,
  only: readonly number[] = queryNumbers,
): Promise<void> {
  const tables = (await readTables(reader, scaleFactor)) as Tables
  const raw = await rawTpch(scaleFactor)
  for (const number of only) {
    const query = queries[number]!
    const expected = (await raw.runAndReadAll(queryText(number, scaleFactor))).getRows()
    const found = (await query(tables, scaleFactor).collect()) as Record<string, unknown>[]
    expect(found.length, `rows of query ${number}`).toBe(expected.length)
    found.forEach((row, i) => {
      const values = Object.values(row)
      expect(values.length, `columns of query ${number}`).toBe(expected[i]!.length)
      values.forEach((value, c) => {
        if (!same(value, expected[i]![c]))
          expect(text(value), `query ${number}, row ${i}, column ${c}`).toBe(text(expected[i]![c]))
      })
    })
  }
}

function same(ours: unknown, theirs: unknown): boolean {
  if (text(ours) === text(theirs)) return true
  if (typeof ours !== "number" && typeof theirs !== "number") return false
  const [a, b] = [Number(ours), Number(theirs)]
  return Math.abs(a - b) <= 1e-9 * Math.abs(b)
}

function text(value: unknown): string {
  return value instanceof Date ? value.toISOString().slice(0, 10) : String(value)
}
