// Busy share of each worker over time, from what is known of its shards. Computed when drawn, from the same table as the
// map, so a replay cannot count a shard twice. Of a shard that ran again, the attempts that were seen live count too.

import type { PanelState } from "./state.js"

export interface BusyRow {
  readonly worker: number
  readonly name: string
  /** Busy share 0..1 of each bin; NaN where the worker was not there. */
  readonly shares: Float64Array
  readonly lost: readonly { readonly t: number; readonly cause: string }[]
  /** When it came, inside the window. */
  readonly joined: readonly number[]
}

/** Rows by worker number; bins of `binMs` from `from` on. Worker 0 is the runner's own process, shown only if it worked. */
export function busyRows(state: PanelState, from: number, to: number, binMs: number): BusyRow[] {
  const bins = Math.max(1, Math.ceil((to - from) / binMs))
  const busy = new Map<number, Float64Array>()
  for (const stage of state.stages.values()) {
    const { worker, start, ms } = stage.shards.columns
    const add = (by: number, begin: number, took: number) => {
      if (begin === 0 || begin > to || begin + took < from) return
      addSpan(rowFor(busy, by, bins), begin - from, begin + took - from, binMs)
    }
    for (let id = 0; id < stage.shards.size; id++) add(worker[id]!, start[id]!, ms[id]!)
    for (const attempt of stage.shards.earlier) add(attempt.worker, attempt.start, attempt.ms)
  }
  for (const id of state.workers.keys()) rowFor(busy, id, bins)
  return [...busy.keys()].sort((a, b) => a - b).map(id => toRow(state, id, busy.get(id)!, from, to, binMs))
}

function rowFor(busy: Map<number, Float64Array>, worker: number, bins: number): Float64Array {
  let row = busy.get(worker)
  if (!row) {
    row = new Float64Array(bins)
    busy.set(worker, row)
  }
  return row
}

function addSpan(row: Float64Array, begin: number, end: number, binMs: number): void {
  const first = Math.max(0, Math.floor(begin / binMs))
  const last = Math.min(row.length - 1, Math.floor(end / binMs))
  for (let bin = first; bin <= last; bin++) {
    row[bin]! += Math.max(0, Math.min(end, (bin + 1) * binMs) - Math.max(begin, bin * binMs))
  }
}

function toRow(
  state: PanelState,
  worker: number,
  row: Float64Array,
  from: number,
  to: number,
  binMs: number,
): BusyRow {
  const known = state.workers.get(worker)
  const shares = row.map((ms, bin) => {
    const [a, b] = [from + bin * binMs, from + (bin + 1) * binMs]
    const there =
      !known || known.spans.some(span => span.from < b && (span.to ?? Number.POSITIVE_INFINITY) > a)
    return there || ms > 0 ? Math.min(1, ms / binMs) : Number.NaN
  })
  const lost = (known?.spans ?? [])
    .filter(span => span.lost && span.to! >= from && span.to! <= to)
    .map(span => ({ t: span.to!, cause: span.cause ?? "" }))
  const joined = (known?.spans ?? []).map(span => span.from).filter(t => t >= from && t <= to)
  return { worker, name: known?.name ?? (worker === 0 ? "here" : `w${worker}`), shares, lost, joined }
}
