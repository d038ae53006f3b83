// A real standalone cluster loses its executors, workers, server and network, and kernels that write on it: the answer is
// right or the error is right, and nothing half-written is readable.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { LocalServers } from "../../../kernel/lib/engine/spark/launch/standalone.js"
import { departure } from "../../../kernel/lib/engine/spark/monitor/executors.js"
import { findRest } from "../../../kernel/lib/engine/spark/monitor/rest.js"
import { SparkMonitor } from "../../../kernel/lib/engine/spark/monitor/SparkMonitor.js"
import { openSpark } from "../../../kernel/lib/engine/spark/openSpark.js"
import type { SparkEngine } from "../../../kernel/lib/engine/spark/SparkEngine.js"
import { createReader } from "../../../kernel/lib/frame/reader.js"
import { createSql } from "../../../kernel/lib/frame/sql.js"
import { subscribe } from "../../../kernel/lib/telemetry/bus.js"
import type { TelemetryEvent } from "../../../kernel/lib/telemetry/events.js"
import { startCluster, startMs } from "./clusters.js"
import { expectWholeWrites } from "./killedKernels.js"
import { startProxy } from "./proxy.js"

const folder = mkdtempSync(join(tmpdir(), "shardlab-faults-"))
const events: TelemetryEvent[] = []
const unsubscribe = subscribe(event => events.push(event))
let cluster: LocalServers
let engine: SparkEngine
let monitor: SparkMonitor

beforeAll(async () => {
  cluster = await startCluster("spark", { workers: 2 })
  engine = await openSpark(cluster.address, {
    stateFolder: join(folder, "state"),
    monitor: async session => {
      const rest = await findRest(session, cluster.ui)
      monitor = new SparkMonitor({ server: session.server, rest, progress: true })
      return monitor
    },
  })
  await createReader(engine).range(3).count()
}, startMs)
afterAll(async () => {
  unsubscribe()
  await engine?.close()
  await cluster?.servers.close()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const rows = 1_500_000n
const wanted = [0, 1, 2, 3, 4, 5].map(k => ({ k: BigInt(k), n: 250_000n, s: 250_000n * 128n }))

/** Seconds of work in 24 tasks, then a shuffle: what was computed on a machine that is lost has to be computed again. */
async function slowAnswer(on: SparkEngine = engine): Promise<unknown[]> {
  const frame = await createSql(on)`
    select id % 6 as k, count(*) as n, sum(length(sha2(cast(id as string), 512))) as s
    from range(0, ${rows}, 1, 24) group by 1 order by 1`
  return frame.collect()
}

/** The processes of executors, by the folder they run in. */
function executorPids(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter(pid => {
      try {
        if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(cluster.servers.folder)) return false
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("CoarseGrainedExecutorBackend")
      } catch {
        return false // not a number, or it has just ended
      }
    })
}

const executors = async () => (await monitor.executors()) ?? []
const live = async () => (await executors()).filter(({ removed }) => removed === undefined)
const allBack = () => expect.poll(async () => (await live()).length, { timeout: 90_000 }).toBe(2)
/** Some task of the query that runs now has ended, and others run. */
async function inTheMiddle(before: number): Promise<void> {
  const done = async () => {
    const all = await executors()
    return (
      all.some(({ tasks }) => tasks.active > 0) && all.reduce((n, { tasks }) => n + tasks.done, 0) > before
    )
  }
  await expect.poll(done, { timeout: 60_000, interval: 50 }).toBe(true)
}
const tasksDone = async () => (await executors()).reduce((n, { tasks }) => n + tasks.done, 0)

test("an executor is killed: the answer is right, and its end is told with Spark's reason", async () => {
  await allBack()
  const before = await tasksDone()
  const answer = slowAnswer()
  await inTheMiddle(before)
  process.kill(executorPids()[0]!, "SIGKILL")
  expect(await answer).toEqual(wanted)
  const removed = async () => (await executors()).filter(({ removed }) => removed !== undefined)
  await expect.poll(async () => (await removed()).length, { timeout: 60_000 }).toBe(1)
  const gone = await removed()
  expect(gone[0]!.why).toMatch(/exited|disassociated|lost/i)
  const told = () => events.filter(({ kind }) => kind === "worker.down")
  await expect.poll(told, { timeout: 60_000 }).toMatchObject([departure(gone[0]!.why)])
  expect(departure(gone[0]!.why).lost).toBe(true)
  await allBack()
}, 180_000)

test("a worker is killed with its executor: the answer is right, and the worker comes back", async () => {
  const before = await tasksDone()
  const answer = slowAnswer()
  await inTheMiddle(before)
  cluster.servers.kill("worker-1")
  expect(await answer).toEqual(wanted)
  const said = events.flatMap(event => (event.kind === "log" ? [event.text] : []))
  expect(said).toContain("worker-1 was ended by SIGKILL; it is started again")
  await allBack()
}, 180_000)

test("the network is cut for 10 seconds in a query: the answer is right", async () => {
  const port = Number(/:(\d+)/.exec(cluster.address)![1])
  const before = await tasksDone()
  const faults = (["cut", "freeze"] as const).map(async fault => {
    const proxy = await startProxy(port)
    const through = cluster.address.replace(/:\d+/, `:${proxy.port}`)
    const own = await openSpark(through, { stateFolder: join(folder, fault) })
    const answer = slowAnswer(own)
    await inTheMiddle(before)
    proxy[fault](10_000)
    expect(await answer, fault).toEqual(wanted)
    await own.close()
    proxy.close()
  })
  await Promise.all(faults)
}, 180_000)

test(
  "a kernel is killed in the middle of an overwrite: readers find whole writes only",
  () => expectWholeWrites({ cluster, engine, folder }, "overwrite"),
  300_000,
)

test("the Connect server is restarted in a query and in a write: both say so, and the next query works", async () => {
  const table = join(folder, "alone/restarted")
  await createReader(engine).range(5).write.parquet(table)
  await createReader(engine).range(4).createView("four")
  const before = await tasksDone()
  const lost = { code: "SESSION_LOST", message: expect.stringContaining("temporary views") }
  const failed = expect(slowAnswer()).rejects.toMatchObject(lost)
  const slow = await createSql(
    engine,
  )`select id, sha2(cast(id as string), 512) as t from range(0, ${rows}, 1, 24)`
  const unwritten = expect(slow.write.parquet(table, { mode: "overwrite" })).rejects.toMatchObject(lost)
  await inTheMiddle(before)
  cluster.servers.kill("connect")
  await Promise.all([failed, unwritten])
  expect(await slowAnswer()).toEqual(wanted)
  expect(await (await createReader(engine).parquet(table)).count()).toBe(5)
  expect(readdirSync(join(folder, "alone"))).toEqual(["restarted"])
  await expect(createReader(engine).table("four")).rejects.toMatchObject({ code: "TABLE_MISSING" })
  await createReader(engine).range(4).createView("four")
}, 240_000)
