// A made-up session for the snapshot tests: a cell that trains from 2,000 shards on six workers while an HPA policy grows
// the pool, with one worker lost. Deterministic, so that the picture can be looked at and compared.
import type { DecisionStep, TelemetryEvent } from "../../kernel/src/telemetry/events.js"
import { batch, shard } from "./events.js"

export interface SessionOptions {
  readonly minutes?: number
  readonly shards?: number
  readonly epochs?: number
  readonly gpus?: number
  readonly decisions?: number
}

const begin = new Date(2026, 10, 24, 10, 43, 6).getTime()

/** Events of cell 7, with the pool of 4 that was there before. */
export function trainingSession(options: SessionOptions = {}): TelemetryEvent[] {
  const { minutes = 3.5, shards = 2000, epochs = 3, gpus = 1, decisions = 3 } = options
  const span = minutes * 60_000
  const end = begin + span
  const events: TelemetryEvent[] = [
    { kind: "pool.count", t: begin - 5000, pool: "workers", desired: 4, actual: 4, pending: 0 },
    { kind: "cell.start", t: begin, n: 7, head: "const run = await train(model, {" },
    { kind: "stage.start", t: begin + 100, stage: "s1", name: "feed flights-3m.parquet", tasks: shards },
    { kind: "train.start", t: begin + 200, run: "r1", epochs, steps: 400, device: "cpu" },
    ...shardEvents(shards, span),
    ...deviceEvents(gpus, span),
    ...trainEvents(epochs, span),
    ...policyEvents(decisions, span),
    { kind: "worker.down", t: begin + span * 0.6, id: 3, cause: "ran out of memory", lost: true },
    { kind: "train.end", t: end - 10, run: "r1", status: "ok" },
    { kind: "cell.end", t: end, n: 7, status: "ok" },
  ]
  const early = events.slice(0, 2)
  return [...early, ...events.slice(2).sort((a, b) => a.t - b.t)]
}

function shardEvents(shards: number, span: number): TelemetryEvent[] {
  return Array.from({ length: shards }, (_, id) => {
    const t = begin + 300 + ((span - 3000) * id) / shards
    const late = id > shards * 0.3
    const ms = (span / shards) * (late ? 3 + (id % 3) : 3.6) + (id % 97 === 0 ? 900 : 0)
    const state = id % 76 === 75 ? 4 : 2
    const row = shard(id, {
      state,
      worker: 1 + (id % (late ? 6 : 4)),
      attempt: id % 400 === 399 ? 2 : 1,
      start: t,
      ms: Math.min(ms, begin + span - t),
      rows: 1500 + (id % 7),
      bytes: 40_000,
      spill: state === 4 ? 1e6 : 0,
    })
    return batch("s1", [row], Math.min(begin + span - 1, t + ms))
  })
}

function deviceEvents(gpus: number, span: number): TelemetryEvent[] {
  const events: TelemetryEvent[] = []
  for (let t = begin + 500; t < begin + span; t += 1000) {
    const phase = (t - begin) / span
    for (let gpu = 0; gpu < gpus; gpu++) {
      const util = (phase < 0.3 ? 0.46 : 0.92) + 0.05 * Math.sin(t / 1700 + gpu)
      events.push({
        kind: "device.sample",
        t,
        id: gpus === 1 ? "cpu" : `gpu${gpu}`,
        name: gpus === 1 ? "AMD EPYC" : "H100",
        util,
        mem: 38e9 * Math.min(1, phase * 20),
        memMax: 80e9,
        ...(gpus > 1 ? { watts: 120 + 480 * util, maxWatts: 700 } : {}),
      })
    }
  }
  return events
}

function trainEvents(epochs: number, span: number): TelemetryEvent[] {
  const steps = 400 * epochs
  const events: TelemetryEvent[] = []
  for (let step = 1; step <= steps; step++) {
    const t = begin + 300 + ((span - 500) * step) / steps
    const loss = 0.21 + 1.4 * Math.exp(-step / 180) + 0.03 * Math.sin(step * 1.7)
    events.push({ kind: "train.step", t, run: "r1", step, loss, samples: 256, ms: span / steps })
    if (step % 400 === 0) {
      const n = step / 400
      events.push({
        kind: "train.epoch",
        t: t + 1,
        run: "r1",
        n,
        loss,
        val: loss * 1.08,
        metrics: { acc: 0.9 + n / 100 },
      })
    }
  }
  return events
}

function policyEvents(decisions: number, span: number): TelemetryEvent[] {
  const events: TelemetryEvent[] = []
  let workers = 4
  for (let i = 0; i < decisions; i++) {
    const t = begin + span * (0.2 + (0.7 * i) / decisions)
    const to = i % 3 === 0 ? Math.min(6, workers + 2) : i % 3 === 1 ? workers : workers - 1
    events.push(decision(t, workers, to), { ...decision(t + 1, workers, 8), policy: "Knative", dryRun: true })
    const pending = Math.max(0, to - workers)
    const count = { kind: "pool.count", pool: "workers", desired: to } as const
    events.push({ ...count, t: t + 2, actual: workers, pending })
    events.push({ ...count, t: t + span / 14, actual: to, pending: 0 })
    workers = to
  }
  return events
}

function decision(t: number, from: number, to: number): TelemetryEvent & { kind: "policy.decision" } {
  const steps: DecisionStep[] = [
    { name: "Measured", rule: "CPU of 4 workers, mean", out: "92 %", limited: false },
    { name: "Wanted", rule: "ceil(4 × 92 / 60)", out: "7", limited: false },
    { name: "Bounds", rule: "max 6", out: "6", limited: true },
  ]
  const reason = `CPU 92 % / 60 % wants 7, capped by max 6, stabilised 30 s`
  return {
    kind: "policy.decision",
    t,
    pool: "workers",
    policy: "HPA",
    from,
    to,
    wanted: 7,
    inputs: [{ name: "cpu", value: 0.92, unit: "share" }],
    steps,
    reason,
    dryRun: false,
  }
}
