// Real worker processes: what they run, how they fail and die, how the pool changes while they work.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { type MapOptions, WorkerPool } from "../../kernel/lib/driver/pool/WorkerPool.js"
import { beginCell, interruptCell } from "../../kernel/lib/interrupt.js"
import { subscribe } from "../../kernel/lib/telemetry/bus.js"
import type { TelemetryEvent } from "../../kernel/lib/telemetry/events.js"
import { driverConformance } from "./conformance.js"

const place = { setup: { baseDir: import.meta.dirname, overrides: {} } }
/** Far longer than it takes: a machine may be busy. */
const soon = { timeout: 60_000, interval: 350 }
const make = (min: number, max: number) => new WorkerPool({ min, max, name: "test" }, place)

describe("the pool is a driver", () => driverConformance(() => make(1, 3)))

describe("map", () => {
  let pool: WorkerPool
  beforeAll(async () => {
    pool = make(2, 4)
    await pool.scaleTo(2)
  })
  afterAll(() => pool.close())
  afterEach(() => beginCell())

  // vitest rewrites imports and adds helpers, so functions come as text here.
  const map = <T>(items: Iterable<T> | Promise<Iterable<T>>, source: string, options?: MapOptions) =>
    pool.map(items, new Function(`return ${source}`)() as (item: T) => unknown, options)

  test("gives results in the order of the items, from several processes", async () => {
    const source =
      "async (item, index) => { await new Promise(r => setTimeout(r, item)); return [item, index, process.pid] }"
    const results = (await map([60, 5, 40, 1, 30], source)) as number[][]
    expect(results.map(([item, index]) => [item, index])).toEqual([
      [60, 0],
      [5, 1],
      [40, 2],
      [1, 3],
      [30, 4],
    ])
    const pids = new Set(results.map(row => row[2]))
    expect(pids.size).toBe(2)
    expect(pids.has(process.pid)).toBe(false)
  })

  test("takes promises of items, and none", async () => {
    expect(await map(Promise.resolve(new Set([1, 2])), "x => x + 1")).toEqual([2, 3])
    expect(await map([], "x => x")).toEqual([])
  })

  test("carries typed arrays, maps and dates both ways, and imports inside", async () => {
    const item = { a: Float32Array.of(1, 2), m: new Map([[1n, new Date(5)]]) }
    const source =
      "async x => ({ ...x, sum: x.a[0] + x.a[1], cpus: (await __shardlab_import('node:os')).cpus().length > 0 })"
    expect(await map([item], source)).toEqual([{ ...item, sum: 3, cpus: true }])
  })

  test("shares values by name", async () => {
    expect(
      await map([1, 2], "x => scale(x) + offset", { share: { scale: (x: number) => x * 10, offset: 1 } }),
    ).toEqual([11, 21])
  })

  test("an item's error comes with its index, worker and own stack", async () => {
    const error = await map(
      [1, 2, 3],
      "x => { if (x === 2) throw new RangeError('two is too many'); return x }",
    ).catch(e => e)
    expect(error).toMatchObject({
      code: "POOL_ITEM_FAILED",
      cause: { name: "RangeError", message: "two is too many" },
    })
    expect(error.message).toMatch(/Item 1 failed on worker w\d+: RangeError: two is too many/)
    expect(await map([1], "x => x")).toEqual([1])
  })

  test("a result that cannot be sent fails its item only", async () => {
    await expect(map([1], "() => () => 1")).rejects.toMatchObject({ code: "POOL_ITEM_FAILED" })
  })

  test("a worker that dies is replaced and its item runs again", async () => {
    await pool.scaleTo(2)
    const marker = `/tmp/shardlab-pool-${process.pid}`
    const source = `async x => {
      const fs = await __shardlab_import("node:fs")
      if (x === 3 && !fs.existsSync(marker)) { fs.writeFileSync(marker, ""); process.kill(process.pid, "SIGKILL") }
      if (x === 3) fs.rmSync(marker)
      return x * 2
    }`
    const events = await heard(async () => {
      expect(await map([1, 2, 3, 4], source, { share: { marker } })).toEqual([2, 4, 6, 8])
      await pool.scaleTo(2)
    })
    const down = events.filter(event => event.kind === "worker.down")
    expect(down).toMatchObject([{ lost: true, cause: expect.stringContaining("SIGKILL") }])
    expect(events.filter(event => event.kind === "worker.up")).toHaveLength(1)
  })

  test("an item that kills every worker ends the map and says so", async () => {
    await expect(map([1], "() => process.exit(3)")).rejects.toMatchObject({
      code: "POOL_WORKER_LOST",
      message: expect.stringContaining("lost its worker 3 times; the last one ended with exit code 3"),
    })
    await pool.scaleTo(2)
    expect(await map([1], "x => x")).toEqual([1])
  })

  test("an interrupt stops a loop in a worker, and the pool works on", async () => {
    beginCell()
    const running = map([1, 2, 3], "() => { while (true) {} }")
    setTimeout(interruptCell, 300)
    await expect(running).rejects.toMatchObject({ code: "POOL_CANCELLED" })
    beginCell()
    await pool.scaleTo(2)
    expect(await map([7], "x => x")).toEqual([7])
  })

  test("a smaller pool lets busy workers finish", async () => {
    await pool.scaleTo(4)
    const running = map(
      [300, 300, 300, 300],
      "async ms => { await new Promise(r => setTimeout(r, ms)); return ms }",
    )
    await new Promise(resolve => setTimeout(resolve, 100))
    await Promise.all([pool.scaleTo(2), expect(running).resolves.toEqual([300, 300, 300, 300])])
    expect(pool.count()).toEqual({ desired: 2, ready: 2 })
  })

  test("a worker that joins takes part in the map that runs", async () => {
    await pool.scaleTo(2)
    // Nobody is done before four have begun.
    const source = `async (item, index) => {
      const fs = await __shardlab_import("node:fs")
      fs.writeFileSync(meeting + "/" + process.pid, "")
      while (fs.readdirSync(meeting).length < 4) await new Promise(r => setTimeout(r, 20))
      return process.pid
    }`
    const meeting = mkdtempSync(join(tmpdir(), "shardlab-pool-"))
    const running = map(Array(12).keys(), source, { share: { meeting } })
    await pool.scaleTo(4)
    expect(new Set(await running).size).toBe(4)
    rmSync(meeting, { recursive: true })
    await pool.scaleTo(2)
  })

  test("measures its backlog and its workers' CPU", async () => {
    const go = join(tmpdir(), `shardlab-pool-go-${process.pid}`)
    const source = `async () => {
      const fs = await __shardlab_import("node:fs")
      while (!fs.existsSync(go));
    }`
    const running = map(Array(6).keys(), source, { share: { go } })
    await expect.poll(() => pool.metrics(), soon).toMatchObject({ queue: 6, backlogPerWorker: 3 })
    // A loaded machine gives less than a whole core to each; an idle worker would be near 0.
    if (process.platform === "linux") await expect.poll(() => pool.metrics().cpu, soon).toBeGreaterThan(10)
    writeFileSync(go, "")
    await running
    rmSync(go)
    expect(pool.metrics()).toMatchObject({ queue: 0, backlogPerWorker: 0 })
  })

  test("the panel hears of a stage with one shard an item", async () => {
    const items = [
      { rows: 10, bytes: 100 },
      { rows: 20, bytes: 200 },
    ]
    const events = await heard(() => map(items, "x => x.rows", { name: "score" }))
    expect(events[0]).toMatchObject({ kind: "stage.start", name: "score", tasks: 2 })
    expect(events.at(-1)).toMatchObject({ kind: "stage.end", status: "ok" })
    const batches = events.flatMap(event => (event.kind === "shard.batch" ? [event.columns] : []))
    const last = batches.at(-1)!
    expect([...last.id].sort()).toEqual([0, 1])
    expect([...last.state]).toEqual([2, 2])
    expect([...last.rows].sort()).toEqual([10, 20])
    expect([...last.worker].every(worker => worker > 0)).toBe(true)
  })
})

test("workers do not outlive the process that started them, not even in a loop", async () => {
  const { spawn } = await import("node:child_process")
  const pool = JSON.stringify(new URL("../../kernel/lib/driver/pool/WorkerPool.js", import.meta.url).href)
  const script = `
    const { WorkerPool } = await import(${pool})
    const pool = new WorkerPool({ min: 1 }, { setup: { baseDir: "/tmp", overrides: {} } })
    await pool.scaleTo(1)
    pool.map([1], new Function("return () => { console.log(process.pid); while (true) {} }")())
  `
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const pid = await new Promise<number>(resolve => {
    parent.stdout.on("data", text => {
      const found = /w\d+: (\d+)/.exec(String(text))
      if (found) resolve(Number(found[1]))
    })
  })
  parent.kill("SIGKILL")
  await expect.poll(() => isAlive(pid), soon).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function heard(work: () => Promise<unknown>): Promise<TelemetryEvent[]> {
  const events: TelemetryEvent[] = []
  const stop = subscribe(event => events.push(event))
  await work()
  stop()
  return events
}
