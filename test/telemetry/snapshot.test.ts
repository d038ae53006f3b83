// What stays in the notebook: four forms of one story, each within its budget, and no picture where there is no story.
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Snapshot, TelemetryEvent } from "../../kernel/src/telemetry/events.js"
import { snapshotMime } from "../../kernel/src/telemetry/events.js"
import { snapshotBudget, snapshotOf } from "../../kernel/src/telemetry/snapshot.js"
import { batch, sample, shard } from "./events.js"
import { trainingSession } from "./session.js"

const cell = { n: 7, status: "ok" } as const
const vegaMime = "application/vnd.vegalite.v5+json"
/** Drawing is the raster tests' business; the size of what it is given is this file's. */
const toPng = async (svg: string) => new TextEncoder().encode(svg.slice(0, 1000))

test("has all four forms, and says the same in each", async () => {
  const bundle = (await snapshotOf(trainingSession(), cell, { toPng }))!
  expect(Object.keys(bundle).sort()).toEqual([snapshotMime, vegaMime, "image/png", "text/plain"].sort())
  const own = bundle[snapshotMime] as Snapshot
  expect(own).toMatchObject({ version: 1, title: "In [7] train: epoch 3 of 3 in 3 min 30 s" })
  expect(bundle["text/plain"]).toBe(`In [7] train: epoch 3 of 3 in 3 min 30 s
shards   2,000 read, 3,005,995 rows, 80 MB, 26 spilled, 5 retried
devices  AMD EPYC, utilisation 78 %, 38 GB peak
training loss 0.185, validation 0.2, acc 0.93, 1,463 samples/s
policy   HPA 4 -> 6 at 10:43:48: CPU 92 % / 60 % wants 7, capped by max 6, stabilised 30 s
         HPA 6 -> 5 at 10:45:26: CPU 92 % / 60 % wants 7, capped by max 6, stabilised 30 s`)
})

test("stays within its budgets, whatever ran", async () => {
  const options = fc.record({
    minutes: fc.constantFrom(0.1, 3.5, 240),
    shards: fc.constantFrom(1, 300, 8000),
    epochs: fc.constantFrom(1, 40),
    gpus: fc.constantFrom(1, 2),
    decisions: fc.constantFrom(0, 3, 60),
  })
  await fc.assert(
    fc.asyncProperty(options, async given => {
      const bundle = (await snapshotOf(trainingSession(given), cell, { toPng }))!
      expect(JSON.stringify(bundle[snapshotMime]).length).toBeLessThanOrEqual(snapshotBudget.own)
      expect(JSON.stringify(bundle[vegaMime]).length).toBeLessThanOrEqual(snapshotBudget.vegaLite)
      expect(Buffer.byteLength(bundle["text/plain"] as string)).toBeLessThanOrEqual(snapshotBudget.text)
    }),
    { numRuns: 8 },
  )
})

test("a picture that is too large is drawn less sharp, and one that cannot be drawn is left out", async () => {
  const scales: number[] = []
  const large = async (_: string, { scale }: { scale: number }) => {
    scales.push(scale)
    return new Uint8Array(scale * 60_000)
  }
  const bundle = (await snapshotOf(trainingSession(), cell, { toPng: large }))!
  expect(scales).toEqual([2, 1.5, 1])
  expect(Buffer.from(bundle["image/png"] as string, "base64")).toHaveLength(60_000)
  const failing = () => Promise.reject(new Error("no fonts"))
  const without = (await snapshotOf(trainingSession(), cell, { toPng: failing }))!
  expect(Object.keys(without)).not.toContain("image/png")
  expect(without["text/plain"]).toBeTypeOf("string")
})

describe("what is worth a picture", () => {
  const t = 1_000_000
  const kept = async (ms: number, ...during: TelemetryEvent[]) => {
    const start: TelemetryEvent = { kind: "cell.start", t, n: 7, head: "x" }
    const end: TelemetryEvent = { kind: "cell.end", t: t + ms, n: 7, status: "ok" }
    return (await snapshotOf([start, ...during, end], cell, { toPng })) !== undefined
  }
  const scan = (state = 2) => batch("s", [shard(0, { state, start: t, ms: 10 })], t + 10)
  const count = (actual: number): TelemetryEvent => ({
    kind: "pool.count",
    t: t + 5,
    pool: "p",
    desired: actual,
    actual,
    pending: 0,
  })

  test("not a cell that only printed, nor a quick query or a pool that opens or closes", async () => {
    expect(await kept(60_000, sample(t + 1))).toBe(false)
    expect(await kept(900, scan())).toBe(false)
    expect(await kept(900, count(1), count(0))).toBe(false)
  })

  test("a long pass, a failed shard, any training", async () => {
    expect(await kept(2500, scan())).toBe(true)
    expect(await kept(900, scan(3))).toBe(true)
    expect(await kept(900, { kind: "train.start", t: t + 1, run: "r", epochs: 1, device: "cpu" })).toBe(true)
  })
})

test("many stages are told by the longest, and workers that came before the cell keep their names", async () => {
  const t = 1_000_000
  const stage = (id: string, from: number, to: number): TelemetryEvent[] => [
    { kind: "stage.start", t: from, stage: id, name: `stage of ${id}`, tasks: 1 },
    batch(id, [shard(0, { state: 2, worker: 10_001, start: from, ms: to - from })], to),
    { kind: "stage.end", t: to, stage: id, status: "ok" },
  ]
  const events: TelemetryEvent[] = [
    { kind: "worker.up", t: t - 9000, id: 10_001, name: "executor 0", host: "h", cause: "" },
    { kind: "worker.up", t: t - 9000, id: 10_002, name: "executor 1", host: "h", cause: "" },
    { kind: "cell.start", t, n: 7, head: "x" },
    ...stage("a", t, t + 1000),
    ...stage("b", t + 1000, t + 4000),
    { kind: "stage.name", t: t + 4000, stage: "b", name: "join on customer" },
    { kind: "cell.end", t: t + 5000, n: 7, status: "ok" },
  ]
  const own = (await snapshotOf(events, cell, { toPng }))![snapshotMime] as Snapshot
  expect(own.title).toBe("In [7] join on customer: 2 shards of 2 stages in 5.0 s")
  const names = own.events.flatMap(event => (event.kind === "worker.up" ? [event.name] : []))
  expect(names).toEqual(["executor 0"])
})

test("what another cell did is not this cell's story", async () => {
  const later: TelemetryEvent[] = [
    { kind: "cell.start", t: 9e12, n: 8, head: "y" },
    { kind: "cell.end", t: 9e12 + 9000, n: 8, status: "ok" },
  ]
  expect(
    await snapshotOf([...trainingSession(), ...later], { n: 8, status: "ok" }, { toPng }),
  ).toBeUndefined()
})
