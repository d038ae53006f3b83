// From events to what the panel knows: each event's effect, the bounds, and that a replay gives what the live run gave.
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { reduce, runningCell } from "../../extension/src/store/reduce.js"
import { summarise } from "../../extension/src/store/ShardTable.js"
import {
  currentStage,
  isEmpty,
  liveDecisions,
  timeLeft,
  workerChanges,
  workersAt,
} from "../../extension/src/store/select.js"
import { emptyState, limits, type PanelState } from "../../extension/src/store/state.js"
import type { TelemetryEvent } from "../../kernel/src/telemetry/events.js"
import { RingBuffer } from "../../kernel/src/telemetry/ring.js"
import { batch, sample, shard } from "../telemetry/events.js"
import { trainingSession } from "../telemetry/session.js"

const t = 1_000_000
const of = (...events: TelemetryEvent[]) => reduce(emptyState(), events)

describe("a session", () => {
  const state = reduce(emptyState(), trainingSession())

  test("has its cell, shards, training and decisions", () => {
    expect(state.cells).toMatchObject([{ n: 7, status: "ok" }])
    expect(summarise(currentStage(state)!.shards)).toMatchObject({ done: 2000, counts: { spilled: 26 } })
    expect([...state.runs.values()]).toMatchObject([{ epochs: 3, status: "ok" }])
    expect(liveDecisions(state)).toHaveLength(3)
    expect(state.decisions.filter(decision => decision.dryRun)).toHaveLength(3)
  })

  test("is the same from a replay as from the live events, wherever the replay began", () => {
    const events = trainingSession()
    fc.assert(
      fc.property(fc.integer({ min: 0, max: events.length }), cut => {
        const ring = new RingBuffer()
        for (const event of events.slice(0, cut)) ring.push(event)
        const replayed = reduce(emptyState(), ring.since().events)
        const before = ring.since().seq
        for (const event of events.slice(cut)) ring.push(event)
        reduce(replayed, ring.since(before).events)
        expect(facts(replayed)).toEqual(facts(state))
      }),
      { numRuns: 12 },
    )
  })
})

/** What a reader sees; revisions differ, because a replay folds many batches into one. */
function facts(state: PanelState) {
  return {
    cells: state.cells,
    stages: [...state.stages.values()].map(({ shards, ...stage }) => ({ ...stage, ...summarise(shards) })),
    runs: [...state.runs.values()].map(run => [run.status, run.series.length, run.series.last("loss")]),
    pools: [...state.pools.values()].map(pool => pool.counts.last("desired")),
    decisions: state.decisions,
  }
}

test("device samples alone leave the panel empty: it then teaches the first command", () => {
  expect(isEmpty(of(sample(t), sample(t + 1000)))).toBe(true)
  expect(isEmpty(of({ kind: "cell.start", t, n: 1, head: "1" }))).toBe(false)
})

test("a runner that stops ends what ran, and the next cell clears the message", () => {
  const state = of(
    { kind: "worker.up", t, id: 1, name: "w1", host: "here", cause: "" },
    { kind: "cell.start", t, cell: "a", n: 3, head: "x" },
    { kind: "stage.start", t, stage: "s", name: "scan", tasks: 4 },
    { kind: "train.start", t, run: "r", epochs: 1, device: "cpu" },
    { kind: "runner.stop", t: t + 5, cause: "The runner ran out of memory." },
  )
  expect(state.stop?.cause).toContain("memory")
  expect(state.cells[0]).toMatchObject({ status: "error", end: t + 5 })
  expect(currentStage(state)?.status).toBe("cancelled")
  expect([...state.runs.values()][0]?.status).toBe("error")
  expect(workersAt(state, t + 6)).toBe(0)
  reduce(state, [{ kind: "cell.start", t: t + 9, cell: "b", n: 4, head: "y" }])
  expect(state.stop).toBeUndefined()
  expect(runningCell(state)?.n).toBe(4)
})

test("a worker that comes back has two spans, and the lost one says why", () => {
  const up = { kind: "worker.up", id: 2, name: "w2", host: "here", cause: "joined" } as const
  const state = of(
    { ...up, t },
    { kind: "worker.down", t: t + 10, id: 2, cause: "was killed", lost: true },
    { ...up, t: t + 20 },
    { ...up, t: t + 21 },
  )
  expect(state.workers.get(2)!.spans).toEqual([
    { from: t, joined: "joined", to: t + 10, lost: true, cause: "was killed" },
    { from: t + 20, joined: "joined" },
  ])
  expect(workerChanges(state, t, t + 15).map(({ what }) => what)).toEqual(["joined", "was killed"])
  expect([5, 15, 25].map(ms => workersAt(state, t + ms))).toEqual([1, 0, 1])
})

test("a closed pool says since when, and one that comes after it is open", () => {
  const count = { kind: "pool.count", pool: "p", pending: 0 } as const
  const closed = [
    { ...count, t, desired: 2, actual: 2 },
    { ...count, t: t + 5, desired: 0, actual: 1, closed: true },
    { ...count, t: t + 6, desired: 0, actual: 0, closed: true },
  ]
  expect(of(...closed).pools.get("p")!.closed).toBe(t + 5)
  expect(of(...closed, { ...count, t: t + 9, desired: 1, actual: 0 }).pools.get("p")!.closed).toBeUndefined()
})

test("time left follows a run's own pace", () => {
  const state = of(
    { kind: "train.start", t, run: "r", epochs: 2, steps: 50, device: "cpu" },
    { kind: "train.step", t: t + 1000, run: "r", step: 25, loss: 1, samples: 100, ms: 1000 },
  )
  expect(timeLeft([...state.runs.values()][0]!, t + 1000)).toBe(3000)
})

test("a stage takes the name that is found later, and keeps its shards", () => {
  const state = of(
    { kind: "stage.start", t, stage: "s", name: "stage 4: join", tasks: 2 },
    batch("s", [shard(0, { state: 2 })], t),
    { kind: "stage.name", t, stage: "s", name: "join on customer" },
    { kind: "stage.name", t, stage: "unheard of", name: "x" },
  )
  expect(currentStage(state)).toMatchObject({ name: "join on customer", tasks: 2 })
  expect(summarise(currentStage(state)!.shards).done).toBe(1)
})

test("what an engine does not tell is known until it is left, and says nothing of when", () => {
  const gap = { kind: "engine.gap", t, engine: "sc://here" } as const
  const state = of({ ...gap, text: "Sail does not report progress." })
  expect([...state.gaps.values()]).toEqual(["Sail does not report progress."])
  expect(isEmpty(state)).toBe(true)
  expect(reduce(state, [gap]).gaps.size).toBe(0)
  reduce(state, [
    { ...gap, text: "again" },
    { kind: "runner.stop", t, cause: "It ended." },
  ])
  expect(state.gaps.size).toBe(0)
})

test("everything is bounded, and the newest stays", () => {
  const events: TelemetryEvent[] = []
  for (let i = 0; i < 3000; i++) {
    events.push({ kind: "cell.start", t: t + i, cell: `c${i}`, n: i, head: "" })
    events.push({ kind: "stage.start", t: t + i, stage: `s${i}`, name: "scan", tasks: 1 })
    events.push({ kind: "train.start", t: t + i, run: `r${i}`, epochs: 1, device: "cpu" })
  }
  for (let i = 0; i < 20_000; i++) events.push(sample(t + i))
  const state = of(...events)
  expect(state.cells).toHaveLength(limits.cells)
  expect(state.cells.at(-1)!.n).toBe(2999)
  expect(state.stages.size).toBe(limits.stages)
  expect(state.runs.size).toBe(limits.runs)
  expect(state.devices.get("cpu")!.series.length).toBeLessThanOrEqual(limits.samples * 1.125)
})

test("a batch without its stage still shows, and an event of a later kernel is skipped", () => {
  const state = of(batch("gone", [shard(3, { state: 2 })], t), { kind: "quantum.leap", t } as never)
  expect(currentStage(state)).toMatchObject({ name: "gone" })
  expect(currentStage(state)!.shards.size).toBe(4)
})

test("after a cell the map shows where its time went, and a stage says when only its counts are known", () => {
  const stage = (id: string, from: number, to: number): TelemetryEvent[] => [
    { kind: "stage.start", t: from, stage: id, name: id, tasks: 4, counted: true },
    { kind: "stage.end", t: to, stage: id, status: "ok" },
  ]
  const state = reduce(emptyState(), [
    { kind: "cell.start", t, n: 1, head: "" },
    ...stage("long ago", t, t + 900),
    { kind: "cell.start", t: t + 1000, n: 2, head: "" },
    ...stage("join", t + 1000, t + 1500),
    ...stage("last", t + 1500, t + 1600),
  ])
  expect(currentStage(state)).toMatchObject({ name: "join", counted: true })
})
