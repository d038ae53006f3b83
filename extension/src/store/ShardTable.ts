// The latest known state of every shard of one stage, as columns indexed by shard id. Not the event, and no drawing.
// Batches are deltas, so the later of two rows of a shard wins whole.

import type { ShardColumns, ShardState } from "shardlab/events"

/** In the order of the wire's numbers; the compiler checks the names, the codec test the order. */
export const shardStates = [
  "queued",
  "running",
  "done",
  "failed",
  "spilled",
  "slow",
] as const satisfies ShardState[]

/** One shard, as the tooltip and the table show it. Times in ms, sizes in bytes; `start` 0 when it has not started. */
export interface ShardRow {
  readonly id: number
  readonly state: ShardState
  readonly worker: number
  readonly attempt: number
  readonly start: number
  readonly ms: number
  readonly rows: number
  readonly bytes: number
  readonly spill: number
}

type Column = Exclude<keyof ShardColumns, "id">
const columnTypes = {
  state: Uint8Array,
  worker: Uint16Array,
  attempt: Uint8Array,
  start: Float64Array,
  ms: Float32Array,
  rows: Float64Array,
  bytes: Float64Array,
  spill: Float64Array,
} as const satisfies { [K in Column]: new (length: number) => ShardColumns[K] }
type Columns = { [K in Column]: InstanceType<(typeof columnTypes)[K]> }
const columnNames = Object.keys(columnTypes) as Column[]

/** One try at a shard. Times in ms. */
export interface Attempt {
  readonly worker: number
  readonly start: number
  readonly ms: number
}
const maxEarlier = 5_000

/** A kernel that names a shard beyond this is broken; allocating for it would take the browser down. */
export const maxShards = 4_000_000

export class ShardTable {
  #size = 0
  #columns: Columns
  /** Rows ever applied: changes whenever anything did. */
  revision = 0
  /** Attempts that another one followed: where they ran still counts as work. Bounded. */
  readonly earlier: Attempt[] = []

  constructor(size = 0) {
    this.#columns = Object.fromEntries(
      columnNames.map(name => [name, new columnTypes[name](Math.max(16, size))]),
    ) as unknown as Columns
    this.#size = Math.min(size, maxShards)
    this.#reserve(this.#size)
  }

  /** Shards known of, those still queued included. */
  get size(): number {
    return this.#size
  }

  /** Lays a batch over what is known. Rows of an impossible id are dropped. */
  apply(batch: ShardColumns): void {
    for (let row = 0; row < batch.id.length; row++) {
      const id = batch.id[row]!
      if (id >= maxShards) continue
      if (id >= this.#size) this.#reserve(id + 1)
      if (batch.attempt[row]! > this.#columns.attempt[id]!) this.#keep(id)
      for (const name of columnNames) this.#columns[name][id] = batch[name][row]!
    }
    this.revision += batch.id.length
  }

  #keep(id: number): void {
    const { worker, start, ms } = this.#columns
    if (start[id]! === 0) return
    this.earlier.push({ worker: worker[id]!, start: start[id]!, ms: ms[id]! })
    if (this.earlier.length > maxEarlier) this.earlier.shift()
  }

  stateAt(id: number): number {
    return this.#columns.state[id]!
  }

  /** The columns themselves, for loops over all shards; only the first `size` rows count. */
  get columns(): Readonly<Columns> {
    return this.#columns
  }

  row(id: number): ShardRow {
    const of = (name: Column) => this.#columns[name][id]!
    const state = shardStates[of("state")] ?? "queued"
    return {
      id,
      state,
      worker: of("worker"),
      attempt: of("attempt"),
      start: of("start"),
      ms: of("ms"),
      rows: of("rows"),
      bytes: of("bytes"),
      spill: of("spill"),
    }
  }

  #reserve(size: number): void {
    this.#size = size
    const capacity = this.#columns.state.length
    if (size <= capacity) return
    const grown = Math.min(maxShards, Math.max(size, capacity * 2))
    const columns: Record<string, unknown> = {}
    for (const name of columnNames) {
      const column = new columnTypes[name](grown)
      column.set(this.#columns[name])
      columns[name] = column
    }
    this.#columns = columns as unknown as Columns
  }
}

/** Shards in each state, and what they did together. */
export interface ShardSummary {
  readonly counts: Readonly<Record<ShardState, number>>
  /** Finished with a result: done, spilled or slow. */
  readonly done: number
  readonly retrying: number
  readonly spill: number
  /** Median time of finished shards, ms; 0 when none. */
  readonly median: number
  /** The longest, running ones included, over the median; 1 when fewer than four finished. */
  readonly skew: number
  /** Median rows and bytes of finished shards. */
  readonly medianRows: number
  readonly medianBytes: number
  /** Rows of all shards, and of the largest. */
  readonly rows: number
  readonly mostRows: number
  /** Shards much larger than the median, or still running much longer. */
  readonly skewed: number
  /** Those of them with many more rows. */
  readonly skewedRows: number
}
type Medians = Pick<ShardSummary, "done" | "median" | "medianRows" | "medianBytes">

/** Much longer is twice the median, much larger four times; below these floors it is noise. */
const much = { factor: { ms: 2, rows: 4, bytes: 4 }, floor: { ms: 200, rows: 10_000, bytes: 1 << 20 } }
/** Fewer finished shards than this have no median worth a comparison. */
const enough = 4

export function summarise(table: ShardTable): ShardSummary {
  const counts: Record<ShardState, number> = {
    queued: 0,
    running: 0,
    done: 0,
    failed: 0,
    spilled: 0,
    slow: 0,
  }
  const { state, attempt, ms, spill, rows, bytes } = table.columns
  const done: number[] = []
  let [retrying, spilled] = [0, 0]
  for (let id = 0; id < table.size; id++) {
    const name = shardStates[state[id]!] ?? "queued"
    counts[name]++
    spilled += spill[id]!
    if (name === "running" && attempt[id]! > 1) retrying++
    if (name === "done" || name === "spilled" || name === "slow") done.push(id)
  }
  const median = medianOf(done, ms)
  const medians: Medians = {
    done: done.length,
    median,
    medianRows: medianOf(done, rows),
    medianBytes: medianOf(done, bytes),
  }
  let [longest, skewed, skewedRows, allRows, mostRows] = [0, 0, 0, 0, 0]
  for (let id = 0; id < table.size; id++) {
    longest = Math.max(longest, ms[id]!)
    mostRows = Math.max(mostRows, rows[id]!)
    allRows += rows[id]!
    if (isSkewed(table, medians, id)) skewed++
    if (isOver(table, medians, "rows", id)) skewedRows++
  }
  const skew = done.length >= enough && median > 0 ? Math.max(1, longest / median) : 1
  return { counts, retrying, spill: spilled, skew, skewed, skewedRows, rows: allRows, mostRows, ...medians }
}

/** Whether a shard is much larger than the median of those that finished, or runs much longer and is not done yet. */
export function isSkewed(table: ShardTable, medians: Medians, id: number): boolean {
  const runs = shardStates[table.columns.state[id]!] === "running"
  return (
    isOver(table, medians, "rows", id) ||
    isOver(table, medians, "bytes", id) ||
    (runs && isOver(table, medians, "ms", id))
  )
}

function isOver(table: ShardTable, medians: Medians, name: "ms" | "rows" | "bytes", id: number): boolean {
  const middle = { ms: medians.median, rows: medians.medianRows, bytes: medians.medianBytes }[name]
  const least = Math.max(much.floor[name], much.factor[name] * middle)
  return medians.done >= enough && table.columns[name][id]! > least
}

function medianOf(ids: readonly number[], column: ArrayLike<number>): number {
  const values = Float64Array.from(ids, id => column[id]!).sort()
  return values[values.length >> 1] ?? 0
}
