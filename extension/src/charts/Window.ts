// Which span of time is shown. Pure: from the state and the reader's choice to [from, to].

import { runningCell } from "../store/reduce.js"
import type { PanelState } from "../store/state.js"

/** `follow` shows the last `minutes`, `fit` the whole session, `cell` the running or last cell, `fixed` what was brushed. */
export type WindowChoice =
  | { readonly kind: "follow"; readonly minutes: number }
  | { readonly kind: "fit" }
  | { readonly kind: "cell" }
  | { readonly kind: "fixed"; readonly from: number; readonly to: number }

const shortest = 10_000

/**
 * The present while a cell runs, and the last thing that happened while none does: what was measured stays in view, and
 * does not crawl out of it because time goes by.
 */
export function presentOf(state: PanelState, now: number): number {
  if (runningCell(state) || Number.isNaN(state.last)) return now
  return Math.min(now, state.last + 2000)
}

export function windowOf(state: PanelState, choice: WindowChoice, now: number): [number, number] {
  const end = presentOf(state, now)
  const first = Number.isNaN(state.first) ? end - shortest : state.first
  switch (choice.kind) {
    case "fixed":
      return [choice.from, choice.to]
    case "fit":
      return padded(first, end)
    case "cell": {
      const cell = runningCell(state) ?? state.cells.at(-1)
      return cell ? padded(cell.start, cell.end ?? end) : padded(first, end)
    }
    case "follow": {
      return padded(Math.max(first, end - choice.minutes * 60_000), end)
    }
    default:
      throw choice satisfies never
  }
}

function padded(from: number, to: number): [number, number] {
  const span = Math.max(shortest, to - from)
  return [from - span * 0.01, from + span * 1.01]
}
