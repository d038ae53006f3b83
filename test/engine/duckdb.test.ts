// DuckDB as an engine: SQL goldens, every function's type and value, files, shards, display, telemetry, cancelling.
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { displaySymbol, typeSymbol } from "../../kernel/src/display.js"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { planSql } from "../../kernel/src/engine/duckdb/planSql.js"
import { shardsDone } from "../../kernel/src/engine/duckdb/stage.js"
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { count, desc, mean, when } from "../../kernel/src/frame/free.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { createSql } from "../../kernel/src/frame/sql.js"
import type { AnySchema } from "../../kernel/src/frame/types.js"
import { subscribe } from "../../kernel/src/telemetry/bus.js"
import type { TelemetryEvent } from "../../kernel/src/telemetry/events.js"

const engine = duckdbEngine()
const read = createReader(engine)
const sql = createSql(engine)
afterAll(() => engine.close())

const folder = mkdtempSync(join(tmpdir(), "shardlab-duckdb-"))
const path = (name: string) => join(folder, name)
const flightsFile = resolve(import.meta.dirname, "../../node_modules/vega-datasets/data/flights-3m.parquet")
const flights = await read.parquet(flightsFile)
type Loose = DataFrame<AnySchema>

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
const shown = async (frame: { [displaySymbol](): unknown }) =>
  (await frame[displaySymbol]()) as Record<string, string>

test("golden: one nested SELECT a node, names quoted, constants as parameters", () => {
  const table = read.rows([], { 'we"ird': "int64", origin: "utf8" }) as unknown as Loose
  const late = table
    .filter(f => f['we"ird']!.gt(15).and(f.origin!.ne("x'; DROP TABLE t; --")))
    .groupBy("origin")
    .agg({ n: count(), m: mean('we"ird') })
    .sort(desc("n"))
    .limit(3)
  const { sql: text, params } = planSql(late.plan)
  expect(text.replace(/shardlab_local_\d+/, "t")).toBe(
    'SELECT * FROM (SELECT * FROM (SELECT "origin", count(*) AS "n", avg("we""ird") AS "m" FROM (' +
      'SELECT * FROM (SELECT "we""ird", "origin" FROM t) WHERE (("we""ird" > CAST($1 AS BIGINT)) AND ("origin" <> CAST($2 AS VARCHAR)))) ' +
      'GROUP BY "origin") ORDER BY "n" DESC NULLS LAST) LIMIT 3',
  )
  expect(params).toEqual(["15", "x'; DROP TABLE t; --"])
})

test("golden: joins of joins are one FROM, keys taken from the side that has them", () => {
  const table = (name: string) => read.rows([], { id: "int64", [name]: "utf8" }) as unknown as Loose
  const [a, b, c, d] = ["a", "b", "c", "d"].map(table) as [Loose, Loose, Loose, Loose]
  const joined = a
    .join(b, { on: "id", how: "full" })
    .join(c, { on: "id", how: "semi" })
    .join(d, { on: "id", how: "left" })
  expect(planSql(joined.plan).sql.replace(/\(SELECT "id", "(\w)" FROM shardlab_local_\d+\)/g, "$1")).toBe(
    'SELECT coalesce(l."id", r."id") AS "id", l."a" AS "a", r."b" AS "b", r3."d" AS "d" FROM a AS l FULL JOIN b AS r ' +
      'ON l."id" = r."id" SEMI JOIN c AS r2 ON coalesce(l."id", r."id") = r2."id" ' +
      'LEFT JOIN d AS r3 ON coalesce(l."id", r."id") = r3."id"',
  )
})

describe("ANSI", () => {
  const one = read.rows([{ s: 3, x: -2.5, z: 0, t: "Äbc" }], {
    s: "int16",
    x: "float64",
    z: "float64",
    t: "utf8",
  })
  test("division by zero, overflow and a bad cast are errors; casts cut fractions off", async () => {
    await expect(one.select(f => ({ r: f.x.div(f.z) })).collect()).rejects.toThrow(/division by zero/)
    await expect(one.select(f => ({ r: f.s.mul(30_000) })).collect()).rejects.toThrow(/Overflow/i)
    await expect(one.select(f => ({ r: f.t.cast("int32") })).collect()).rejects.toThrow(/Could not convert/)
    expect(await one.select(f => ({ r: f.x.cast("int32") })).collect()).toEqual([{ r: -2 }])
  })
})

test("flights: the plan's answer is the answer of plain SQL", async () => {
  const late = flights
    .groupBy("origin")
    .agg(f => ({ n: count(), late: mean(when(f.delay!.gt(15), 1).otherwise(0)) }))
    .sort("origin")
  const plain = await sql`
    select origin, count(*) as n, avg(case when delay > 15 then 1.0 else 0.0 end)::double as late
    from ${flights} group by origin order by origin nulls first`
  const rows = await late.collect()
  expect(rows.length).toBeGreaterThan(200)
  expect(rows).toEqual(await plain.collect())
})

test("explain shows what is pushed into the scan and how many shards there are", async () => {
  const text = String(
    await flights
      .filter(f => f.delay!.gt(15))
      .select("origin")
      .explain(),
  )
  expect(text).toMatch(/select origin\n {2}filter gt\(delay, 15\)\n {4}scan parquet/)
  expect(text).toMatch(/read parquet \[projections: origin; filters: delay>15\]/)
  expect(text).toContain("runs on duckdb, 11 shards")
})

describe("shards", () => {
  test("are the row groups, with statistics, and survive JSON", async () => {
    const shards = await flights.shards()
    expect(shards).toHaveLength(11)
    expect(shards.reduce((sum, shard) => sum + shard.rows!, 0)).toBe(3_000_000)
    expect(shards[3]).toMatchObject({
      id: 3,
      rowGroup: 3,
      uri: flightsFile,
      range: { delay: { min: "-1116", max: "1443" } },
    })
    expect(JSON.parse(JSON.stringify(shards))[10]).toEqual(shards[10])
    expect((await shown(shards))["text/plain"]).toContain("11 shards · 3,000,000 rows")
  })

  test("reading one gives exactly the rows of its row group", async () => {
    const shard = (await flights.shards())[3]!
    const [own] = (await read
      .shard(JSON.parse(JSON.stringify(shard)))
      .agg(f => ({ n: count(), low: f.delay!.min(), high: f.delay!.max(), total: f.distance!.sum() }))
      .collect()) as Record<string, unknown>[]
    expect(own).toMatchObject({ n: BigInt(shard.rows!), low: -1116n, high: 1443n })
    // The same rows by position, counted by another way: limit and offset over the whole file.
    const first = 3 * 272_727
    const [other] = (await (
      await sql`select sum(distance)::bigint as total from (select distance from ${flights} limit ${shard.rows!} offset ${first})`
    ).collect()) as Record<string, unknown>[]
    expect(own!.total).toBe(other!.total)
  })

  test("a CSV file is one shard without a row count", async () => {
    writeFileSync(path("two.csv"), "a,b\n1,x\n2,y\n")
    const [shard] = await (await read.csv(path("two.csv"))).shards()
    expect(shard).toMatchObject({ bytes: 12, range: {} })
    expect(shard!.rows).toBeUndefined()
    expect(await read.shard(shard!).collect()).toEqual([
      { a: 1n, b: "x" },
      { a: 2n, b: "y" },
    ])
  })

  test("progress marks whole shards in the order of the list", () => {
    const shards = [
      { rows: 10, bytes: 1 },
      { rows: 30, bytes: 1 },
      { rows: 60, bytes: 1 },
    ]
    expect([0, 0.09, 0.1, 0.39, 0.4, 0.99, 1].map(share => shardsDone(shards, share))).toEqual([
      0, 0, 1, 1, 2, 2, 3,
    ])
    expect(shardsDone([{ bytes: 5 }, { rows: 9, bytes: 5 }], 0.5)).toBe(1)
  })
})

describe("batches", () => {
  test("have the asked size, typed arrays and masks", async () => {
    const frame =
      await sql`select range::bigint i, case when range % 3 = 0 then null else range / 2.0::double end x, range % 2 = 0 b, 's' || range s,
      date '1970-01-02' d, timestamp '1970-01-01 00:00:01' t, range::utinyint u from range(250)`
    const batches = await all(frame.batches(100))
    expect(batches.map(batch => batch.rows)).toEqual([100, 100, 50])
    const { columns, valid } = batches[2]!
    expect(columns.i).toEqual(BigInt64Array.from({ length: 50 }, (_, k) => BigInt(200 + k)))
    expect((columns.x as Float64Array)[0]).toBe(100)
    expect([...valid.x!.subarray(0, 4)]).toEqual([1, 0, 1, 1])
    expect(valid.i).toBeUndefined()
    expect([...(columns.b as Uint8Array).subarray(0, 3)]).toEqual([1, 0, 1])
    expect((columns.s as string[])[49]).toBe("s249")
    expect((columns.d as Int32Array)[0]).toBe(1)
    expect((columns.t as BigInt64Array)[0]).toBe(1_000_000n)
    expect(columns.u).toBeInstanceOf(Uint8Array)
  })

  test("numbers() gives Float32Array and NaN-free masks for training", async () => {
    const [batch] = await all(flights.limit(10).numbers("delay", "distance").batches(10))
    expect(batch!.columns.delay).toBeInstanceOf(Float32Array)
    expect(Object.keys(batch!.columns)).toEqual(["delay", "distance"])
  })

  test("leaving the loop early stops the query and the next one runs", async () => {
    for await (const batch of flights.batches(1000)) {
      expect(batch.rows).toBe(1000)
      break
    }
    expect(await flights.count()).toBe(3_000_000)
  })
})

test("a query that fails after its first rows is an error, never a shorter result", async () => {
  const late = read.rows([{ a: 1n }])
  const frame =
    await sql`select case when range = 200000 then error('boom') else range end r from range(1000000), ${late}`
  await expect(frame.collect()).rejects.toThrow(/boom/)
  let rows = 0
  const streamed = (async () => {
    for await (const batch of frame.batches(10_000)) rows += batch.rows
  })()
  await expect(streamed).rejects.toThrow(/boom/)
  expect(rows).toBeGreaterThan(0)
  const stopped = (async () => {
    for await (const batch of flights.batches(2048)) if (batch.rows > 0) engine.cancel()
  })()
  await expect(stopped).rejects.toMatchObject({ code: "QUERY_CANCELLED" })
  expect(await flights.count()).toBe(3_000_000)
})

test("64-bit integers are exact, and as numbers they fail rather than lose digits", async () => {
  const frame = read.rows([{ a: 2n ** 53n + 1n }])
  expect(await frame.collect()).toEqual([{ a: 9007199254740993n }])
  await expect(frame.collect({ int64: "number" })).rejects.toThrow(/`a` holds 9007199254740993/)
  expect(await read.rows([{ a: 5n }]).collect({ int64: "number" })).toEqual([{ a: 5 }])
})

describe("empty frames", () => {
  const empty = read.rows([], { a: "int64", b: "utf8" })
  test("collect, count, first, batches, display, aggregate, join, explain", async () => {
    expect(await empty.collect()).toEqual([])
    expect(await empty.count()).toBe(0)
    expect(await empty.first()).toBeUndefined()
    expect(await all(empty.batches())).toEqual([])
    expect((await shown(empty))["text/plain"]).toMatch(/^0 rows × 2 columns\n +a +b\nInt64 +Utf8\n/)
    expect(await empty.agg(f => ({ n: count(), s: f.a.sum() })).collect()).toEqual([{ n: 0n, s: null }])
    expect(await empty.groupBy("b").agg({ n: count() }).collect()).toEqual([])
    expect(await empty.join(empty, { on: "a" }).collect()).toEqual([])
    expect(String(await empty.explain())).toContain("local 0 rows")
    expect(await empty.shards()).toHaveLength(0)
  })
  test("an empty Parquet file and a CSV with only names", async () => {
    await empty.write.parquet(path("empty.parquet"))
    expect(await (await read.parquet(path("empty.parquet"))).collect()).toEqual([])
    writeFileSync(path("names.csv"), "a,b\n")
    expect((await shown(await read.csv(path("names.csv"))))["text/plain"]).toContain("0 rows × 2 columns")
  })
})

describe("CSV", () => {
  const csv = async (text: string, options = {}) => {
    writeFileSync(path("x.csv"), text)
    return (await read.csv(path("x.csv"), options)).collect()
  }
  test("a ragged line names file, line, both counts and the option", async () => {
    await expect(csv("a,b,c\n1,2,3\n4,5\n6,7,8\n")).rejects.toThrow(
      /x\.csv, line 3: 2 columns, but 3 are expected\..*ragged: "pad"/,
    )
    await expect(csv("a,b,c\n1,2,3\n4,5,6,7\n")).rejects.toThrow(/line 3: 4 columns, but 3 are expected/)
    await expect(csv('a,b\n"x\n,y",2\n3\n')).rejects.toThrow(/line 4: 1 columns, but 2/)
    const long = `a,b,c\n${"1,2,3\n".repeat(30_000)}4,5\n`
    await expect(csv(long)).rejects.toThrow(/line 30002: 2 columns, but 3 are expected/)
  })
  test("pad and skip do what they say", async () => {
    expect(await csv("a,b\n1,2\n3\n", { ragged: "pad" })).toEqual([
      { a: 1n, b: 2n },
      { a: 3n, b: null },
    ])
    expect(await csv("a,b\n1,2\n3\n", { ragged: "skip" })).toEqual([{ a: 1n, b: 2n }])
  })
  test("delimiter, quoting, null text and header", async () => {
    expect(await csv('a;b\n"x;y";NA\n', { delimiter: ";", nullValue: "NA" })).toEqual([{ a: "x;y", b: null }])
    expect(await csv("1,2\n", { header: false })).toEqual([{ column0: 1n, column1: 2n }])
    await expect(csv("a\n", { delimeter: ";" })).rejects.toThrow(
      /`read.csv` has no option `delimeter`\. Did you mean `delimiter`/,
    )
  })
})

test("JSON files, several files and globs", async () => {
  writeFileSync(path("p1.json"), '{"a":1,"b":"x"}\n{"a":2,"b":null}\n')
  writeFileSync(path("p2.json"), '[{"a":3,"b":"z"}]')
  expect(await (await read.json(path("p*.json"))).sort("a").collect()).toEqual([
    { a: 1n, b: "x" },
    { a: 2n, b: null },
    { a: 3n, b: "z" },
  ])
  await expect(read.parquet(path("p1.json"))).rejects.toThrow(/duckdb: /)
  await expect(read.json(path("p3.json"))).rejects.toThrow(/There is no file .*Did you mean `p\d\.json`/)
})

describe("write", () => {
  const frame = read.rows([
    { g: "a/b", n: 1n },
    { g: "c", n: 2n },
  ])
  test("error refuses an existing target, overwrite replaces it, nothing else is left", async () => {
    expect(await frame.write.parquet(path("w.parquet"))).toEqual({ path: path("w.parquet"), rows: 2 })
    await expect(frame.write.parquet(path("w.parquet"))).rejects.toThrow(/exists already.*overwrite/)
    await frame.limit(1).write.parquet(path("w.parquet"), { mode: "overwrite" })
    expect(await (await read.parquet(path("w.parquet"))).count()).toBe(1)
    await frame.write.csv(path("w.csv"))
    expect(readFileSync(path("w.csv"), "utf8")).toBe("g,n\na/b,1\nc,2\n")
    await frame.write.json(path("w.json"))
    expect(readFileSync(path("w.json"), "utf8")).toBe('{"g":"a/b","n":1}\n{"g":"c","n":2}\n')
    expect(readdirSync(folder).filter(name => name.includes(".part"))).toEqual([])
  })
  test("a failing query leaves the old file and no part", async () => {
    const bad = frame.with(f => ({ n: f.n.div(f.n.sub(2)) }))
    await expect(bad.write.parquet(path("w.parquet"), { mode: "overwrite" })).rejects.toThrow(
      /division by zero/,
    )
    expect(await (await read.parquet(path("w.parquet"))).count()).toBe(1)
    await expect(bad.write.parquet(path("new.parquet"))).rejects.toThrow(/division by zero/)
    expect(existsSync(path("new.parquet"))).toBe(false)
    expect(readdirSync(folder).filter(name => name.includes(".part"))).toEqual([])
  })
  test("partitioned folders are read back, and replaced as a whole", async () => {
    await frame.write.parquet(path("parts"), { partitionBy: ["g"] })
    expect(await (await read.parquet(path("parts"))).sort("n").collect()).toEqual([
      { n: 1n, g: "a/b" },
      { n: 2n, g: "c" },
    ])
    await frame.limit(1).write.parquet(path("parts"), { partitionBy: ["g"], mode: "overwrite" })
    expect(readdirSync(path("parts"))).toHaveLength(1)
    await expect(frame.write.parquet(path("z"), { partitionBy: ["gg"] })).rejects.toThrow(
      /no column `gg`. Did you mean `g`/,
    )
  })
})

describe("display", () => {
  test("shape first, types under the names, twenty rows", async () => {
    const bundle = await shown(flights)
    expect(bundle["text/plain"]!.split("\n")[0]).toBe("3,000,000 rows × 5 columns · 11 shards")
    expect(bundle["text/plain"]!.split("\n")).toHaveLength(24)
    expect(bundle["text/html"]!.match(/<tr/g)).toHaveLength(22)
    expect(flights[typeSymbol]()).toMatch(
      /^import\("shardlab"\)\.DataFrame<\{ date: import\("shardlab"\)\.Timestamp; delay: import\("shardlab"\)\.Int64;/,
    )
  })
  test("content and names are escaped", async () => {
    const frame = read.rows([{ "<b>": "<script>alert(1)</script>", x: null }], { "<b>": "utf8", x: "int64" })
    const html = (await shown(frame))["text/html"]!
    expect(html).not.toMatch(/<script|<b>/)
    expect(html).toContain("&lt;script&gt;")
    expect(html).toContain(">null<")
  })
})

describe("sql", () => {
  test("binds parameters and frames, and its result is a frame", async () => {
    const small = read.rows([
      { name: "x'; drop table y; --", n: 1n },
      { name: "z", n: 2n },
    ])
    const frame =
      await sql`select name, n * ${10} as n, {'a': 1}.a as one from ${small} where name = ${"x'; drop table y; --"} -- the end`
    expect(await frame.filter(f => f.n!.gt(5)).collect()).toEqual([
      { name: "x'; drop table y; --", n: 10n, one: 1 },
    ])
    expect(String(frame.schema)).toBe("{ name: Utf8, n: Int64, one: Int32 }")
    await expect(sql`select nme from ${small}`).rejects.toThrow(/duckdb: .*nme/)
  })
})

describe("telemetry and cancelling", () => {
  async function events(work: () => Promise<unknown>): Promise<TelemetryEvent[]> {
    const seen: TelemetryEvent[] = []
    const end = subscribe(event => seen.push(event))
    await work().finally(end)
    return seen
  }
  const heavy = (frame: Loose) =>
    frame.join(frame, { on: "distance" }).agg(f => ({ n: f.delay!.sub(f.delay_right!).stddev() }))

  test("a full pass tells its shards: running, then done with their rows", async () => {
    const seen = await events(() => flights.agg(f => ({ m: f.delay!.mean() })).collect())
    expect(seen[0]).toMatchObject({ kind: "stage.start", name: "scan flights-3m.parquet", tasks: 11 })
    expect(seen.at(-1)).toMatchObject({ kind: "stage.end", status: "ok" })
    const done = seen.flatMap(event =>
      event.kind === "shard.batch" && event.columns.state[0] === 2 ? [...event.columns.id] : [],
    )
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 11 }, (_, id) => id))
    const rows = seen.flatMap(event =>
      event.kind === "shard.batch" && event.columns.state[0] === 2 ? [...event.columns.rows] : [],
    )
    expect(rows.reduce((a, b) => a + b)).toBe(3_000_000)
  })
  test("what reads no shard in full tells of none", async () => {
    expect(await events(() => flights.count())).toEqual([])
    expect(await events(() => flights.head(3))).toEqual([])
  })
  test("cancel stops a running query at once and the engine works on", async () => {
    const seen = await events(async () => {
      const running = heavy(flights as unknown as Loose).collect()
      const failed = expect(running).rejects.toMatchObject({ code: "QUERY_CANCELLED" })
      await new Promise(done => setTimeout(done, 300))
      engine.cancel()
      await failed
    })
    expect(seen.at(-1)).toMatchObject({ kind: "stage.end", status: "cancelled" })
    expect(await flights.count()).toBe(3_000_000)
  })
  test("the interrupt of the cell that began it stops a query", async () => {
    const cell = new AbortController()
    const own = duckdbEngine({ interrupt: () => cell.signal })
    const frame = await createReader(own).parquet(flightsFile)
    setTimeout(() => cell.abort(), 200)
    await expect(heavy(frame).collect()).rejects.toMatchObject({ code: "QUERY_CANCELLED" })
    await expect(frame.count()).rejects.toMatchObject({ code: "QUERY_CANCELLED" })
    await own.close()
  })
  test("an abort signal does the same", async () => {
    const stop = new AbortController()
    const stream = engine.stream(heavy(flights as unknown as Loose).plan, { signal: stop.signal })
    setTimeout(() => stop.abort(), 200)
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "QUERY_CANCELLED" })
  })
})
