// What the panel hears of a Dask cluster: each group of tasks of a query as a stage, each task that ran as a shard, workers
// that come and go, and how many there should be. Dask tells of a task when it has ended, so a stage shows its tasks as queued
// until then.

import { emit } from "../../../telemetry/bus.js"
import { type ShardState, shardStates } from "../../../telemetry/events.js"
import { columnsOf, type ShardRow } from "../../../telemetry/shardColumns.js"
import type { TaskGroup } from "../DaskProcess.js"
import type { Dashboard, DaskEvent } from "./dashboard.js"

/** The panel tells workers of pools, Spark and Dask apart by their numbers. */
const firstNumber = 20_000
const countsMs = 1_000
const sendMs = 100
let workersMade = firstNumber
let queriesMade = 0

export type Status = "ok" | "error" | "cancelled"
export interface Watch {
  groups(groups: readonly TaskGroup[]): void
  end(status: Status): void
}
interface Seen {
  /** The panel's number. */
  readonly id: number
  readonly since: Date
  /** Tasks that ended there. */
  done: number
  failed: number
}
type Transition = Extract<DaskEvent, { name: "transition" }>

export class DaskMonitor {
  readonly #workers = new Map<string, Seen>()
  readonly #queries = new Set<QueryStages>()
  readonly #stop: () => void
  readonly #timer: NodeJS.Timeout
  #counts = ""
  #leaving = false

  constructor(
    private readonly dashboard: Dashboard,
    private readonly pool: string,
    /** Workers that were asked for; undefined when others decide. */
    private readonly asked?: number,
  ) {
    this.#stop = dashboard.listen(
      event => this.#take(event),
      problem =>
        emit({
          kind: "log",
          source: "dask",
          level: "info",
          text: `${pool}: ${problem}, so the panel shows no tasks.`,
        }),
    )
    this.#timer = setInterval(() => void this.#count(), countsMs).unref()
  }

  /** What was seen of a worker since this kernel listens. */
  seen(address: string): Omit<Seen, "id"> {
    return this.#workers.get(address) ?? { since: new Date(), done: 0, failed: 0 }
  }

  watch(what: string): Watch {
    const query = new QueryStages(what)
    this.#queries.add(query)
    return {
      groups: groups => query.begin(groups),
      end: status => {
        // The last tasks are told of a moment after the result.
        const forget = () => {
          this.#queries.delete(query)
          query.end(status)
        }
        setTimeout(forget, sendMs).unref()
      },
    }
  }

  close(): void {
    this.#leaving = true
    clearInterval(this.#timer)
    this.#stop()
    for (const query of this.#queries) query.end("cancelled")
    for (const [name, { id }] of this.#workers) this.#gone(name, id, "left with its cluster", false)
    emit({ kind: "pool.count", pool: this.pool, desired: 0, actual: 0, pending: 0, closed: true })
  }

  #take(event: DaskEvent): void {
    if (event.name === "add_worker") this.#worker(event.worker)
    else if (event.name === "remove_worker") {
      const id = this.#workers.get(event.worker)?.id
      if (id !== undefined) this.#gone(event.worker, id, "left the cluster", !this.#leaving)
    } else if (event.name === "transition" && event.action === "compute") {
      const worker = this.#worker(event.worker)
      worker[event.exception_text === undefined ? "done" : "failed"]++
      for (const query of this.#queries) if (query.take(event, worker.id)) return
    }
  }

  #worker(address: string): Seen {
    const known = this.#workers.get(address)
    if (known !== undefined) return known
    const made = { id: ++workersMade, since: new Date(), done: 0, failed: 0 }
    this.#workers.set(address, made)
    const host = address.replace(/^\w+:\/\//, "")
    emit({ kind: "worker.up", id: made.id, name: `dask ${host}`, host, cause: "joined the scheduler" })
    return made
  }

  #gone(worker: string, id: number, cause: string, lost: boolean): void {
    this.#workers.delete(worker)
    emit({ kind: "worker.down", id, cause, lost })
  }

  async #count(): Promise<void> {
    const counts = await this.dashboard.counts()
    if (counts === undefined || this.#leaving) return
    const actual = counts.workers
    const desired = this.asked ?? actual
    const text = `${desired} ${actual}`
    if (text === this.#counts) return
    this.#counts = text
    emit({ kind: "pool.count", pool: this.pool, desired, actual, pending: Math.max(desired - actual, 0) })
  }
}

/** The groups of tasks of one query. */
class QueryStages {
  readonly #number = ++queriesMade
  readonly #stages = new Map<string, Stage>()

  constructor(private readonly what: string) {}

  begin(groups: readonly TaskGroup[]): void {
    for (const { name, tasks } of groups) {
      if (this.#stages.has(name)) continue
      const id = `dask-${process.pid}-${this.#number}-${this.#stages.size}`
      this.#stages.set(name, new Stage(id, `${this.what}: ${readable(name)}`, tasks))
    }
  }

  take(event: Transition, worker: number): boolean {
    const stage = this.#stages.get(groupOf(event.key))
    stage?.take(event, worker)
    return stage !== undefined
  }

  end(status: Status): void {
    for (const stage of this.#stages.values()) stage.end(status)
    this.#stages.clear()
  }
}

class Stage {
  readonly #ids = new Map<string, { id: number; attempt: number }>()
  #rows: ShardRow[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(
    private readonly name: string,
    label: string,
    tasks: number,
  ) {
    emit({ kind: "stage.start", stage: name, name: label, tasks })
  }

  take({ key, start, stop, nbytes, exception_text: problem }: Transition, worker: number): void {
    const text = JSON.stringify(key)
    const known = this.#ids.get(text)
    const place = { id: known?.id ?? this.#ids.size, attempt: known === undefined ? 0 : known.attempt + 1 }
    this.#ids.set(text, place)
    const state: ShardState = problem === undefined ? "done" : "failed"
    const ms = (stop - start) * 1000
    this.#rows.push({
      ...place,
      state: shardStates.indexOf(state),
      worker,
      start: start * 1000,
      ms,
      rows: 0,
      bytes: nbytes ?? 0,
      spill: 0,
    })
    this.#timer ??= setTimeout(() => this.#send(), sendMs).unref()
  }

  end(status: Status): void {
    this.#send()
    emit({ kind: "stage.end", stage: this.name, status })
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#rows.length === 0) return
    emit({ kind: "shard.batch", stage: this.name, columns: columnsOf(this.#rows) })
    this.#rows = []
  }
}

/** `("read-0a1b...", 3)` is of the group `read-0a1b...`. */
function groupOf(key: Transition["key"]): string {
  return typeof key === "string" ? key : key[0]
}

/** Without the hash at its end. */
function readable(group: string): string {
  return group.replace(/-[0-9a-f]{16,}$/, "")
}
