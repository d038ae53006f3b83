// Events to panel state: the only place that knows what an event changes. Deterministic and free of I/O, clocks and
// JupyterLab. It changes the state it is given instead of copying it, because a copy of some thousand shards four times a
// second is the whole budget; whoever needs an old state reduces the events again.

import type { TelemetryEvent } from "shardlab/events"
import { Series } from "./Series.js"
import { ShardTable } from "./ShardTable.js"
import { type CellRun, limits, newDevice, type PanelState, type Stage } from "./state.js"

type Event<K extends TelemetryEvent["kind"]> = Extract<TelemetryEvent, { kind: K }>
type Cases = { [K in TelemetryEvent["kind"]]: (state: PanelState, event: Event<K>) => void }

export function reduce(state: PanelState, events: readonly TelemetryEvent[]): PanelState {
  for (const event of events) {
    const apply = cases[event.kind] as ((state: PanelState, event: TelemetryEvent) => void) | undefined
    // A kind that a later kernel added within this version is skipped, not an error.
    apply?.(state, event)
    state.revision++
    if (!aside.has(event.kind)) touch(state, event.t)
  }
  return state
}

/** What says nothing of when something happened. */
const aside: ReadonlySet<TelemetryEvent["kind"]> = new Set(["device.sample", "log", "engine.gap"])

const cases: Cases = {
  "cell.start": (state, { t, cell, n, head }) => {
    state.cells.push({ key: cell ?? `cell-${n}-${t}`, n, head, start: t, status: "running" })
    if (state.cells.length > limits.cells) state.cells.shift()
    state.stop = undefined
  },
  "cell.end": (state, { t, n, status, cell }) => {
    const run = state.cells.findLast(c => (cell ? c.key === cell : c.n === n))
    if (run) finish(run, t, status)
  },
  "runner.stop": (state, event) => {
    state.stop = event
    state.gaps.clear()
    for (const run of state.cells) if (run.status === "running") finish(run, event.t, "error")
    for (const stage of state.stages.values())
      if (stage.status === "running") finish(stage, event.t, "cancelled")
    for (const run of state.runs.values()) if (run.status === "running") finish(run, event.t, "error")
    for (const worker of state.workers.values()) leave(worker.spans, event.t, false, event.cause)
  },
  "stage.start": (state, { t, stage: id, name, tasks, counted = false, cell }) => {
    const shards = new ShardTable(tasks)
    const stage: Stage = { id, name, tasks, counted, start: t, cell, status: "running", shards }
    put(state.stages, id, stage, limits.stages)
  },
  "stage.name": (state, { stage, name }) => {
    const found = state.stages.get(stage)
    if (found) found.name = name
  },
  "stage.end": (state, { t, stage, status }) => {
    const found = state.stages.get(stage)
    if (found) finish(found, t, status)
  },
  "shard.batch": (state, { t, stage, columns, cell }) => {
    stageOf(state, stage, t, cell).shards.apply(columns)
  },
  "worker.up": (state, { t, id, name, host, cause }) => {
    const known = state.workers.get(id)
    if (known?.spans.at(-1)?.to === undefined && known) return
    const spans = [...(known?.spans ?? []), { from: t, joined: cause }]
    state.workers.set(id, { id, name, host, spans })
  },
  "worker.down": (state, { t, id, lost, cause }) => {
    const spans = state.workers.get(id)?.spans
    if (spans) leave(spans, t, lost, cause)
  },
  "device.sample": (state, event) => {
    const device = state.devices.get(event.id) ?? newDevice(event)
    state.devices.set(event.id, device)
    device.latest = event
    const { util, mem, memMax, watts = Number.NaN, celsius = Number.NaN, mhz = Number.NaN } = event
    device.series.push(event.t, { util, mem, memMax, watts, celsius, mhz })
    const { throttles } = device
    if (throttles.at(-1)?.reason === event.throttle) return
    throttles.push({ t: event.t, reason: event.throttle })
    if (throttles.length > limits.samples) throttles.shift()
  },
  "train.start": (state, { t, run: id, epochs, steps, device }) => {
    const series = new Series(["step", "loss", "rate", "ms"] as const, limits.samples)
    const run = { id, epochs, steps, device, start: t, status: "running" as const, series, epochEnds: [] }
    put(state.runs, id, run, limits.runs)
  },
  "train.step": (state, { t, run, step, loss, samples, ms }) => {
    const series = state.runs.get(run)?.series
    const before = series?.last("step") ?? Number.NaN
    const steps = Math.max(1, step - (Number.isNaN(before) ? 0 : before))
    const rate = ms > 0 ? (samples * 1000) / ms : Number.NaN
    series?.push(t, { step, loss, rate, ms: ms / steps })
  },
  "train.epoch": (state, event) => {
    state.runs.get(event.run)?.epochEnds.push({ t: event.t, event })
  },
  "train.end": (state, { t, run, status }) => {
    const found = state.runs.get(run)
    if (found) finish(found, t, status)
  },
  "pool.count": (state, { t, pool: id, desired, actual, pending, closed }) => {
    const counts = new Series(["desired", "actual", "pending"] as const, limits.counts)
    if (!state.pools.has(id)) put(state.pools, id, { id, counts }, limits.pools)
    const pool = state.pools.get(id)!
    pool.counts.push(t, { desired, actual, pending })
    pool.closed = closed ? (pool.closed ?? t) : undefined
  },
  "policy.decision": (state, event) => {
    state.decisions.push(event)
    if (state.decisions.length > limits.decisions) state.decisions.shift()
  },
  log: () => {},
  "engine.gap": (state, { engine, text }) => {
    if (text === undefined) state.gaps.delete(engine)
    else put(state.gaps, engine, text, limits.gaps)
  },
}

/** A batch may outlive its `stage.start` in the kernel's ring buffer; its shards still show. */
function stageOf(state: PanelState, id: string, t: number, cell: string | undefined): Stage {
  const known = state.stages.get(id)
  if (known) return known
  const shards = new ShardTable()
  const stage: Stage = { id, name: id, tasks: 0, counted: false, start: t, cell, status: "running", shards }
  put(state.stages, id, stage, limits.stages)
  return stage
}

function finish<S>(run: { end?: number; status: S }, t: number, status: S): void {
  run.end = t
  run.status = status
}

type Spans = PanelState["workers"] extends Map<number, { spans: infer S }> ? S : never

function leave(spans: Spans, to: number, lost: boolean, cause: string): void {
  const span = spans.at(-1)
  if (span && span.to === undefined) Object.assign(span, { to, lost, cause })
}

/** Maps keep their order of insertion, so the first key is the oldest. */
function put<K, V>(map: Map<K, V>, key: K, value: V, limit: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > limit) map.delete(map.keys().next().value as K)
}

function touch(state: PanelState, t: number): void {
  state.first = Number.isNaN(state.first) ? t : Math.min(state.first, t)
  state.last = Number.isNaN(state.last) ? t : Math.max(state.last, t)
}

/** The cell that runs now, if one does. */
export function runningCell(state: PanelState): CellRun | undefined {
  return state.cells.findLast(cell => cell.status === "running")
}
