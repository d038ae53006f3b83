// Pools as a cell uses them: the mapped function takes along what the notebook knows, and a policy moves the pool.
import { afterAll, beforeAll, expect, test } from "vitest"
import type { KernelSession } from "../../kernel/lib/runner/KernelSession.js"
import { startSession } from "../../kernel/lib/runner/session.js"
import type { TelemetryEvent } from "../../kernel/lib/telemetry/events.js"
import { type CellRun, runIn } from "./runIn.js"

let session: KernelSession
let run: (code: string) => Promise<CellRun>
const flights = JSON.stringify(
  new URL("../../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url).pathname,
)

beforeAll(async () => {
  session = await startSession({ cwd: import.meta.dirname, sampleMs: 0 })
  run = runIn(session)
  const { outcome } = await run(
    `import { read, scale, workers, tf, col } from "shardlab"\nconst pool = await workers({ min: 1, max: 3 })`,
  )
  expect(outcome.status).toBe("ok")
})
afterAll(() => session.close())

test("a function takes along functions, imports, constants and relative modules of other cells", async () => {
  await run(`import { createHash } from "node:crypto"
import { answer } from "./fixture"
const salt = "pepper"
function digest(text: string) { return createHash("sha256").update(text + salt).digest("hex").slice(0, 8) }
class Box { constructor(readonly value: number) {} double() { return this.value * 2 } }`)
  const { outcome, result } = await run(
    "await pool.map(['a', 'b'], (text, i) => [digest(text), new Box(answer + i).double()] as const)",
  )
  expect(outcome.status).toBe("ok")
  const local = await run("[['a', 'b'].map((text, i) => [digest(text), new Box(answer + i).double()])][0]")
  expect(result).toBe(local.result)
})

test("frames and shards are read in the workers", async () => {
  const { outcome, result } = await run(`const flights = await read.parquet(${flights})
const late = flights.filter(col("delay").gt(60))
const [counts, total] = [
  await pool.map(flights.shards(), async shard => read.shard(shard).count()),
  await pool.map([0], () => late.count()),
]
;[counts.length, counts.reduce((a, b) => a + b, 0), total[0] === await late.count()]`)
  expect(outcome.status, JSON.stringify(outcome)).toBe("ok")
  expect(result).toBe("[ 11, 3000000, true ]")
})

test("a tf model predicts in the workers as it does here", async () => {
  const { outcome, result } = await run(`const net = tf.sequential({ layers: [
  tf.layers.dense({ inputShape: [3], units: 4, activation: "relu" }), tf.layers.dense({ units: 1 })] })
const score = (rows: number[][]) => Array.from((net.predict(tf.tensor2d(rows)) as import("@tensorflow/tfjs").Tensor).dataSync())
const rows = [[1, 2, 3], [4, 5, 6]]
const [there] = await pool.map([rows], score)
const here = score(rows)
there.every((value, i) => Math.abs(value - here[i]) < 1e-5)`)
  expect(outcome.status, JSON.stringify(outcome)).toBe("ok")
  expect(result).toBe("true")
})

test("a name that only a function's closure has is refused, and `share` brings it", async () => {
  const { outcome } = await run("const add = (n: number) => pool.map([1], x => x + n)\nawait add(2)")
  expect(outcome).toMatchObject({ status: "error", evalue: expect.stringContaining("`n`") })
  const { result } = await run(
    "const plus = (n: number) => pool.map([1], x => x + n, { share: { n } })\nawait plus(2)",
  )
  expect(result).toBe("[ 3 ]")
})

test("an error in a worker is shown with its own name and message", async () => {
  const { outcome } = await run("await pool.map([1], () => { throw new TypeError('no such shard') })")
  expect(outcome).toMatchObject({ status: "error", ename: "ShardlabError" })
  const text = outcome.status === "error" ? outcome.traceback.join("\n") : ""
  expect(text).toContain("Item 0 failed on worker")
  expect(text).toContain("TypeError: no such shard")
})

test("what a worker prints appears under the cell with the worker's name", async () => {
  const { text } = await run("await pool.map([1], () => { console.log('one\\ntwo') });")
  expect(text).toMatch(/^w\d+: one\nw\d+: two\n$/)
})

test("an interrupt stops the workers' items and the pool goes on", async () => {
  const running = run("await pool.map([1, 2], () => { while (true) {} })")
  await new Promise(resolve => setTimeout(resolve, 1200))
  await session.interrupt()
  expect((await running).outcome.status).toBe("interrupted")
  expect((await run("await pool.map([5], x => x)")).result).toBe("[ 5 ]")
})

test("an HPA policy grows and shrinks the pool, says why, and a dry run decides beside it", async () => {
  const events: TelemetryEvent[] = []
  const stop = session.onTelemetry(event => events.push(event))
  const { outcome } = await run(`const loop = pool.autoscale(
  scale.hpa({ metric: "backlogPerWorker", target: 2, min: 1, max: 3, scaleDown: { stabilization: "1s" } }),
  { every: "200ms", dryRun: [scale.knative({ target: 4, max: 3 })] })
await pool.map(Array.from({ length: 12 }, (_, i) => i), async i => { await new Promise(r => setTimeout(r, 350)); return i })
const deadline = Date.now() + 60_000
while (pool.count().ready > 1 && Date.now() < deadline) await new Promise(r => setTimeout(r, 100))
loop.stop()`)
  stop()
  expect(outcome.status, JSON.stringify(outcome)).toBe("ok")
  const { result } = await run("loop.decisions.map(d => [d.from, d.to])")
  const moves = JSON.parse(String(result).replaceAll("\n", "")) as [number, number][]
  expect(moves.some(([from, to]) => to > from)).toBe(true)
  expect(moves.some(([from, to]) => to < from)).toBe(true)
  expect(Math.max(...moves.map(([, to]) => to))).toBe(3)
  const shown = await run("loop.decisions")
  expect(shown.result).toMatch(/Backlog per worker was .* against a target of 2, so the policy asked for/)
  expect((await run("%why")).result).toMatch(/^Why (\d → \d|still \d)\? .*HPA v2/)
  expect(events.some(event => event.kind === "policy.decision" && event.dryRun)).toBe(true)
  expect(events.some(event => event.kind === "worker.down" && !event.lost)).toBe(true)
})

test("a policy that would leave the pool's bounds is refused before it starts", async () => {
  const { outcome } = await run(`pool.autoscale(scale.hpa({ metric: "queue", target: 2, min: 1, max: 9 }))`)
  expect(outcome).toMatchObject({ status: "error", evalue: expect.stringContaining("the pool allows 3") })
})
