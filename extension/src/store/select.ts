// Questions that several views ask of the state. Each is a pure function of it; none is kept.

import type { Decision, Device, PanelState, Pool, Stage, TrainRun } from "./state.js"

/** The stage that the map and the status item show: the last that runs; afterwards where the last cell's time went. */
export function currentStage(state: PanelState): Stage | undefined {
  const stages = [...state.stages.values()]
  const running = stages.findLast(stage => stage.status === "running")
  const last = stages.at(-1)
  if (running !== undefined || last === undefined) return running
  const since = state.cells.findLast(cell => cell.start <= last.start)?.start ?? last.start
  const took = (stage: Stage) => (stage.end ?? stage.start) - stage.start
  return stages.reduce(
    (best, stage) => (stage.start >= since && took(stage) > took(best) ? stage : best),
    last,
  )
}

export function currentRun(state: PanelState): TrainRun | undefined {
  const runs = [...state.runs.values()]
  return runs.findLast(run => run.status === "running") ?? runs.at(-1)
}

/** The pool that changed last. */
export function currentPool(state: PanelState): Pool | undefined {
  let best: Pool | undefined
  for (const pool of state.pools.values()) {
    if (!best || lastT(pool) >= lastT(best)) best = pool
  }
  return best
}

/** GPUs where there are any, else the processor, and then its virtual devices (`cpu:0`) of a mesh. */
export function shownDevices(state: PanelState): Device[] {
  const all = [...state.devices.values()]
  const gpus = all.filter(device => !isProcessor(device))
  if (gpus.length > 0) return gpus
  return all.sort((a, b) => Number(b.id === "cpu") - Number(a.id === "cpu"))
}

/** The host's, or a part of it. */
export function isProcessor({ id }: Device): boolean {
  return id === "cpu" || id.startsWith("cpu:")
}

export function liveDecisions(state: PanelState): Decision[] {
  return state.decisions.filter(decision => !decision.dryRun)
}

/** Workers that are there at `t`. */
export function workersAt(state: PanelState, t: number): number {
  let count = 0
  for (const { spans } of state.workers.values()) {
    if (spans.some(span => span.from <= t && (span.to ?? Number.POSITIVE_INFINITY) > t)) count++
  }
  return count
}

export interface WorkerChange {
  readonly t: number
  readonly name: string
  readonly joined: boolean
  /** It was not asked to leave. */
  readonly lost: boolean
  /** `joined the application`, `left: Worker shutting down`. */
  readonly what: string
}

/** Who came or went in [from, to], with the reason, in order of time. */
export function workerChanges(state: PanelState, from: number, to: number): WorkerChange[] {
  const changes: WorkerChange[] = []
  for (const { name, spans } of state.workers.values()) {
    for (const span of spans) {
      changes.push({ t: span.from, name, joined: true, lost: false, what: span.joined ?? "joined" })
      if (span.to === undefined) continue
      const { to: t, lost = false, cause: what = "left" } = span
      changes.push({ t, name, joined: false, lost, what })
    }
  }
  return changes.filter(({ t }) => t >= from && t <= to).sort((a, b) => a.t - b.t)
}

/** True while nothing but device samples ever came: the panel then teaches the first command. */
export function isEmpty(state: PanelState): boolean {
  return Number.isNaN(state.first)
}

/** Time left in a running training, ms, from its own pace; undefined when that cannot be known yet. */
export function timeLeft(run: TrainRun, now: number): number | undefined {
  const done = run.series.last("step")
  const steps = run.steps ? run.steps * run.epochs : undefined
  if (run.status !== "running" || !steps || !(done > 0)) return undefined
  return ((now - run.start) * Math.max(0, steps - done)) / done
}

function lastT(pool: Pool): number {
  return pool.counts.t(pool.counts.length - 1)
}
