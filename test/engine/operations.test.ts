// Every operation on DuckDB, and what is DuckDB's own about them: views, checkpoints, caches, observations, explain.
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { displaySymbol, typeSymbol } from "../../kernel/src/display.js"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { col, count } from "../../kernel/src/frame/free.js"
import { planFromJson } from "../../kernel/src/frame/nodes/plan.js"
import { Observation } from "../../kernel/src/frame/Observation.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { createSql } from "../../kernel/src/frame/sql.js"
import { cachesOf, clearCaches } from "../../kernel/src/runner/caches.js"
import { asOf, operations } from "./operations.js"
import { sameRows } from "./sameRows.js"

const engine = duckdbEngine({ threads: 2 })
const read = createReader(engine)
const sql = createSql(engine)
afterAll(() => engine.close())

describe("operations", () => {
  test.each([...operations, asOf].map(operation => [operation.name, operation] as const))(
    "%s",
    async (_, { frame, rows, ordered }) => {
      const made = frame(read)
      sameRows(await made.collect(), rows, ordered)
      const again = planFromJson(JSON.parse(JSON.stringify(made.plan)))
      expect(again.schema.fields).toEqual(made.plan.schema.fields)
    },
  )
})

test("a seeded sample is the same each time and near its share", async () => {
  const drawn = () =>
    read
      .range(20_000)
      .sample(0.25, { seed: 5 })
      .agg(f => ({ n: count(), total: f.id.sum() }))
      .collect()
  const [first] = await drawn()
  expect(await drawn()).toEqual([first])
  expect(Math.abs(Number(first!.n) - 5000)).toBeLessThan(300)
})

test("a view is read by name and in SQL, also through another view", async () => {
  await read
    .range(10)
    .filter(f => f.id.gte(7))
    .createView("late")
  expect(await (await read.table("late")).count()).toBe(3)
  await (await sql`select id * 2 as twice from late`).createView("doubled")
  expect(await (await sql`select sum(twice)::bigint as s from doubled`).collect()).toEqual([{ s: 48n }])
  await expect(read.range(3).createView("late")).rejects.toThrow(/a view `late` already.*replace: true/)
  await read.range(3).createView("late", { replace: true })
  expect(await (await read.table("late")).count()).toBe(3)
  await expect(read.table("lat")).rejects.toThrow(/no table or view `lat`.*Did you mean `late`/)
})

test("a cache computes once until it is let go, a checkpoint at once", async () => {
  let calls = 0
  const mapped = read.range(3).mapBatches(
    batch => {
      calls++
      return batch.map(row => ({ id: row.id }))
    },
    { id: "int64" },
  )
  const cached = mapped.cache()
  expect(calls).toBe(0)
  expect([await cached.count(), await cached.count(), calls]).toEqual([3, 3, 1])
  const freed = await cached.unpersist()
  await freed.count()
  expect(calls).toBe(2)
  const kept = await mapped.checkpoint()
  expect(calls).toBe(3)
  expect([await kept.count(), (await kept.collect()).length, calls]).toEqual([3, 3, 3])
})

test("what is cached is listed with its rows, and all of it can be let go", async () => {
  const other = duckdbEngine({ threads: 1 })
  const cached = createReader(other)
    .range(100)
    .filter(f => f.id.gte(90))
    .persist("memory")
  expect((await cachesOf([other])).length).toBe(0)
  expect(await cached.count()).toBe(10)
  const listed = await cachesOf([other])
  expect([...listed]).toEqual([
    { plan: "filter gte(id, 90) < range 0 to 100", runsOn: "duckdb", level: "memory", rows: 10 },
  ])
  expect(listed[displaySymbol]()["text/plain"]).toMatch(/^1 cached frame\n[\s\S]*memory +10 +not known$/)
  const left = await clearCaches([other])
  expect(left[displaySymbol]()).toEqual({ "text/plain": "Nothing is cached." })
  expect(await cached.count()).toBe(10)
  expect((await cachesOf([other])).length).toBe(1)
  await other.close()
})

test("an observation has the numbers of the rows that passed", async () => {
  const seen = new Observation("rows")
  const frame = read
    .range(100)
    .observe(seen, f => ({ rows: count(), high: f.id.max() }))
    .filter(f => f.id.lt(5))
  expect(await frame.count()).toBe(5)
  expect(await seen.get()).toEqual({ rows: 100n, high: 99n })
})

test("explain has five modes", async () => {
  const frame = read.range(100).filter(f => f.id.gt(5))
  const text = async (mode: "simple" | "extended" | "codegen" | "cost" | "formatted") =>
    String(await frame.explain(mode))
  expect(await text("simple")).toMatch(/filter gt\(id, 5\)/)
  expect(await text("extended")).toMatch(/optimised logical plan[\s\S]*physical plan/)
  expect(await text("codegen")).toMatch(/SELECT \* FROM \(SELECT CAST\(range AS BIGINT\)/)
  expect(await text("cost")).toMatch(/estimated cardinality/)
  expect(await text("formatted")).toMatch(/┌/)
})

test("a pivot without values finds them", async () => {
  const pivoted = await read
    .rows([
      { k: "a", v: 1 },
      { k: "b", v: 2 },
    ])
    .groupBy()
    .pivot("k")
  expect(await pivoted.agg(f => ({ v: f.v.sum() })).collect()).toEqual([{ a: 1, b: 2 }])
})

test("a union of swapped columns is refused, and by name it works", () => {
  const one = read.rows([{ a: 1, b: 2 }])
  const other = read.rows([{ b: 2, a: 1 }])
  expect(() => one.union(other)).toThrow(/same columns in another order.*unionByName/)
  expect(one.unionByName(other).columns).toEqual(["a", "b"])
})

test("a window function without its window says so", () => {
  expect(() => read.range(3).select({ r: col("id").sum() })).toThrow(/is an aggregation/)
})

test("what a Parquet file says of NULLs is in the schema", async () => {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-nulls-"))
  const rows = read.rows(
    [
      { a: 1, b: null },
      { a: 2, b: 3 },
    ],
    { a: "int32", b: "int32" },
  )
  await rows.write.parquet(join(folder, "x.parquet"))
  const again = await read.parquet(join(folder, "x.parquet"))
  expect(again.schema.fields.map(({ nullable }) => nullable)).toEqual([false, true])
  expect(again.with(f => ({ c: f.a.add(f.b!) })).schema.field("c", "test").nullable).toBe(true)
  expect(again[typeSymbol]()).toContain('b: import("shardlab").Nullable<import("shardlab").Int32>')
})
