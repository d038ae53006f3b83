// Dask's workers on object stores (S3 and Google's dialect on moto, Azurite) and in folders by key: what Dask wrote DuckDB
// reads, and the other way round. Keys come from our settings and are shown nowhere.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { DaskCluster } from "../../../kernel/src/engine/dask/connectDask.js"
import { duckdbEngine } from "../../../kernel/src/engine/duckdb/DuckdbEngine.js"
import type { DataFrame } from "../../../kernel/src/frame/DataFrame.js"
import { count, lit, when } from "../../../kernel/src/frame/free.js"
import { createReader } from "../../../kernel/src/frame/reader.js"
import type { AnySchema } from "../../../kernel/src/frame/types.js"
import { storeFor } from "../../../kernel/src/store/registry.js"
import { stores } from "../../../kernel/src/store/settings.js"
import { subscribe } from "../../../kernel/src/telemetry/bus.js"
import { startAzurite, startMoto } from "../../services/objectStores.mjs"
import { sameRows } from "../sameRows.js"
import { startDask, startMs } from "./clusters.js"

type Read = ReturnType<typeof createReader>
type Loose = DataFrame<AnySchema>

const s3Secret = "s3-secret-of-the-dask-test"
const gcsSecret = "gcs-secret-of-the-dask-test"
const folder = mkdtempSync(join(tmpdir(), "shardlab-dask-stores-"))
const local = duckdbEngine({ threads: 1 })
const here = createReader(local)
const heard: string[] = []
const stopListening = subscribe(event => heard.push(JSON.stringify(event)))
let dask: DaskCluster
let there: Read
let moto: Awaited<ReturnType<typeof startMoto>>
let azurite: Awaited<ReturnType<typeof startAzurite>>

beforeAll(async () => {
  ;[moto, azurite] = await Promise.all([startMoto(["lake", "gcs-lake"]), startAzurite()])
  await azurite.makeContainer("lake")
  stores.s3({ keyId: "test-key", secret: s3Secret, endpoint: moto.endpoint })
  stores.gcs({ keyId: "test-key", secret: gcsSecret, endpoint: moto.endpoint })
  stores.azure({ connectionString: azurite.connectionString })
  dask = await startDask()
  there = createReader(dask.engine)
}, startMs)
afterAll(async () => {
  stopListening()
  stores.clear()
  await dask?.close()
  await Promise.all([local.close(), moto?.stop(), azurite?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

/** Keys of each kind that a folder can be named by, NULL among them; the first row alone has them all. */
const keyed = (read: Read, rows: number) =>
  read.range(rows).select(f => ({
    n: f.id,
    text: when(f.id.mod(3).eq(0), lit("a b/ä")).when(f.id.mod(3).eq(1), lit("x=1&%")).otherwise(null),
    whole: f.id.mod(2),
    day: lit(new Date("2024-02-28")).cast("date").dateAdd(f.id.mod(3).cast("int32")),
    flag: f.id.mod(2).eq(0),
  })) as unknown as Loose

test.each(["parquet", "csv"] as const)("folders by key, %s: both read what either wrote", async format => {
  const keys = ["text", "whole", "day"] as const
  for (const [name, read] of [
    ["dask", there],
    ["duckdb", here],
  ] as const) {
    const path = join(folder, `${name}-${format}`)
    const frame = keyed(read, 90).repartition(3)
    expect(await frame.write[format](path, { partitionBy: [...keys] })).toEqual({ path, rows: 90 })
    // DuckDB puts the columns that folders name in their own order.
    const [a, b] = (await Promise.all([here[format](path), there[format](path)])).map(found =>
      (found as Loose).select("n", "text", "whole", "day", "flag"),
    ) as unknown as [Loose, Loose]
    const types = ({ schema }: Loose) => schema.fields.map(({ name, type }) => [name, type])
    expect(types(b)).toEqual(types(a))
    const rows = await a.collect()
    expect(rows).toHaveLength(90)
    sameRows(await b.collect(), rows)
    const one = (from: Loose) =>
      from
        .filter(f => f.text!.isNull().and(f.whole!.eq(1)))
        .sort("n")
        .collect()
    expect(await one(b)).toEqual(await one(a))
    const [first] = await b.shards()
    expect(await there.shard(JSON.parse(JSON.stringify(first))).count()).toBeGreaterThan(0)
  }
})

test("keys that no folder can be named by, and all columns as keys, are refused", async () => {
  const lists = there.rows([{ t: "a,b", n: 1 }]).select(f => ({ l: f.t.split(","), n: f.n }))
  await expect(lists.write.parquet(join(folder, "no"), { partitionBy: ["l"] })).rejects.toThrow(
    /dask has no partition a write by a List.*duckdb/i,
  )
  const ids = there.range(3)
  await expect(ids.write.parquet(join(folder, "no"), { partitionBy: ["id"] })).rejects.toThrow(/every column/)
  await expect(ids.write.parquet(join(folder, "no"), { partitionBy: ["ids" as "id"] })).rejects.toThrow(
    /Did you mean `id`/,
  )
  expect(readdirSync(folder)).not.toContain("no")
})

describe.each([
  ["s3 on moto", () => "s3://lake/t"],
  ["gs on moto", () => "gs://gcs-lake/t"],
  ["az on Azurite", () => "az://lake/t"],
])("%s", (_, root) => {
  const at = (path: string) => `${root()}/${path}`
  const sum = async (frame: Loose) => Number((await frame.agg(f => ({ s: f.n!.sum() })).collect())[0]!.s)

  test("written by workers in pieces and by key, read by both, appended, replaced; nothing is left over", async () => {
    const path = at("keyed")
    const frame = keyed(there, 60).repartition(3)
    expect(await frame.write.parquet(path, { partitionBy: ["whole"] })).toEqual({ path, rows: 60 })
    await expect(frame.write.parquet(path)).rejects.toMatchObject({ code: "TARGET_EXISTS" })
    sameRows(await (await there.parquet(path)).collect(), await (await here.parquet(path)).collect())
    await frame.write.parquet(path, { partitionBy: ["whole"], mode: "append" })
    expect(await sum((await here.parquet(path)) as Loose)).toBe(2 * 1770)
    const shards = await (await there.parquet(path)).shards()
    expect(shards.reduce((rows, shard) => rows + shard.rows!, 0)).toBe(120)
    expect(shards.every(({ uri }) => uri.startsWith(`${path}/whole=`))).toBe(true)
    const one = there.shard(JSON.parse(JSON.stringify(shards[1])))
    expect(await one.count()).toBe(shards[1]!.rows)
    await keyed(there, 5).write.parquet(path, { mode: "overwrite" })
    expect(await sum((await there.parquet(path)) as Loose)).toBe(10)
    const left = (await storeFor(path).list(`${path}/`)).map(({ uri }) => uri)
    expect(left.filter(uri => uri.includes("/_staging/"))).toEqual([])
  })

  test("CSV and globs; a failing write leaves nothing", async () => {
    await keyed(there, 10).select("n", "flag").write.csv(at("text"))
    const grouped = (from: Loose) => from.groupBy("flag").agg({ n: count() }).sort("flag").collect()
    const [a, b] = await Promise.all([here.csv(at("text/*.csv")), there.csv(at("text/*.csv"))])
    expect(await grouped(b as Loose)).toEqual(await grouped(a as Loose))
    const bad = keyed(there, 10).with(f => ({ n: f.n!.div(f.n!.sub(3)) })) as unknown as Loose
    await expect(bad.write.parquet(at("bad"))).rejects.toThrow(/division by zero/)
    expect(await storeFor(root()).list(at("bad/"))).toEqual([])
    await expect(there.parquet(at("tex.parquet"))).rejects.toMatchObject({ code: "STORE_MISSING" })
  })
})

test("several stores in one source, the web and HDFS are refused by name", async () => {
  await expect(there.parquet(["s3://lake/t/a", "gs://gcs-lake/t/a"] as never)).rejects.toThrow(
    /dask has no `read` of s3:\/\/lake and gs:\/\/gcs-lake at once.*duckdb/,
  )
  await expect(there.csv(`${moto.endpoint}/x.csv`)).rejects.toThrow(
    /dask has no `read` of http: addresses.*duckdb/,
  )
})

test("no key is in plans, explanations, shards, errors, events, logs or arguments", async () => {
  const frame = (await there.parquet("s3://lake/t/keyed")) as Loose
  const failed = frame.with(f => ({ n: f.n!.div(0) })).collect()
  const error = await failed.then(
    () => expect.unreachable(),
    error => `${error.message} ${error.stack} ${JSON.stringify(error)}`,
  )
  const [pid] = [dask.pid!]
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8")
  const settings = JSON.parse(command.split("\0").find(part => part.startsWith("{"))!) as { folder: string }
  const pages = await Promise.all(
    ["/info/main/workers.html", "/json/counts.json", "/metrics"].map(async page =>
      (await fetch(dask.dashboard.replace("/status", page))).text(),
    ),
  )
  const shown = [
    JSON.stringify(frame.plan),
    String(await frame.explain("extended")),
    JSON.stringify(await frame.shards()),
    error,
    ...heard,
    command,
    readFileSync(join(settings.folder, "log"), "utf8"),
    ...pages,
  ].join("\n")
  expect(shown).toContain("s3://lake/t/keyed")
  for (const secret of [s3Secret, gcsSecret, azurite.accountKey])
    expect(shown.includes(secret), "a key is shown").toBe(false)
})
