// HDFS on a real name node and data node, through WebHDFS.
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { stores } from "../../kernel/src/store/settings.js"
import { hdfsProblem, startHdfs } from "../services/hdfs.mjs"
import { storeConformance } from "./conformance.js"

const problem = hdfsProblem()
if (problem !== undefined) console.log(`skipped: HDFS, because ${problem}`)
let hdfs: Awaited<ReturnType<typeof startHdfs>>

describe.skipIf(problem !== undefined)("hdfs", () => {
  beforeAll(async () => {
    hdfs = await startHdfs()
    stores.hdfs({ endpoint: hdfs.endpoint, user: "tester" })
  }, 600_000)
  afterAll(async () => {
    stores.clear()
    await hdfs?.stop()
  })

  storeConformance({
    name: "hdfs on MiniDFSCluster",
    root: () => `${hdfs.uri}/conformance`,
    secrets: () => [],
  })

  test("shards name the machines that hold them, and a webhdfs address needs no setting", async () => {
    const engine = duckdbEngine()
    const read = createReader(engine)
    const rows = Array.from({ length: 1000 }, (_, i) => ({ n: BigInt(i) }))
    await read.rows(rows).write.parquet(`${hdfs.uri}/held.parquet`)
    const [shard] = await (await read.parquet(`${hdfs.uri}/held.parquet`)).shards()
    expect(shard!.hosts).toEqual([expect.stringMatching(/^(127\.0\.0\.1|localhost)/)])
    const address = hdfs.endpoint.replace("http:", "webhdfs:")
    expect(await (await read.parquet(`${address}/held.parquet`)).count()).toBe(1000)
    await engine.close()
  })

  test("a column is read by ranges: not the whole file travels", async () => {
    const engine = duckdbEngine()
    const read = createReader(engine)
    const wide = Array.from({ length: 20_000 }, (_, i) => ({ n: i, text: `${Math.sin(i)}`.repeat(5) }))
    await read.rows(wide).write.parquet(`${hdfs.uri}/wide.parquet`)
    const frame = await read.parquet(`${hdfs.uri}/wide.parquet`)
    const { storeFor } = await import("../../kernel/src/store/registry.js")
    const store = storeFor(hdfs.uri)
    const own = store.read.bind(store)
    let asked = 0
    store.read = (uri, range) => {
      asked += range?.bytes ?? Number.POSITIVE_INFINITY
      return own(uri, range)
    }
    expect(await frame.agg(f => ({ s: f.n!.sum() })).collect()).toEqual([{ s: 199_990_000 }])
    store.read = own
    const [{ bytes }] = [(await store.stat(`${hdfs.uri}/wide.parquet`))!]
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThan(bytes / 2)
    await engine.close()
  })
})
