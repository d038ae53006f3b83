// One line on what the kernel does now, for the panel's head and the status bar. Pure: from the state and the time.

import { clock, clockSpan, count, duration } from "../charts/format.js"
import { runningCell } from "../store/reduce.js"
import { currentRun, currentStage, timeLeft } from "../store/select.js"
import type { CellRun, PanelState } from "../store/state.js"

export interface Headline {
  readonly mood: "running" | "idle" | "failed"
  /** `In [*] training` */
  readonly title: string
  /** `epoch 3 of 5, 2:36 left` */
  readonly detail: string
}

export function headlineOf(state: PanelState, now: number): Headline {
  const cell = runningCell(state)
  if (cell !== undefined) return { mood: "running", ...activity(state, cell, now) }
  const last = state.cells.at(-1)
  if (last === undefined) return { mood: "idle", title: "Idle", detail: "no cell has run" }
  const took = duration((last.end ?? now) - last.start)
  const failed = last.status !== "ok"
  const title = failed ? `In [${last.n}] ${last.status === "error" ? "failed" : "was interrupted"}` : "Idle"
  const detail = failed ? `after ${took}, at ${clock(last.end ?? now)}` : `In [${last.n}] took ${took}`
  return { mood: failed ? "failed" : "idle", title, detail }
}

function activity(state: PanelState, cell: CellRun, now: number): Pick<Headline, "title" | "detail"> {
  const run = currentRun(state)
  if (run?.status === "running") {
    const epoch = Math.min(run.epochs, run.epochEnds.length + 1)
    const left = timeLeft(run, now)
    const rest = left === undefined ? "" : `, ${clockSpan(left)} left`
    return { title: "In [*] training", detail: `epoch ${epoch} of ${run.epochs}${rest}` }
  }
  const stage = currentStage(state)
  if (stage?.status === "running") {
    const { state: states } = stage.shards.columns
    let done = 0
    for (let id = 0; id < stage.shards.size; id++) if (states[id]! >= 2) done++
    const all = Math.max(stage.tasks, stage.shards.size)
    return { title: `In [*] ${stage.name}`, detail: `${count(done)} of ${count(all)}` }
  }
  return { title: "In [*] running", detail: clockSpan(now - cell.start) }
}
