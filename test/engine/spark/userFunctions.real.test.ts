// TypeScript functions on a real Spark 4.3 and a real Sail 0.7: beside the Python workers, with values, imports, groups,
// errors, deaths and cancelling, and below other operations.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { LocalServers } from "../../../kernel/lib/engine/spark/launch/standalone.js"
import { openSpark } from "../../../kernel/lib/engine/spark/openSpark.js"
import type { SparkEngine } from "../../../kernel/lib/engine/spark/SparkEngine.js"
import type { DataFrame } from "../../../kernel/lib/frame/DataFrame.js"
import { count, sum } from "../../../kernel/lib/frame/free.js"
import { createReader } from "../../../kernel/lib/frame/reader.js"
import { createSql } from "../../../kernel/lib/frame/sql.js"
import type { Float64, Int64, Timestamp, Utf8 } from "../../../kernel/lib/frame/types.js"
import { provideScope } from "../../../kernel/lib/runner/child/notebookScope.js"
import "../../../kernel/lib/runner/functionPacker.js"
import { riskOf } from "../udf/riskModel.js"
import { products, startCluster, startMs } from "./clusters.js"

/** What the runner knows of a notebook's imports. */
provideScope({
  lookup: () => undefined,
  importOf: value =>
    (value as { riskOf?: unknown } | null)?.riskOf === riskOf
      ? { specifier: resolve(import.meta.dirname, "../udf/riskModel.ts") }
      : undefined,
})

describe.each(products)("%s", product => {
  const folder = mkdtempSync(join(tmpdir(), `shardlab-functions-${product}-`))
  let servers: LocalServers
  let engine: SparkEngine
  let numbers: DataFrame<{ i: Int64 }>
  let small: DataFrame<{ k: Utf8; n: Int64; x: Float64; at: Timestamp }>

  beforeAll(async () => {
    servers = await startCluster(product)
    engine = await openSpark(servers.address, { stateFolder: join(folder, "state") })
    numbers = await createSql(engine)<{ i: Int64 }>`select id as i from range(0, 1000, 1, 2)`
    small = createReader(engine).rows(
      [
        { k: "a", n: 1n, x: 0.5, at: new Date(1234) },
        { k: "b", n: null, x: null, at: null },
        { k: null, n: 3n, x: -2.25, at: new Date(0) },
      ],
      { k: "utf8", n: "int64", x: "float64", at: "timestamp" },
    ) as unknown as typeof small
    await numbers.count()
  }, startMs)
  afterAll(async () => {
    await engine?.close()
    await servers?.servers.close()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  test("a batch function, with values, helpers and operations before and after it", async () => {
    const factor = 3n
    const times = (n: bigint) => n * factor
    const made = numbers
      .filter(f => f.i.lt(100))
      .mapBatches(batch => ({ i: batch.columns.i, thrice: batch.columns.i.map(times) }), {
        i: "int64",
        thrice: "int64",
      })
    expect(
      await made
        .filter(f => f.i.gte(98))
        .sort("i")
        .collect(),
    ).toEqual([
      { i: 98n, thrice: 294n },
      { i: 99n, thrice: 297n },
    ])
    expect(await made.agg({ n: count(), s: sum("thrice") }).collect()).toEqual([{ n: 100n, s: 14850n }])
  })

  test("one child serves a worker's tasks, run after run", async () => {
    const made = numbers.mapBatches(() => [{ pid: process.pid }], { pid: "int32" })
    const pids = async () => new Set((await made.collect()).map(row => row.pid))
    const [first, again] = [await pids(), await pids()]
    expect(first.size).toBeLessThanOrEqual(2)
    expect([...again].some(pid => first.has(pid))).toBe(true)
  })

  test("every type of a row, NULLs among them", async () => {
    const same = small.mapBatches(batch => batch.toArray(), {
      k: "utf8",
      n: "int64",
      x: "float64",
      at: "timestamp",
    })
    expect(await same.sort("at").collect()).toEqual(await small.sort("at").collect())
    const exact = small.mapBatches(
      batch =>
        batch.map((_, i) => ({
          price: `${i}.25`,
          tags: ["t", null],
          raw: Uint8Array.of(i),
          day: new Date(0),
          ok: true,
        })),
      {
        price: { kind: "decimal", precision: 12, scale: 2 },
        tags: { kind: "list", item: { kind: "utf8" } },
        raw: "binary",
        day: "date",
        ok: "boolean",
      },
    )
    const [row] = await exact
      .filter(f => f.ok)
      .limit(1)
      .collect()
    expect(row).toMatchObject({ tags: ["t", null], day: new Date(0), ok: true })
    expect(String(row!.price)).toMatch(/^[012]\.25$/)
  })

  test("groups come whole with their key", async () => {
    const grouped = numbers
      .with(f => ({ k: f.i.mod(3) }))
      .groupBy("k")
      .mapGroups(
        (group, key) => [{ k: key.k, n: group.rows, sum: group.values("i").reduce((a, b) => a + b, 0n) }],
        { k: "int64", n: "int32", sum: "int64" },
      )
    expect(await grouped.sort("k").collect()).toEqual([
      { k: 0n, n: 334, sum: 166833n },
      { k: 1n, n: 333, sum: 166167n },
      { k: 2n, n: 333, sum: 166500n },
    ])
  })

  test("a function that is not translated runs there, with an imported file bundled", async () => {
    const risky = numbers.filterRows(r => riskOf(Number(r.i)) >= 9.98)
    expect(risky.plan.op).toBe("mapBatches")
    expect((await risky.sort("i").collect()).map(row => row.i)).toEqual([998n, 999n])
    expect(await numbers.filterRows(r => r.i > 997n).count()).toBe(2)
  })

  test("an error carries the user's own lines", async () => {
    const bad = numbers.mapBatches(
      function score(batch) {
        return batch.map(row => ({ risk: riskOf(Number(row.i) + 1e7) }))
      },
      { risk: "float64" },
    )
    const error = await bad.collect().catch(thrown => thrown)
    expect(error).toMatchObject({
      code: "FUNCTION_FAILED",
      message: expect.stringContaining("score threw RangeError: no risk for"),
    })
    expect(error.cause.stack).toContain("userFunctions.real.test.ts")
    expect(error.cause.stack).toContain("riskModel.ts:3")
  })

  test("a result that does not fit and a process that ends are told as such", async () => {
    const wrong = numbers.mapBatches(() => [{ x: 1.5 }], { x: "int32" })
    await expect(wrong.collect()).rejects.toMatchObject({
      code: "FUNCTION_RESULT",
      message: expect.stringContaining("`x` of row 0 is 1.5, not an int32"),
    })
    const dying = numbers.mapBatches(() => process.exit(7) as never, { x: "int32" })
    await expect(dying.collect()).rejects.toMatchObject({
      code: "FUNCTION_EXECUTOR",
      message: expect.stringContaining("exit code 7"),
    })
  })

  // Sail runs Python in threads of its own process and does not stop one that waits: not there.
  test.skipIf(product === "sail")("cancelling ends a function that loops, and its process", async () => {
    const mark = `loop${Date.now()}`
    const looping = numbers.mapBatches(
      () => {
        process.title = mark
        for (;;);
      },
      { x: "int32" },
    )
    const running = () => readdirSync("/proc").filter(pid => /^\d+$/.test(pid) && cmdline(pid).includes(mark))
    const stop = new AbortController()
    const done = (async () => {
      for await (const _ of engine.stream(looping.plan, { signal: stop.signal }));
    })().catch(error => error)
    await until(() => running().length > 0)
    stop.abort()
    expect(await done).toMatchObject({ code: "QUERY_CANCELLED" })
    await until(() => running().length === 0)
  })
})

function cmdline(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1")
  } catch {
    return "" // it ended meanwhile
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (const start = Date.now(); !holds(); ) {
    if (Date.now() - start > 60_000) throw new Error("it does not come about")
    await new Promise(done => setTimeout(done, 200))
  }
}
