// Which rows of a batch this process computes when several train together. All draw the same batches in the same order, from
// the same seed; each takes a stretch of its own, so no row is computed twice and the batch is that of one process.

import type { Rows } from "./RowMaker.js"

export interface Share {
  /** From 0. */
  readonly rank: number
  readonly size: number
}

/** From and to within a batch. One with fewer rows than processes is computed whole by each: their mean is the same. */
export function stretch(rows: number, share: Share | undefined): [number, number] {
  if (share === undefined || rows < share.size) return [0, rows]
  const bound = (rank: number) => Math.floor((rows * rank) / share.size)
  return [bound(share.rank), bound(share.rank + 1)]
}

export function ownRows(rows: Rows, share: Share | undefined): Rows {
  const [from, to] = stretch(rows.count, share)
  if (to - from === rows.count) return rows
  const width = rows.x.length / rows.count
  return {
    ...rows,
    count: to - from,
    x: rows.x.subarray(from * width, to * width),
    y: rows.y.subarray(from, to),
    w: rows.w?.subarray(from, to),
  }
}
