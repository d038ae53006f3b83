// Dask, for real: every operation and every function of the catalog on two workers gives what the other engines give, or is
// refused by name. The table of differences.md is the one that the code has.
import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { DaskCluster } from "../../../kernel/src/engine/dask/connectDask.js"
import {
  differences,
  formats,
  lackingFunctions,
  operations as table,
  writeFormats,
} from "../../../kernel/src/engine/dask/operations.js"
import { createReader } from "../../../kernel/src/frame/reader.js"
import { createSql } from "../../../kernel/src/frame/sql.js"
import { checkExample, functionExamples, sameValue, scalarValues } from "../functionExamples.js"
import { asOf, operations } from "../operations.js"
import { sameRows } from "../sameRows.js"
import { startDask, startMs } from "./clusters.js"

let dask: DaskCluster
beforeAll(async () => {
  dask = await startDask()
}, startMs)
afterAll(() => dask.close())

const lacking = functionExamples.filter(({ name }) => Object.hasOwn(lackingFunctions, name))
const here = functionExamples.filter(example => !lacking.includes(example))
const scalar = here.filter(({ op }) => op === "call")
const perQuery = 40

describe("operations", () => {
  test.each([...operations, asOf].map(operation => [operation.name, operation] as const))(
    "%s",
    async (_, { frame, rows, ordered }) => {
      sameRows(await frame(createReader(dask.engine)).collect(), rows, ordered)
    },
  )
})

describe("functions of one row", () => {
  const found = new Map<string, unknown>()
  beforeAll(async () => {
    for (let at = 0; at < scalar.length; at += perQuery) {
      const some = scalar.slice(at, at + perQuery)
      // One that fails would hide the others: then each runs by itself, in its own test.
      const values = await scalarValues(dask.engine, some).catch(() => [])
      for (const [i, value] of values.entries()) found.set(some[i]!.name, value)
    }
  })
  test.each(scalar.map(example => [example.name, example] as const))("%s", async (name, example) => {
    if (found.has(name)) sameValue(example, found.get(name))
    else await checkExample(dask.engine, example)
  })
})

describe("aggregations and rankings", () => {
  const others = here.filter(example => !scalar.includes(example))
  test.each(others.map(example => [example.name, example] as const))("%s", (_, example) =>
    checkExample(dask.engine, example),
  )
})

describe("what Dask lacks", () => {
  test.each(lacking.map(example => [example.name, example] as const))(
    "the function %s is refused, and who has it is said",
    async (name, example) => {
      await expect(checkExample(dask.engine, example)).rejects.toThrow(
        `dask has no \`${name}\`. Engines that have it: duckdb`,
      )
    },
  )

  test("SQL and TypeScript functions are refused by name", async () => {
    const read = createReader(dask.engine)
    await expect(createSql(dask.engine)`select 1 as one`).rejects.toThrow(/dask has no SQL.*duckdb/)
    const mapped = read.range(3).mapBatches(batch => batch.map(row => ({ id: row.id })), { id: "int64" })
    await expect(mapped.collect()).rejects.toThrow(/dask has no `mapBatches`.*duckdb/)
  })

  test("keys that Arrow cannot compare are refused", async () => {
    const lists = createReader(dask.engine)
      .rows([{ t: "a,b" }])
      .select(f => ({ l: f.t.split(",") }))
    await expect(lists.distinct().collect()).rejects.toThrow(/dask has no distinct rows by a .*List.*duckdb/i)
  })

  test("differences.md has a line for each lack and each difference", () => {
    const text = readFileSync(
      new URL("../../../kernel/src/engine/dask/differences.md", import.meta.url),
      "utf8",
    )
    const lacks = [...Object.values(table), ...Object.values(formats), ...Object.values(writeFormats)]
    for (const lack of lacks) if (lack !== "has") expect(text).toContain(`| ${lack.what} | ${lack.why} |`)
    for (const [name, why] of Object.entries({ ...lackingFunctions, ...differences }))
      expect(text).toContain(`| \`${name}\` | ${why} |`)
  })
})
