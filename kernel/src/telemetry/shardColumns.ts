// The columns of a shard batch: their typed arrays, and how a later batch is laid over an earlier one. Not the wire form.

import type { ShardColumns } from "./events.js"

/** Column name to its typed array, in the order of the wire's buffers. */
export const columnTypes = {
  id: Uint32Array,
  state: Uint8Array,
  worker: Uint16Array,
  attempt: Uint8Array,
  start: Float64Array,
  ms: Float32Array,
  rows: Float64Array,
  bytes: Float64Array,
  spill: Float64Array,
} as const satisfies { [K in keyof ShardColumns]: new (length: number) => ShardColumns[K] }

export const columnNames = Object.keys(columnTypes) as (keyof ShardColumns)[]

/** One shard of a batch, as a row. */
export type ShardRow = { -readonly [K in keyof ShardColumns]: number }

export function rowsOf(columns: ShardColumns): ShardRow[] {
  return Array.from(columns.id, (_, i) => {
    const row = {} as ShardRow
    for (const name of columnNames) row[name] = columns[name][i]!
    return row
  })
}

export function columnsOf(rows: readonly ShardRow[]): ShardColumns {
  const columns: Record<string, unknown> = {}
  for (const name of columnNames) columns[name] = columnTypes[name].from(rows.map(row => row[name]))
  return columns as unknown as ShardColumns
}

/** The latest state of each shard over batches given oldest first, ordered by shard id. */
export function mergeColumns(batches: Iterable<ShardColumns>): ShardColumns {
  const latest = new Map<number, ShardRow>()
  for (const batch of batches) for (const row of rowsOf(batch)) latest.set(row.id, row)
  return columnsOf([...latest.values()].sort((a, b) => a.id - b.id))
}
