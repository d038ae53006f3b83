// Tells the panel about one pass over shards. What is measured: DuckDB reports one number a query, the rows it has
// processed so far, so shards turn `done` in the order of the list as that number grows, four times a second. A shard's
// `start` is the start of the pass and its `ms` the time until it was seen done: not the time that shard took, which
// DuckDB does not tell. Rows and bytes are the file's own.

import { basename } from "node:path"
import { type Plan, scans } from "../../frame/nodes/plan.js"
import type { Shard } from "../../frame/Shard.js"
import { redact } from "../../store/redact.js"
import { emit } from "../../telemetry/bus.js"
import { type ShardColumns, shardStates } from "../../telemetry/events.js"

export interface Progress {
  /** 0 to 100, or negative when not known yet. */
  readonly percentage: number
}

const every = 250
let made = 0

export class Stage {
  readonly #name = `duckdb-${process.pid}-${++made}`
  readonly #start = Date.now()
  readonly #timer: NodeJS.Timeout
  #done = 0

  constructor(
    private readonly shards: readonly Shard[],
    name: string,
    private readonly progress: () => Progress,
  ) {
    emit({ kind: "stage.start", stage: this.#name, name, tasks: shards.length })
    this.#send(shards, "running")
    this.#timer = setInterval(() => this.#look(), every)
    this.#timer.unref()
  }

  end(status: "ok" | "error" | "cancelled"): void {
    clearInterval(this.#timer)
    const rest = this.shards.slice(this.#done)
    if (status !== "cancelled") this.#send(rest, status === "ok" ? "done" : "failed")
    emit({ kind: "stage.end", stage: this.#name, status })
  }

  #look(): void {
    const share = this.progress().percentage / 100
    const done = share > 0 ? shardsDone(this.shards, Math.min(share, 1)) : 0
    if (done <= this.#done) return
    this.#send(this.shards.slice(this.#done, done), "done")
    this.#done = done
  }

  #send(shards: readonly Shard[], state: (typeof shardStates)[number]): void {
    if (shards.length === 0) return
    const columns = shardColumns(shards, shardStates.indexOf(state), this.#start, Date.now() - this.#start)
    emit({ kind: "shard.batch", stage: this.#name, columns })
  }
}

/** How many whole shards a share of all rows (or bytes, when some have no row count) covers, in the order of the list. */
export function shardsDone(shards: readonly Pick<Shard, "rows" | "bytes">[], share: number): number {
  const sized = shards.every(shard => shard.rows !== undefined)
  const sizes = shards.map(shard => (sized ? shard.rows! : shard.bytes))
  const whole = sizes.reduce((sum, size) => sum + size, 0)
  // Nothing is known of any: as if all were of one size.
  if (whole === 0) return Math.floor(shards.length * share)
  const covered = whole * share
  let sum = 0
  const open = sizes.findIndex(size => {
    sum += size
    return sum > covered
  })
  return open === -1 ? shards.length : open
}

function shardColumns(shards: readonly Shard[], state: number, start: number, ms: number): ShardColumns {
  const count = shards.length
  return {
    id: Uint32Array.from(shards, shard => shard.id),
    state: new Uint8Array(count).fill(state),
    worker: new Uint16Array(count),
    attempt: new Uint8Array(count),
    start: new Float64Array(count).fill(start),
    ms: new Float32Array(count).fill(ms),
    rows: Float64Array.from(shards, shard => shard.rows ?? 0),
    bytes: Float64Array.from(shards, shard => shard.bytes),
    spill: new Float64Array(count),
  }
}

/** `scan flights-3m.parquet`: what the panel calls a pass. */
export function passName(plan: Plan): string {
  const files = [...new Set(scans(plan).flatMap(scan => scan.source.paths))].map(path =>
    basename(redact(path)),
  )
  return `scan ${files[0] ?? "rows"}${files.length > 1 ? ` and ${files.length - 1} more` : ""}`
}
