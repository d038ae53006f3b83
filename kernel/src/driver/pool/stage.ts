// What the panel hears of one map: a stage whose shards are its items. Changes are gathered and sent four times a second,
// so a map of a million items costs as much telemetry as one of a hundred. Times are the pool's own clock.

import { emit } from "../../telemetry/bus.js"
import { type ShardState, shardStates } from "../../telemetry/events.js"
import { columnsOf, type ShardRow } from "../../telemetry/shardColumns.js"

const everyMs = 250
/** A shard is slow when it took longer than this times the median of those before it. */
const slowFactor = 2
/** Finished shards before any is called slow. */
const slowAfter = 4
let made = 0

export class MapStage {
  readonly #id = `pool-${process.pid}-${++made}`
  readonly #rows: ShardRow[]
  readonly #changed = new Set<number>()
  readonly #times: number[] = []
  readonly #timer: NodeJS.Timeout

  constructor(name: string, items: readonly unknown[]) {
    emit({ kind: "stage.start", stage: this.#id, name, tasks: items.length })
    this.#rows = items.map((item, id) => ({ ...queued, id, ...sizeOf(item) }))
    for (const id of this.#rows.keys()) this.#changed.add(id)
    this.#send()
    this.#timer = setInterval(() => this.#tick(), everyMs)
    this.#timer.unref()
  }

  started(id: number, worker: number): void {
    const row = this.#rows[id]!
    this.#set(id, { state: stateOf("running"), worker, attempt: row.attempt + 1, start: Date.now(), ms: 0 })
  }

  done(id: number, ms: number): void {
    const median = this.#times[this.#times.length >> 1] ?? 0
    const slow = this.#times.length >= slowAfter && ms > slowFactor * median
    insert(this.#times, ms)
    this.#set(id, { state: stateOf(slow ? "slow" : "done"), ms })
  }

  failed(id: number, ms: number): void {
    this.#set(id, { state: stateOf("failed"), ms })
  }

  /** Its worker is gone; it will run again. */
  requeued(id: number): void {
    this.#set(id, { state: stateOf("queued"), worker: 0, start: 0, ms: 0 })
  }

  end(status: "ok" | "error" | "cancelled"): void {
    clearInterval(this.#timer)
    this.#send()
    emit({ kind: "stage.end", stage: this.#id, status })
  }

  #set(id: number, change: Partial<ShardRow>): void {
    Object.assign(this.#rows[id]!, change)
    this.#changed.add(id)
  }

  /** Running shards grow older: their time so far is news too. */
  #tick(): void {
    const running = stateOf("running")
    for (const row of this.#rows) {
      if (row.state !== running) continue
      row.ms = Date.now() - row.start
      this.#changed.add(row.id)
    }
    this.#send()
  }

  #send(): void {
    if (this.#changed.size === 0) return
    const columns = columnsOf([...this.#changed].map(id => this.#rows[id]!))
    this.#changed.clear()
    emit({ kind: "shard.batch", stage: this.#id, columns })
  }
}

const queued: Omit<ShardRow, "id"> = {
  state: 0,
  worker: 0,
  attempt: 0,
  start: 0,
  ms: 0,
  rows: 0,
  bytes: 0,
  spill: 0,
}

function stateOf(state: ShardState): number {
  return shardStates.indexOf(state)
}

/** A shard of a frame knows its rows and bytes; other items say nothing of the kind. */
function sizeOf(item: unknown): { rows: number; bytes: number } {
  const { rows, bytes } = (item ?? {}) as { rows?: unknown; bytes?: unknown }
  return { rows: typeof rows === "number" ? rows : 0, bytes: typeof bytes === "number" ? bytes : 0 }
}

/** Into a sorted list, at its place. */
function insert(sorted: number[], value: number): void {
  let at = sorted.length
  while (at > 0 && sorted[at - 1]! > value) at--
  sorted.splice(at, 0, value)
}
