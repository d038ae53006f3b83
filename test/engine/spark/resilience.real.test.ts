// What the client does when things break, on a real Spark and a real Sail: cuts, restarts of the kernel, tags, TLS, tokens,
// and what the panel hears of it all.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { LocalServers } from "../../../kernel/lib/engine/spark/launch/standalone.js"
import { findRest } from "../../../kernel/lib/engine/spark/monitor/rest.js"
import { SparkMonitor } from "../../../kernel/lib/engine/spark/monitor/SparkMonitor.js"
import { openSpark } from "../../../kernel/lib/engine/spark/openSpark.js"
import { findOperations } from "../../../kernel/lib/engine/spark/operations.js"
import type { SparkEngine } from "../../../kernel/lib/engine/spark/SparkEngine.js"
import { createReader } from "../../../kernel/lib/frame/reader.js"
import { createSql } from "../../../kernel/lib/frame/sql.js"
import { startSession } from "../../../kernel/lib/runner/session.js"
import { followedUp, subscribe } from "../../../kernel/lib/telemetry/bus.js"
import type { TelemetryEvent } from "../../../kernel/lib/telemetry/events.js"
import { runIn } from "../../runner/runIn.js"
import { products, startCluster, startMs } from "./clusters.js"
import { selfSigned, startProxy } from "./proxy.js"

const pause = (ms: number) => new Promise(done => setTimeout(done, ms))

describe.each(products)("%s", product => {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-resilience-"))
  let servers: LocalServers
  let engine: SparkEngine
  let port: number
  const through = (to: number, more = "") => servers.address.replace(/:\d+/, `:${to}`) + more
  const slowText = "select sum(hash(a.id, b.id)) as s from range(100000) a cross join range(100000) b"

  beforeAll(async () => {
    servers = await startCluster(product)
    port = Number(/:(\d+)/.exec(servers.address)![1])
    engine = await openSpark(servers.address, { stateFolder: join(folder, "state"), tag: () => "cell-7" })
    await createReader(engine).range(3).count()
  }, startMs)
  afterAll(async () => {
    await engine?.close()
    await servers?.servers.close()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  test("a cut line is attached to again, and every row comes once; no answer is short", async () => {
    const proxy = await startProxy(port)
    const own = await openSpark(through(proxy.port), { stateFolder: join(folder, "cut") })
    const frame = await createSql(own)`select id, repeat('x', 200) as text from range(0, 600000, 1, 4)`
    let [rows, sum, cuts] = [0, 0n, 0]
    const read = async () => {
      for await (const batch of frame.batches()) {
        rows += batch.rows
        for (const id of batch.columns.id as BigInt64Array) sum += id
        if (cuts >= 2 || rows <= 100_000 * (cuts + 1)) continue
        cuts++
        // A reader slow enough that every buffer on the way is full: what is in them is lost by the cut.
        await pause(1_500)
        proxy.cut(300)
        await pause(50)
      }
    }
    const ended = await read().then(
      () => "whole",
      error => (error as { code: string }).code,
    )
    // Sail keeps what it has sent to the end, and forgets what it was still sending.
    if (product === "sail" && ended !== "whole") expect(ended).toBe("OPERATION_LOST")
    else expect([ended, rows, sum]).toEqual(["whole", 600_000, 179_999_700_000n])
    expect(cuts).toBeGreaterThan(0)
    await own.close()
    proxy.close()
  })
  test("a line that stays cut is an error that says so, not a short answer", async () => {
    const proxy = await startProxy(port)
    await expect(openSpark(through(proxy.port).replace(String(proxy.port), "1"))).rejects.toMatchObject({
      code: "CLUSTER_UNREACHABLE",
      message: expect.stringContaining("nothing listens there"),
    })
    proxy.close()
  })
  test("an interrupt by the cell's tag stops its operations; an outsider's stop is no empty answer", async () => {
    const slow = await createSql(engine)(Object.assign([slowText], { raw: [slowText] }))
    const running = slow.collect()
    const failed = expect(running).rejects.toMatchObject({
      code: expect.stringMatching(/CANCELLED|CUT|LOST/),
    })
    // As soon as the server has it.
    await expect.poll(() => engine.interruptTag("cell-7"), { timeout: 60_000 }).toHaveLength(1)
    await failed
  })
  test("a failing query points at its line of the cell; an interrupted cell ends its query on the server at once, and the next cell uses the cluster", async () => {
    const session = await startSession({ cwd: import.meta.dirname, sampleMs: 0 })
    const run = runIn(session)
    const connected = await run(
      `import { connect } from "shardlab"\nconst cluster = await connect(${JSON.stringify(servers.address)})`,
    )
    expect(connected.outcome.status, JSON.stringify(connected.outcome)).toBe("ok")
    const failed = await run(
      "const text = cluster.read.rows([{ t: 'x' }])\nconst bad = await cluster.sql`select raise_error(t) as e from ${text}`\nawait bad.collect()",
    )
    const lines = failed.outcome.status === "error" ? failed.outcome.traceback.join("\n") : ""
    expect(stripVTControlCharacters(lines)).toMatch(/> 3 \| await bad\.collect\(\)/)
    expect(lines).not.toContain("kernel/lib")
    const running = run(`await (await cluster.sql\`${slowText}\`).collect()`)
    await pause(2_500)
    // The query would take minutes.
    await session.interrupt()
    expect((await running).outcome.status).toBe("interrupted")
    // Sail lists no operations.
    if (product === "spark")
      expect(
        (await run("(await cluster.operations()).filter(({ state }) => state === 'running').length")).result,
      ).toBe("0")
    expect((await run("await cluster.read.range(7).count()")).result).toBe("7")
    await session.close()
  })
  test("TLS and a token: the right ones connect, the wrong ones are refused by name", async () => {
    const tls = selfSigned(folder)
    const proxy = await startProxy(port, tls)
    const address = `${servers.address.replace(/:\d+/, `:${proxy.port}`)}${servers.address.includes(";") ? ";" : "/;"}use_ssl=true`
    const own = await openSpark(address, { ca: tls.cert, stateFolder: join(folder, "tls") })
    expect(await createReader(own).range(4).count()).toBe(4)
    await own.close()
    await expect(openSpark(address)).rejects.toMatchObject({ code: "CLUSTER_UNREACHABLE" })
    proxy.close()
    if (product === "sail") return
    const wrong = servers.address.replace(/token=\w+/, "token=wrong")
    await expect(openSpark(wrong)).rejects.toMatchObject({ code: "CLUSTER_REFUSED" })
  })
  // Sail has no GetStatus, so nobody can ask it whether an operation of another process still runs: not there.
  test.skipIf(product === "sail")(
    "a query of a kernel that was killed is found again and waited for",
    async () => {
      const state = join(folder, "restart")
      const child = spawn(process.execPath, [
        join(import.meta.dirname, "otherKernel.mjs"),
        servers.address,
        state,
      ])
      await once(child.stdout, "data")
      const find = () => findOperations(engine.session, engine.capabilities, state)
      await expect.poll(find, { timeout: 60_000 }).toHaveLength(1)
      child.kill("SIGKILL")
      await once(child, "exit")
      const [found] = await find()
      expect(found).toMatchObject({ pid: child.pid, what: expect.any(String) })
      expect(["running", "done"]).toContain(found!.state)
      let n: unknown
      for await (const batch of found!.batches()) n = batch.columns.n?.[0] ?? n
      expect(n).toBe(40_000n)
      expect(await findOperations(engine.session, engine.capabilities, state)).toEqual([])
    },
  )
  // Sail has no REST interface of stages, tasks and executors: not there.
  test.skipIf(product === "sail")(
    "the panel hears of executors, stages and tasks with their rows",
    async () => {
      const events: TelemetryEvent[] = []
      const end = subscribe(event => events.push(event))
      const monitor = async (session: SparkEngine["session"]) =>
        new SparkMonitor({ server: session.server, rest: await findRest(session), progress: true })
      let made: SparkMonitor | undefined
      const own = await openSpark(servers.address, {
        stateFolder: join(folder, "panel"),
        monitor: async session => {
          made = await monitor(session)
          return made
        },
      })
      await (
        await createSql(own)`select id % 3 as k, count(*) as n from range(0, 3000000, 1, 6) group by 1`
      ).collect()
      await followedUp()
      end()
      expect(await made!.executors()).toMatchObject([{ id: "0", cores: 1, tasks: { failed: 0 } }])
      const started = events.flatMap(event => (event.kind === "stage.start" ? [event.tasks] : []))
      expect(started).toContain(6)
      const names = events.flatMap(event => (event.kind === "stage.name" ? [event.name] : []))
      expect(names.sort()).toEqual(["group by _groupingexpression", "range, group by _groupingexpression"])
      expect(events.filter(event => event.kind === "worker.up")).toHaveLength(1)
      const shards = events.flatMap(event => (event.kind === "shard.batch" ? [...event.columns.worker] : []))
      expect(shards.length).toBeGreaterThanOrEqual(6)
      expect(Math.min(...shards)).toBeGreaterThan(10_000)
      expect(events.filter(event => event.kind === "stage.end").every(event => event.status === "ok")).toBe(
        true,
      )
      await own.close()
    },
  )
  // Sail sends no ExecutionProgress, so there is nothing to count: not there.
  test.skipIf(product === "sail")(
    "without a REST address stages come by counts, and a line says so",
    async () => {
      const events: TelemetryEvent[] = []
      const end = subscribe(event => events.push(event))
      const own = await openSpark(servers.address, {
        stateFolder: join(folder, "counts"),
        monitor: async session => new SparkMonitor({ server: session.server, progress: true }),
      })
      const slow = await createSql(
        own,
      )`select sum(hash(a.id, b.id)) as s from range(0, 20000, 1, 4) a cross join range(20000) b`
      await slow.collect()
      end()
      const gaps = events.flatMap(event => (event.kind === "engine.gap" ? [event.text ?? ""] : []))
      expect(gaps).toEqual([
        expect.stringMatching(/not known, so only how many tasks.*ui: "http:\/\/host:4040"/),
      ])
      expect(events.some(event => event.kind === "stage.start" && event.counted === true)).toBe(true)
      await own.close()
    },
  )
})
