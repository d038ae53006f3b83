// Where each shard lies on the map, and which shards share a cell when there are more than can be told apart. Pure.

import { type ShardTable, shardStates } from "../store/ShardTable.js"

/** Above this one cell stands for a group of neighbours. */
export const maxCells = 10_000

export interface MapLayout {
  readonly cells: number
  /** Shards a cell stands for. */
  readonly group: number
  readonly columns: number
  readonly rows: number
  /** Side of a cell with its gap, CSS pixels. */
  readonly pitch: number
}

/** The largest cells, between 4 and 18 pixels, with which `shards` fit into `width` x `height`; too many overflow below. */
export function mapLayout(shards: number, width: number, height: number): MapLayout {
  const group = Math.max(1, Math.ceil(shards / maxCells))
  const cells = Math.ceil(shards / group)
  let pitch = 18
  while (pitch > 4 && Math.ceil(cells / Math.floor(width / pitch)) * pitch > height) pitch -= 0.5
  const columns = Math.max(1, Math.floor(width / pitch))
  return { cells, group, columns, rows: Math.ceil(cells / columns), pitch }
}

/** The cell under a point, -1 when there is none. */
export function cellUnder({ cells, columns, pitch }: MapLayout, x: number, y: number): number {
  const [column, row] = [Math.floor(x / pitch), Math.floor(y / pitch)]
  const cell = row * columns + column
  return column >= 0 && column < columns && row >= 0 && cell < cells ? cell : -1
}

/** States from best to worst: what a cell of several shards shows is its worst. */
const badness = ["done", "queued", "running", "slow", "spilled", "failed"]
const rank = shardStates.map(state => badness.indexOf(state))

export function cellState(table: ShardTable, { group }: MapLayout, cell: number): number {
  if (group === 1) return table.stateAt(cell)
  let worst = table.stateAt(cell * group)
  const end = Math.min(table.size, (cell + 1) * group)
  for (let id = cell * group + 1; id < end; id++) {
    const state = table.stateAt(id)
    if (rank[state]! > rank[worst]!) worst = state
  }
  return worst
}
