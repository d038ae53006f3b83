// Frames on a real Spark 4.3 and a real Sail 0.7: every plan node, the types of results, errors, cancelling, writing.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import type { LocalServers } from "../../../kernel/lib/engine/spark/launch/standalone.js"
import { openSpark } from "../../../kernel/lib/engine/spark/openSpark.js"
import type { SparkEngine } from "../../../kernel/lib/engine/spark/SparkEngine.js"
import type { DataFrame } from "../../../kernel/lib/frame/DataFrame.js"
import { count, countDistinct, desc, lit, when } from "../../../kernel/lib/frame/free.js"
import { createReader, type Reader } from "../../../kernel/lib/frame/reader.js"
import { createSql, type SqlTag } from "../../../kernel/lib/frame/sql.js"
import type { AnySchema } from "../../../kernel/lib/frame/types.js"
import { products, startCluster, startMs } from "./clusters.js"

const flightsFile = new URL("../../../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url)
  .pathname

describe.each(products)("%s", product => {
  const folder = mkdtempSync(join(tmpdir(), `shardlab-${product}-`))
  let servers: LocalServers
  let engine: SparkEngine
  let read: Reader
  let sql: SqlTag
  let small: DataFrame<AnySchema>
  const path = (name: string) => join(folder, name)

  beforeAll(async () => {
    servers = await startCluster(product)
    engine = await openSpark(servers.address, { stateFolder: path("state") })
    read = createReader(engine)
    sql = createSql(engine)
    small = read.rows(
      [
        { k: "a", n: 1n, x: 0.5, day: new Date(0) },
        { k: "b", n: 2n, x: null, day: null },
        { k: "a", n: 3n, x: -2.25, day: new Date(86_400_000) },
      ],
      { k: "utf8", n: "int64", x: "float64", day: "timestamp" },
    ) as unknown as DataFrame<AnySchema>
    // The first query of a cold JVM takes seconds.
    await small.count()
  }, startMs)
  afterAll(async () => {
    await engine?.close()
    await servers?.servers.close()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  test("filter, new columns, when, cast, names that need quotes", async () => {
    const rows = await small
      .filter(f => f.n!.gt(1).and(f.k!.ne("z")))
      .with(f => ({
        "a `b`.c": f.n!.mul(2),
        kind: when(f.x!.isNull(), "none").otherwise("some"),
        t: f.x!.cast("int32"),
      }))
      .drop("day", "x")
      .sort("n")
      .collect()
    expect(rows).toEqual([
      { k: "b", n: 2n, "a `b`.c": 4n, kind: "none", t: null },
      { k: "a", n: 3n, "a `b`.c": 6n, kind: "some", t: -2 },
    ])
  })
  test("groups, aggregates and their types", async () => {
    const grouped = small.groupBy("k").agg(f => ({
      rows: count(),
      kinds: countDistinct(f.n!),
      total: f.n!.sum(),
      mean: f.x!.mean(),
      median: f.n!.quantile(0.5),
      high: f.x!.max(),
    }))
    expect(await grouped.sort("k").collect()).toEqual([
      { k: "a", rows: 2n, kinds: 2n, total: 4n, mean: -0.875, median: 2, high: 0.5 },
      { k: "b", rows: 1n, kinds: 1n, total: 2n, mean: null, median: 2, high: null },
    ])
  })
  test.each([
    ["inner", 2],
    ["left", 3],
    ["right", 3],
    ["full", 4],
    ["semi", 2],
    ["anti", 1],
  ] as const)("%s join, also with itself", async (how, rows) => {
    const other = read.rows([
      { k: "a", w: 1 },
      { k: "c", w: 2 },
    ]) as unknown as DataFrame<AnySchema>
    expect(await small.join(other, { on: "k", how }).count()).toBe(rows)
    const twice = small.join(small, { on: "n", how: "inner" }).sort("n")
    expect((await twice.collect()).map(row => [row.n, row.k, row.k_right])).toEqual([
      [1n, "a", "a"],
      [2n, "b", "b"],
      [3n, "a", "a"],
    ])
  })
  test("union by name, distinct, sort with NULLs, limit", async () => {
    const again = small.select("x", "day", "n", "k") as unknown as DataFrame<AnySchema>
    expect(await small.unionByName(again).distinct().count()).toBe(3)
    const sorted = await small.sort("x").limit(2).collect()
    expect(sorted.map(row => row.x)).toEqual([null, -2.25])
    expect((await small.sort(desc("x")).collect()).map(row => row.x)).toEqual([0.5, -2.25, null])
  })
  test("a value is never SQL", async () => {
    const nasty = "'; drop table t; --"
    expect(
      await small
        .with(() => ({ v: lit(nasty) }))
        .filter(f => f.v!.eq(nasty))
        .count(),
    ).toBe(3)
    const frame = await sql`select ${nasty} as v, count(*) as n from ${small}`
    expect(await frame.collect()).toEqual([{ v: nasty, n: 3n }])
  })
  test("SQL that does something runs once; its frame holds what it gave", async () => {
    await sql`create temp view once as select 7 as x`
    expect(await (await sql`select * from once`).collect()).toEqual([{ x: 7 }])
  })

  test("parquet, csv and json, written, partitioned, read back", async () => {
    const plain = small.drop("day")
    expect(await plain.write.parquet(path("p"), { partitionBy: ["k"] })).toEqual({ path: path("p"), rows: 3 })
    const back = await read.parquet(path("p"))
    expect(await back.sort("n").collect()).toEqual([
      { n: 1n, x: 0.5, k: "a" },
      { n: 2n, x: null, k: "b" },
      { n: 3n, x: -2.25, k: "a" },
    ])
    await expect(plain.write.parquet(path("p"))).rejects.toThrow(/exists already.*overwrite/)
    await plain.limit(1).write.parquet(path("p"), { mode: "overwrite", partitionBy: ["k"] })
    expect(await (await read.parquet(path("p"))).count()).toBe(1)
    expect(await plain.write.parquet(path("p"), { mode: "append", partitionBy: ["k"] })).toMatchObject({
      rows: 3,
    })
    expect(await plain.write.parquet(path("p"), { mode: "ignore" })).toMatchObject({ rows: 0 })
    const appended = await read.parquet(path("p"))
    expect(appended.columns).toEqual(["n", "x", "k"])
    expect(await appended.count()).toBe(4)
    // DuckDB takes the same files for the table.
    const duckdb = duckdbEngine()
    expect(await (await createReader(duckdb).parquet(path("p"))).count()).toBe(4)
    await duckdb.close()
    await expect(plain.write.arrow(path("x.arrow"))).rejects.toMatchObject({ code: "NOT_ON_ENGINE" })
    await plain.write.csv(path("c"))
    expect(await (await read.csv(path("c"))).agg(f => ({ s: f.x!.sum() })).collect()).toEqual([{ s: -1.75 }])
    await plain.write.json(path("j"))
    expect((await (await read.json(path("j"))).sort("n").collect())[0]).toMatchObject({
      k: "a",
      n: 1n,
      x: 0.5,
    })
    expect(readdirSync(folder)).not.toContain("_staging")
  })
  test("files that hive folders leave out are no shards, and explain says which", async () => {
    const rows = small.with(f => ({ year: f.n!.add(2020) })).drop("day")
    await rows.write.parquet(path("hive"), { partitionBy: ["year", "k"] })
    const back = await read.parquet(path("hive"))
    // Sail takes the folders' names for text.
    const late = back
      .rename({ year: "y" })
      .filter(f => f.y.cast("int32").gt(2021).and(f.k!.ne("b")).and(f.x!.lt(0)))
    expect((await late.shards()).map(({ uri }) => /year=.*?\/k=./.exec(uri)?.[0])).toEqual(["year=2023/k=a"])
    expect(String(await late.explain())).toContain(
      "read 1 of 3 files (hive pruning), without year=2021/k=a, year=2022/k=b",
    )
    expect(await late.count()).toBe(1)
    expect((await back.shards()).length).toBe(3)
    expect(String(await back.explain())).not.toContain("pruning")
  })
  test("a failing write leaves the old rows and no part", async () => {
    const frame = small.select("n")
    await frame.write.parquet(path("old"))
    const bad = frame.with(f => ({ n: f.n!.div(f.n!.sub(2)) }))
    await expect(bad.write.parquet(path("old"), { mode: "overwrite" })).rejects.toMatchObject({
      code: "CLUSTER_FAILED",
    })
    expect(await (await read.parquet(path("old"))).count()).toBe(3)
    await expect(bad.write.parquet(path("new"))).rejects.toThrow(/zero/i)
    expect(existsSync(path("new"))).toBe(false)
    expect(readdirSync(folder)).not.toContain("_staging")
  })
  test("a missing file names the nearest; shards are the files", async () => {
    await expect(read.parquet(flightsFile.replace("flights", "fligths"))).rejects.toThrow(
      /Did you mean `flights-3m/,
    )
    const flights = await read.parquet(flightsFile)
    expect(await flights.count()).toBe(3_000_000)
    expect(await flights.shards()).toMatchObject([{ id: 0, bytes: expect.any(Number) }])
  })

  test("types of results: decimal, dates, both timestamps, binary, lists, structs, maps, NULLs inside", async () => {
    const frame =
      await sql`select cast(-1.5 as decimal(20,3)) as dec, cast('99999999999999999999999999999999999.99' as decimal(38,2)) as big,
      date'1969-12-31' as day, timestamp'2020-01-02 03:04:05.678' as ltz, timestamp_ntz'2020-01-02 03:04:05.678' as ntz,
      cast('ab' as binary) as bin, array(1L, null) as list, named_struct('a', date'2020-01-01', 'b', array('x')) as st,
      map('k', cast(1.50 as decimal(5,2))) as m, cast(null as int) as nothing, cast(1 as tinyint) as tiny, true as yes`
    const at = new Date("2020-01-02T03:04:05.678Z")
    const [row] = (await frame.collect()) as Record<string, unknown>[]
    expect(row).toMatchObject({
      dec: "-1.500",
      big: "99999999999999999999999999999999999.99",
      day: new Date("1969-12-31T00:00:00Z"),
      ltz: at,
      ntz: at,
      list: [1n, null],
      st: { a: new Date("2020-01-01T00:00:00Z"), b: ["x"] },
      nothing: null,
      tiny: 1,
      yes: true,
    })
    expect(row!.m).toEqual(new Map([["k", "1.50"]]))
    expect([...(row!.bin as Uint8Array)]).toEqual([97, 98])
  })
  test("batches of a wanted size over many batches of the server", async () => {
    const frame = await sql`select id, cast(id as string) as text from range(100000)`
    let [rows, sum] = [0, 0n]
    const sizes = new Set<number>()
    for await (const batch of frame.batches(30_000)) {
      sizes.add(batch.rows)
      rows += batch.rows
      for (const id of batch.columns.id as BigInt64Array) sum += id
    }
    expect([rows, sum, [...sizes]]).toEqual([100_000, 4_999_950_000n, [30_000, 10_000]])
  })
  test("values larger than a piece of a message arrive whole", async () => {
    const frame = await sql`select repeat('é', 3000000) as text`
    const [row] = (await frame.collect()) as { text: string }[]
    expect(row!.text).toHaveLength(3_000_000)
  }, 60_000)

  test("errors name the column, the class and the fix", async () => {
    await expect(sql`select nope from ${small}`).rejects.toMatchObject({ code: "UNKNOWN_COLUMN" })
    const failed = small.with(f => ({ z: f.n!.div(f.n!.sub(1)) })).collect()
    await expect(failed).rejects.toMatchObject({
      code: "CLUSTER_FAILED",
      message: expect.stringMatching(/zero/i),
    })
    if (product === "spark")
      await expect(failed).rejects.toMatchObject({
        details: { errorClass: "DIVIDE_BY_ZERO", sqlState: "22012" },
      })
  })
  test("an interrupt stops the query on the server and the session works on", async () => {
    const slow = await sql`select sum(hash(a.id, b.id)) as s from range(300000) a cross join range(300000) b`
    const running = slow.collect()
    const failed = expect(running).rejects.toMatchObject({ code: "QUERY_CANCELLED" })
    await new Promise(done => setTimeout(done, 1_500))
    engine.cancel()
    await failed
    expect(await small.count()).toBe(3)
  })
  test("a reader that stops early frees the server", async () => {
    const frame = await sql`select id from range(10000000)`
    for await (const batch of frame.batches()) {
      expect(batch.rows).toBeGreaterThan(0)
      break
    }
    expect(await small.count()).toBe(3)
  })
})
