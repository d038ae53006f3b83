// The heat map of shards by worker: the share of each span of time that a worker was busy. Shared by the picture and the
// Vega-Lite form, so that both show the same.

import type { Attempt, ShardStory } from "./story.js"

/** Spans that a cell's time is cut into. */
export const heatBins = 66
const maxRows = 8

/** One row a worker, or groups of neighbours when there are more than eight. */
export function groupWorkers(workers: ShardStory["workers"]): { name: string; ids: number[] }[] {
  const size = Math.ceil(workers.length / maxRows)
  const rows: { name: string; ids: number[] }[] = []
  for (let i = 0; i < workers.length; i += size) {
    const group = workers.slice(i, i + size)
    const [first, last] = [group[0]!.name, group.at(-1)!.name]
    rows.push({ name: group.length > 1 ? `${first}–${last}` : first, ids: group.map(({ id }) => id) })
  }
  return rows
}

/** Busy share 0..1 of each bin; undefined before the workers' first shard and after their last. */
export function busyShares(
  shards: ShardStory,
  workers: readonly number[],
  { start, end }: { start: number; end: number },
): (number | undefined)[] {
  const span = (end - start) / heatBins
  const held = new Array<number>(heatBins).fill(0)
  for (const attempt of shards.attempts)
    if (workers.includes(attempt.worker)) addHeld(held, attempt, start, span)
  const first = held.findIndex(ms => ms > 0)
  const last = held.findLastIndex(ms => ms > 0)
  return held.map((ms, bin) => {
    const there = first >= 0 && bin >= first && bin <= last
    return there ? Math.min(1, ms / (span * workers.length)) : undefined
  })
}

function addHeld(held: number[], attempt: Attempt, start: number, span: number): void {
  const from = Math.max(0, Math.floor((attempt.start - start) / span))
  const to = Math.min(heatBins - 1, Math.floor((attempt.end - start) / span))
  for (let bin = from; bin <= to; bin++) {
    const binStart = start + bin * span
    const ms = Math.min(attempt.end, binStart + span) - Math.max(attempt.start, binStart)
    held[bin] = held[bin]! + Math.max(0, ms)
  }
}
