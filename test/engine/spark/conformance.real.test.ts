// The shared suites (every operation, every function of the catalog) on a real Spark and a real Sail. What a server does
// differently is in a table with its reason, and the table is checked: a difference that is gone has to leave it.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Capabilities } from "../../../kernel/lib/engine/spark/capabilities.js"
import type { LocalServers } from "../../../kernel/lib/engine/spark/launch/standalone.js"
import { findRest } from "../../../kernel/lib/engine/spark/monitor/rest.js"
import { SparkMonitor } from "../../../kernel/lib/engine/spark/monitor/SparkMonitor.js"
import { openSpark } from "../../../kernel/lib/engine/spark/openSpark.js"
import type { Session } from "../../../kernel/lib/engine/spark/Session.js"
import type { SparkEngine } from "../../../kernel/lib/engine/spark/SparkEngine.js"
import { Observation } from "../../../kernel/lib/frame/Observation.js"
import { cachesOf, clearCaches } from "../../../kernel/lib/runner/caches.js"
import { count } from "../../../kernel/src/frame/free.js"
import { templateOf } from "../../../kernel/src/frame/functions/FunctionRow.js"
import type { Plan } from "../../../kernel/src/frame/nodes/plan.js"
import { createReader } from "../../../kernel/src/frame/reader.js"
import { decimalTypes, price } from "../decimalTypes.js"
import { checkExample, checkType, functionExamples } from "../functionExamples.js"
import { asOf, operations } from "../operations.js"
import { sameRows } from "../sameRows.js"
import { products, startCluster, startMs } from "./clusters.js"
import { differences } from "./differences.js"

describe.each(products)("%s", product => {
  const state = mkdtempSync(join(tmpdir(), "shardlab-state-"))
  let servers: LocalServers
  let engine: SparkEngine
  beforeAll(async () => {
    servers = await startCluster(product)
    const monitor = async (session: Session, { rest, progress }: Capabilities) => {
      const found = rest ? await findRest(session, servers.ui) : undefined
      return new SparkMonitor({ server: session.server, rest: found, progress })
    }
    engine = await openSpark(servers.address, { stateFolder: state, monitor })
    await createReader(engine).range(3).count()
  }, startMs)
  afterAll(async () => {
    await engine?.close()
    await servers?.servers.close()
    rmSync(state, { recursive: true, force: true })
  }, 60_000)

  const differs = differences[product]
  /** Runs a check; one that is in the table has to fail. */
  async function conforms(name: string, check: () => Promise<void>): Promise<void> {
    if (differs[name] === undefined) return check()
    await expect(check(), `${name} no longer differs: take it out of differences.ts`).rejects.toThrow()
  }

  test.each([...operations, asOf].map(operation => [operation.name, operation] as const))(
    "%s",
    (name, { frame, rows, ordered }) =>
      conforms(name, async () => sameRows(await frame(createReader(engine)).collect(), rows, ordered)),
  )

  const has = functionExamples.filter(({ name, row }) => templateOf(name, row.spark) !== null)
  test.each(has.map(example => [`${example.op} ${example.name}`, example] as const))("%s", (name, example) =>
    conforms(name, () => checkExample(engine, example)),
  )
  test.each(has.map(example => [`type of ${example.op} ${example.name}`, example] as const))(
    "%s",
    (name, example) => conforms(name, () => checkType(engine, example)),
  )

  test.each(decimalTypes)("%s has the type that Spark itself gives it", async (sql, make) => {
    const type = `decimal(${price.precision}, ${price.scale})`
    const frame = createReader(engine)
      .rows([{ n: 3 }])
      .select(f => ({ price: f.n.cast({ decimal: [price.precision, price.scale] }) }))
      .select(f => ({ r: make(f.price as never) as never }))
    const text = `select ${sql} as r from (select cast(3 as ${type}) as price)`
    const typeOf = async (query: string, ...inputs: Plan[]) =>
      (await engine.describeSql({ text: query, params: [], inputs }))[0]!.type
    expect(await typeOf("select * from {0}", frame.plan)).toEqual(frame.schema.fields[0]!.type)
    // Sail takes a constant for any Int32 there, which makes wider decimals.
    if (product === "spark") expect(await typeOf(text)).toEqual(frame.schema.fields[0]!.type)
  })

  test("views, checkpoints, caches, observations", async () => {
    // What the operations before have kept.
    await clearCaches([engine])
    const read = createReader(engine)
    await read
      .range(10)
      .filter(f => f.id.gte(7))
      .createView("late")
    expect(await (await read.table("late")).count()).toBe(3)
    await expect(read.range(3).createView("late")).rejects.toThrow(/a view `late` already/)
    await read.range(3).createView("late", { replace: true })
    await expect(read.table("lat")).rejects.toThrow(/no table or view `lat`.*Did you mean `late`/)
    const kept = await read.range(5).checkpoint()
    expect(await kept.count()).toBe(5)
    const cached = read.range(7).cache()
    const seen = new Observation("rows")
    const observed = read.range(100).observe(seen as never, f => ({ rows: count(), high: f.id.max() }))
    if (product === "sail") {
      await expect(cached.count()).rejects.toThrow(/Sail has no cached frames.*Engines that have it: spark/)
      await expect(observed.count()).rejects.toMatchObject({ code: "NOT_ON_ENGINE" })
      return
    }
    expect([await cached.count(), await cached.count()]).toEqual([7, 7])
    const grouped = read
      .range(1000)
      .with(f => ({ k: f.id.mod(7) }))
      .groupBy("k")
      .agg({ n: count() })
    const again = grouped
      .cache()
      .filter(f => f.k.gt(2))
      .persist("disk")
    expect(await again.count()).toBe(4)
    expect(
      (await cachesOf([engine])).map(({ plan, level, bytes }) => [plan.split(" ")[0], level, bytes! > 0]),
    ).toEqual([
      ["range", "memoryAndDisk", true],
      ["aggregate", "memoryAndDisk", true],
      ["filter", "disk", true],
    ])
    await cached.unpersist()
    expect((await cachesOf([engine])).length).toBe(2)
    expect((await clearCaches([engine])).length).toBe(0)
    expect(await again.count()).toBe(4)
    expect(await observed.filter(f => f.id.lt(5)).count()).toBe(5)
    expect(await seen.get()).toEqual({ rows: 100n, high: 99n })
  })
  test("explain has five modes", async () => {
    const frame = createReader(engine)
      .range(100)
      .filter(f => f.id.gt(5))
    for (const mode of ["simple", "extended", "codegen", "cost", "formatted"] as const) {
      if (product === "sail" && mode === "codegen") continue
      expect(String(await frame.explain(mode))).toMatch(
        /filter gt\(id, 5\)[\s\S]*runs on [\s\S]*(plan|codegen)/i,
      )
    }
  })
})
