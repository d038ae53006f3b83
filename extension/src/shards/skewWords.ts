// What is uneven about a stage, in figures: rows where a shard has many more of them than the others, because that is what a
// reader can change; else time. Pure.

import type { ShardSummary } from "../store/ShardTable.js"

export interface Skew {
  readonly by: "rows" | "time"
  /** `212×`, or `90 %` of all rows where half of the shards have none. */
  readonly figure: string
}

/** Undefined where nothing is uneven, or too little is known. */
export function skewOf({ skewedRows, skew, rows, mostRows, medianRows }: ShardSummary): Skew | undefined {
  if (skewedRows > 0) return { by: "rows", figure: ratio(mostRows, medianRows) ?? share(mostRows, rows) }
  return skew >= 1.5 ? { by: "time", figure: `${times(skew)}×` } : undefined
}

/** `212×`; undefined without a middle to compare with. */
export function ratio(value: number, middle: number): string | undefined {
  return middle > 0 ? `${times(value / middle)}×` : undefined
}

export function share(part: number, whole: number): string {
  return `${Math.round((100 * part) / Math.max(1, whole))} %`
}

function times(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1)
}
