// What the panel hears of a Dask cluster while queries run on real workers: tasks that run, wait and end; a query that is
// stopped; a worker that is killed. Nothing here waits for a time: each step waits for a state that was told.
import { afterAll, beforeAll, expect, test } from "vitest"
import { connectDask, type DaskCluster } from "../../../kernel/src/engine/dask/connectDask.js"
import { count, fn } from "../../../kernel/src/frame/free.js"
import { createReader } from "../../../kernel/src/frame/reader.js"
import { subscribe } from "../../../kernel/src/telemetry/bus.js"
import { shardStates, type TelemetryEvent } from "../../../kernel/src/telemetry/events.js"
import { rowsOf, type ShardRow } from "../../../kernel/src/telemetry/shardColumns.js"
import { daskPython, listenerAt, startDask, startMs, workerPids } from "./clusters.js"

type Kind = TelemetryEvent["kind"]
/** Since a test began, and of the whole file. */
let events: TelemetryEvent[] = []
const pools: TelemetryEvent[] = []
const workers: Extract<TelemetryEvent, { kind: "worker.up" }>[] = []
const stopListening = subscribe(event => {
  if (event.kind === "worker.up") workers.push(event)
  if (event.kind === "pool.count") pools.push(event)
  else events.push(event)
})
let dask: DaskCluster
let read: ReturnType<typeof createReader>

beforeAll(async () => {
  dask = await startDask()
  read = createReader(dask.engine)
}, startMs)
afterAll(async () => {
  stopListening()
  await dask.close()
})

const all = <K extends Kind>(kind: K) =>
  events.filter((event): event is Extract<TelemetryEvent, { kind: K }> => event.kind === kind)

/** Every row that was told, oldest first. */
const told = () =>
  all("shard.batch").flatMap(({ stage, columns }) => rowsOf(columns).map(row => ({ stage, ...row })))
const state = ({ state }: ShardRow) => shardStates[state]
/** The last word on each task. */
const latest = () => [...new Map(told().map(row => [`${row.stage} ${row.id}`, row])).values()]
const running = () => latest().filter(row => state(row) === "running")
const soon = { timeout: 60_000, interval: 50 }
/** Waits for the end of a query's last stage, which makes the rows that the kernel gets. */
const allTold = () => {
  const names = () =>
    all("stage.end").map(({ stage }) => all("stage.start").find(start => start.stage === stage)?.name)
  return expect.poll(() => names().some(name => name?.endsWith("pack")), soon).toBe(true)
}

/** Tasks that take long by themselves: text from numbers, value by value. */
const slow = (rows: number, tasks = 8, on = read) =>
  on
    .range(rows)
    .repartition(tasks)
    .select(f => ({ id: f.id, t: fn.formatNumber(f.id, 2), k: f.id.mod(5) }))
    .filter(f => f.t.contains("1").or(f.k.gte(0)))

test("tasks are told of while they run, with their worker, and all of them when they ended", async () => {
  events = []
  let ended = false
  const query = slow(2_000_000).groupBy("k").agg({ n: count() }).sort("k").collect()
  void query.then(() => (ended = true)).catch(() => {})
  // Not the tasks that make the range: those are two.
  const tasksOf = (id: string) => all("stage.start").find(({ stage }) => stage === id)?.tasks
  const long = () => running().filter(({ stage }) => tasksOf(stage) === 8)
  let seen: ReturnType<typeof long> = []
  const workersSeen = () => {
    seen = long()
    return new Set(seen.map(({ worker }) => worker)).size
  }
  await expect.poll(workersSeen, soon).toBe(2)
  expect(ended).toBe(false)
  const [one] = seen
  expect(one).toMatchObject({ attempt: 1, rows: 0 })
  expect(one!.start).toBeGreaterThan(Date.now() - 60_000)
  expect(workers.map(({ id }) => id)).toContain(one!.worker)
  expect((await query).map(({ k, n }) => [Number(k), n])).toEqual([0, 1, 2, 3, 4].map(k => [k, 400_000n]))

  await allTold()
  expect(all("stage.end")).toHaveLength(all("stage.start").length)
  expect(all("stage.end").every(({ status }) => status === "ok")).toBe(true)
  expect(latest().filter(row => state(row) !== "done")).toEqual([])
  for (const { stage, tasks } of all("stage.start"))
    expect(latest().filter(row => row.stage === stage)).toHaveLength(tasks)
  expect(latest().some(({ bytes }) => bytes > 0)).toBe(true)
  const first = told().find(row => row.stage === one!.stage && row.id === one!.id)!
  expect(state(first)).toBe("running")
})

test("what fills a cache and a checkpoint is told of, and what comes from them is not computed again", async () => {
  const filled = () =>
    all("stage.start").filter(({ name, tasks }) => name.endsWith("select-keep rows") && tasks === 8).length
  const cached = slow(10_000).cache()
  for (const times of [1, 0]) {
    events = []
    await cached.count()
    await allTold()
    expect(filled()).toBe(times)
  }
  events = []
  await slow(10_001).checkpoint()
  await expect.poll(filled, soon).toBe(1)
})

test("workers and how many there should be are told; counts, tasks and workers can be asked for", async () => {
  await expect.poll(() => pools.at(-1), soon).toMatchObject({ desired: 2, actual: 2, pending: 0 })
  expect(await dask.counts()).toMatchObject({ workers: 2, cores: 2 })
  expect(Object.keys(await dask.tasks())).toContain("memory")
  const found = await dask.workers()
  expect(found).toHaveLength(2)
  expect(found[0]).toMatchObject({ threads: 1, status: "running" })
  expect(found[0]!.memory).toBeGreaterThan(1e7)
  expect(found[0]!.done + found[1]!.done).toBeGreaterThan(0)
})

test("a second kernel that listens to the scheduler, and leaves it, takes nothing away", async () => {
  const hears = async (of: DaskCluster, rows: number) => {
    events = []
    await slow(rows, 8, createReader(of.engine)).agg({ n: count() }).collect()
    await allTold()
    return latest().filter(row => state(row) === "done").length
  }
  const alone = await hears(dask, 10_002)
  expect(alone).toBeGreaterThan(8)
  const second = await connectDask(dask.address, { python: await daskPython() })
  await expect.poll(() => all("worker.up").length, soon).toBe(2)
  expect(await hears(dask, 10_003)).toBe(alone)
  expect(await hears(second, 10_004)).toBe(alone)
  await second.close()
  expect(await hears(dask, 10_005)).toBe(alone)
})

test("a query that is stopped while its tasks run fails, they are told of as failed, the next one runs", async () => {
  events = []
  const query = slow(2_000_000, 2).agg({ n: count() }).collect()
  void query.catch(() => {})
  await expect.poll(() => running().length, soon).toBeGreaterThan(0)
  dask.engine.cancel()
  await expect(query).rejects.toMatchObject({ code: "QUERY_CANCELLED" })
  await expect.poll(() => all("stage.end").length, soon).toBe(all("stage.start").length)
  expect(all("stage.end").some(({ status }) => status === "cancelled")).toBe(true)
  expect(running()).toEqual([])
  expect(latest().some(row => state(row) === "failed")).toBe(true)
  expect(await read.range(5).count()).toBe(5)
})

test("a worker that is killed while it computes: the answer is right, its task is told of as failed and runs again", async () => {
  events = []
  const query = slow(2_000_000, 2)
    .groupBy("k")
    .agg(f => ({ n: count(), s: f.id.sum() }))
    .sort("k")
    .collect()
  void query.catch(() => {})
  await expect.poll(() => running().length, soon).toBeGreaterThan(0)
  const victim = workers.find(({ id }) => id === running()[0]!.worker)!
  process.kill(listenerAt(Number(victim.host.split(":")[1]), workerPids(dask.pid!))!, "SIGKILL")
  const rows = await query
  expect(rows.map(({ k, n }) => [Number(k), n])).toEqual([0, 1, 2, 3, 4].map(k => [k, 400_000n]))
  expect(rows.reduce((sum, { s }) => sum + (s as bigint), 0n)).toBe(1_999_999_000_000n)
  await expect.poll(() => all("worker.down").filter(({ lost }) => lost), soon).toHaveLength(1)
  await allTold()
  expect(all("worker.down").map(({ id }) => id)).toEqual([victim.id])
  const failed = told().find(row => state(row) === "failed")!
  expect(failed.worker).toBe(victim.id)
  const again = latest().find(row => row.stage === failed.stage && row.id === failed.id)!
  expect([state(again), again.attempt]).toEqual(["done", 2])
  expect(again.worker).not.toBe(failed.worker)
  await expect.poll(async () => (await dask.workers()).length, soon).toBe(2)
})
