// Which files of a hive layout a plan reads: for each filter, the shards that are listed against the number of files that
// DuckDB's own plan says it scans.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { count, fn, when } from "../../kernel/src/frame/free.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import type { Int64, Nullable, Utf8 } from "../../kernel/src/frame/types.js"

const engine = duckdbEngine({ threads: 1 })
const read = createReader(engine)
const folder = mkdtempSync(join(tmpdir(), "shardlab-hive-"))
type Table = DataFrame<{ id: Int64; year: Int64; k: Nullable<Utf8> }>
let table: Table

beforeAll(async () => {
  await read
    .range(160)
    .with(f => ({
      year: f.id.mod(4).add(2020),
      k: when(f.id.mod(3).lt(2), fn.concat("a b/", f.id.mod(3).cast("utf8"))),
    }))
    .write.parquet(join(folder, "t"), { partitionBy: ["year", "k"] })
  table = await read.parquet(join(folder, "t"))
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

/** A plan, and how many of the twelve files it reads. */
const plans: Readonly<
  Record<
    string,
    readonly [files: number, make: (t: Table) => Pick<DataFrame, "shards" | "explain" | "collect">]
  >
> = {
  "no filter": [12, t => t],
  "one year": [3, t => t.filter(f => f.year.eq(2021))],
  "two columns and one of the rows": [
    2,
    t => t.filter(f => f.year.gt(2021).and(f.k.eq("a b/1")).and(f.id.lt(99))),
  ],
  "or with a column of the rows": [12, t => t.filter(f => f.year.eq(2020).or(f.id.lt(5)))],
  "and within or": [6, t => t.filter(f => f.year.eq(2020).and(f.id.lt(5)).or(f.year.eq(2021)))],
  not: [9, t => t.filter(f => f.year.eq(2020).not())],
  "the partition of NULL": [4, t => t.filter(f => f.k.isNull())],
  "a list": [6, t => t.filter(f => f.year.isIn(2020, 2023))],
  "a fraction": [9, t => t.filter(f => f.year.gt(2020.5))],
  "functions of text": [4, t => t.filter(f => f.k.upper().endsWith("0"))],
  "arithmetic, which may fail": [12, t => t.filter(f => f.year.mod(2).eq(0))],
  nothing: [0, t => t.filter(f => f.year.gt(2030))],
  renamed: [3, t => t.rename({ year: "y" }).filter(f => f.y.eq(2020))],
  computed: [4, t => t.with(f => ({ name: f.k.concat("!") })).filter(f => f.name.eq("a b/0!"))],
  "groups by the key": [
    4,
    t =>
      t
        .groupBy("k")
        .agg({ n: count() })
        .filter(f => f.k.eq("a b/1")),
  ],
  "groups by their number": [
    12,
    t =>
      t
        .groupBy("k")
        .agg({ year: count() })
        .filter(f => f.year.eq(2020)),
  ],
  rollup: [
    12,
    t =>
      t
        .rollup("year")
        .agg({ n: count() })
        .filter(f => f.year.eq(2020)),
  ],
  "above a limit": [12, t => t.limit(5).filter(f => f.year.eq(2020))],
  "above a window": [12, t => t.with(f => ({ all: f.id.sum().over({}) })).filter(f => f.year.eq(2020))],
  "above a sort": [3, t => t.sort("id").filter(f => f.year.eq(2020))],
  "a random number": [12, t => t.with({ r: fn.rand() }).filter(f => f.r.lt(2))],
  "an inner join": [
    3,
    t => t.join(read.rows([{ k: "a b/1", z: 1 }]), { on: "k" }).filter(f => f.year.eq(2023)),
  ],
  "the filled side of a join": [
    12,
    t =>
      read
        .range(3)
        .join(t, { on: "id", how: "left" })
        .filter(f => f.year.isNull()),
  ],
}

describe("the shards are the files that DuckDB scans", () => {
  test.each(Object.entries(plans))("%s", async (_, [files, make]) => {
    const frame = make(table)
    expect(await frame.shards()).toHaveLength(files)
    const text = String(await frame.explain())
    // DuckDB names the files where it leaves some out.
    const scanned = /files read: (\d+) of 12/.exec(text)?.[1]
    expect(Number(scanned ?? 12)).toBe(files)
    const said = `read ${files} of 12 files (hive pruning), without year=20`
    if (files < 12) expect(text).toContain(said)
    else expect(text).not.toContain("pruning")
  })
})

test("a frame that is used twice reads what each use needs", async () => {
  const twice = table.filter(f => f.year.eq(2020)).union(table.filter(f => f.year.lte(2021)) as never)
  expect((await twice.shards()).length).toBe(9)
  const semi = table.join(
    table.filter(f => f.year.eq(2021)),
    { on: "id", how: "semi" },
  )
  expect((await semi.shards()).length).toBe(15)
})

test("explain names the partitions that are left out, a few of many", async () => {
  const text = String(await table.filter(f => f.year.eq(2021).and(f.k.isNull())).explain())
  expect(text).toMatch(/without year=2020\/k=null, year=2020\/k=a b\/0, .* and 3 more/)
  expect(text).toMatch(/runs on duckdb, 1 shards/)
})
