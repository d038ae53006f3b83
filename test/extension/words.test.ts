// What the panel says in words: head, banner, status bar, screen reader.
import { expect, test } from "vitest"
import { sentenceOf } from "../../extension/src/panel/Announcer.js"
import { bannerOf } from "../../extension/src/panel/Banner.js"
import { headlineOf } from "../../extension/src/panel/headline.js"
import { statusOf } from "../../extension/src/status/statusText.js"
import { reduce } from "../../extension/src/store/reduce.js"
import { emptyState } from "../../extension/src/store/state.js"
import type { TelemetryEvent } from "../../kernel/src/telemetry/events.js"
import { batch, sample, shard } from "../telemetry/events.js"
import { trainingSession } from "../telemetry/session.js"

const t = new Date(2026, 10, 24, 10, 43, 6).getTime()
const of = (...events: TelemetryEvent[]) => reduce(emptyState(), events)
const cell = { kind: "cell.start", t, cell: "a", n: 7, head: "x" } as const
const end = (status: "ok" | "error" | "interrupted") =>
  ({ kind: "cell.end", t: t + 38_000, cell: "a", n: 7, status }) as const

test("the head says what runs: training with its time left, a stage with its count, or just a cell", () => {
  expect(headlineOf(of(cell), t + 5000)).toEqual({ mood: "running", title: "In [*] running", detail: "0:05" })
  const stage = of(
    cell,
    { kind: "stage.start", t, stage: "s", name: "score", tasks: 11 },
    batch("s", [shard(0, { state: 2 }), shard(1, { state: 1 })], t),
  )
  expect(headlineOf(stage, t)).toMatchObject({ title: "In [*] score", detail: "1 of 11" })
  const training = of(
    cell,
    { kind: "train.start", t, run: "r", epochs: 5, steps: 10, device: "cpu" },
    { kind: "train.step", t: t + 1000, run: "r", step: 10, loss: 1, samples: 1, ms: 1 },
  )
  expect(headlineOf(training, t + 1000)).toMatchObject({
    title: "In [*] training",
    detail: "epoch 1 of 5, 0:04 left",
  })
})

test("the head says how the last cell ended", () => {
  expect(headlineOf(of(cell, end("ok")), t)).toMatchObject({
    mood: "idle",
    detail: "In [7] took 38 s",
  })
  expect(headlineOf(of(cell, end("error")), t)).toMatchObject({ mood: "failed", title: "In [7] failed" })
  expect(headlineOf(of(cell, end("interrupted")), t)).toMatchObject({ title: "In [7] was interrupted" })
})

test("the banner speaks of a stopped runner, a lost worker and an ended kernel, and of nothing else", () => {
  expect(bannerOf(of(cell, end("ok")), false)).toBeUndefined()
  expect(
    bannerOf(of(cell, { kind: "runner.stop", t, cause: "The runner ran out of memory." }), false),
  ).toMatchObject({
    title: "The runner stopped in In [7]",
    text: expect.stringContaining("ran out of memory. Variables are gone"),
  })
  expect(bannerOf(of(cell), true)).toMatchObject({ kind: "warning", title: "The kernel has ended" })
  const lost = of({ kind: "worker.up", t: t - 9, id: 3, name: "w3", host: "here", cause: "" }, cell, {
    kind: "worker.down",
    t: t + 4000,
    id: 3,
    cause: "was killed (SIGKILL)",
    lost: true,
  })
  expect(bannerOf(lost, false)).toMatchObject({
    title: "Worker w3 was lost at 10:43:10",
    text: "It was killed (SIGKILL). What it was working on runs again on the others.",
  })
  const next = {
    kind: "worker.up",
    t: t + 9000,
    id: 10_004,
    name: "executor 3",
    host: "here",
    cause: "",
  } as const
  expect(bannerOf(reduce(lost, [next]), false)?.text).toMatch(/ Executor 3 joined at 10:43:15\.$/)
  // A later cell has nothing to do with it.
  expect(
    bannerOf(reduce(lost, [end("ok"), { ...cell, t: t + 50_000, cell: "b", n: 8 }]), false),
  ).toBeUndefined()
})

test("the status bar counts shards, device and workers", () => {
  expect(statusOf(of(sample(t, 0.92)))).toEqual({
    text: "shards – · CPU 92 %",
    progress: undefined,
    failed: false,
  })
  const virtual = { kind: "device.sample", t, id: "cpu:0", name: "", util: 0.2, mem: 1, memMax: 2 } as const
  expect(statusOf(of(virtual))).toMatchObject({ text: "shards – · CPU 20 %" })
  expect(statusOf(of(virtual, sample(t, 0.92)))).toMatchObject({ text: "shards – · CPU 92 %" })
  expect(statusOf(of(sample(t), { ...virtual, id: "gpu-0" }))).toMatchObject({ text: "shards – · GPU 20 %" })
  const running = of(
    sample(t, 0.5),
    { kind: "pool.count", t, pool: "p", desired: 4, actual: 3, pending: 1 },
    { kind: "stage.start", t, stage: "s", name: "score", tasks: 4 },
    batch("s", [shard(0, { state: 2 }), shard(1, { state: 3 })], t),
  )
  expect(statusOf(running)).toMatchObject({ text: "1/4 · 1 failed · CPU 50 % · workers 3/4", progress: 0.25 })
})

test("a screen reader hears of shards, workers and decisions", () => {
  expect(sentenceOf(reduce(emptyState(), trainingSession()))).toBe(
    "2,000 of 2,000 shards done, 0 running, 0 failed. HPA: 6 to 5 workers.",
  )
  expect(sentenceOf(emptyState())).toBe("")
})
