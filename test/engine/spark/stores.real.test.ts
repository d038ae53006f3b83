// Object stores on a cluster: a Sail server that is started here takes the kernel's credentials, writes are published by the
// kernel, and no credential is in anything that a notebook keeps.
import { afterAll, beforeAll, expect, test } from "vitest"
import { duckdbEngine } from "../../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import type { LocalServers } from "../../../kernel/lib/engine/spark/launch/standalone.js"
import { openSpark } from "../../../kernel/lib/engine/spark/openSpark.js"
import type { SparkEngine } from "../../../kernel/lib/engine/spark/SparkEngine.js"
import { createReader } from "../../../kernel/lib/frame/reader.js"
import { stores } from "../../../kernel/lib/store/settings.js"
import { startAzurite, startMoto } from "../../services/objectStores.mjs"
import { startCluster, startMs } from "./clusters.js"

const secret = "secret-of-the-test"
let moto: Awaited<ReturnType<typeof startMoto>>
let azurite: Awaited<ReturnType<typeof startAzurite>>
let sail: LocalServers
let engine: SparkEngine
const duckdb = duckdbEngine()

beforeAll(async () => {
  moto = await startMoto(["lake"])
  azurite = await startAzurite()
  await azurite.makeContainer("lake")
  stores.s3({ keyId: "k", secret, endpoint: moto.endpoint })
  stores.azure({ connectionString: azurite.connectionString })
  sail = await startCluster("sail")
  engine = await openSpark(sail.address)
}, startMs)
afterAll(async () => {
  stores.clear()
  await Promise.all([engine?.close(), duckdb.close()])
  await Promise.all([sail?.servers.close(), moto?.stop(), azurite?.stop()])
}, 60_000)

test.each(["s3", "az"])("%s: written with partitions, added to, read on both engines", async scheme => {
  const path = `${scheme}://lake/table`
  const read = createReader(engine)
  const rows = read.range(10).with(f => ({ g: f.id.mod(2) }))
  expect(await rows.write.parquet(path, { partitionBy: ["g"] })).toEqual({ path, rows: 10 })
  await expect(rows.write.parquet(path)).rejects.toMatchObject({ code: "TARGET_EXISTS" })
  await rows.write.parquet(path, { partitionBy: ["g"], mode: "append" })
  for (const on of [engine, duckdb]) {
    const back = await createReader(on).parquet(path)
    expect([back.columns, await back.count()]).toEqual([["id", "g"], 20])
  }
  await rows.limit(3).write.parquet(path, { partitionBy: ["g"], mode: "overwrite" })
  const back = await read.parquet(path)
  expect(await back.count()).toBe(3)
  expect(JSON.stringify(back.plan) + String(await back.explain())).not.toMatch(/secret-of|AccountKey|Eby8/)
})
