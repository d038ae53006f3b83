// What the panel hears of a Dask cluster: the tasks of queries (queryStages.ts), those that ended as the scheduler tells of
// them and those that run by looking while a query does; workers that come and go, and how many there should be.

import { emit } from "../../../telemetry/bus.js"
import type { TaskGroup } from "../DaskProcess.js"
import type { Dashboard, DaskEvent } from "./dashboard.js"
import { QueryStages, type RunningTask, type Status, sendMs } from "./queryStages.js"

/** The panel tells workers of pools, Spark and Dask apart by their numbers. */
const firstNumber = 20_000
const countsMs = 1_000
/** Workers tell of themselves every 500 ms, when there are few. */
const lookMs = 250
/** How long the last tasks of a query that succeeded may be told of after it. */
const settleMs = 1_000
let workersMade = firstNumber

/** What is asked of the scheduler itself. */
export interface SchedulerCalls {
  /** Which tasks of some groups run. */
  running(groups: readonly string[]): Promise<readonly RunningTask[]>
  /** Keeps the stream that was opened last when others listen too. */
  ownStream(): Promise<void>
}
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

export class DaskMonitor {
  readonly #workers = new Map<string, Seen>()
  readonly #queries = new Set<QueryStages>()
  readonly #stop: () => void
  readonly #timer: NodeJS.Timeout
  #looking: NodeJS.Timeout | undefined
  #counts = ""
  #leaving = false
  #deaf = false

  constructor(
    private readonly dashboard: Dashboard,
    private readonly calls: SchedulerCalls,
    private readonly pool: string,
    /** Workers that were asked for; undefined when others decide. */
    private readonly asked?: number,
  ) {
    this.#stop = dashboard.listen(
      event => this.#take(event),
      () => void calls.ownStream().catch(() => {}),
      problem => {
        this.#deaf = true
        const text = `${pool}: ${problem}, so the panel shows no tasks.`
        emit({ kind: "log", source: "dask", level: "info", text })
      },
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
      groups: groups => {
        query.begin(groups)
        this.#looking ??= setTimeout(() => void this.#look(), lookMs).unref()
      },
      end: status => {
        query.over = true
        const forget = () => {
          this.#queries.delete(query)
          query.end(status)
        }
        setTimeout(forget, status === "ok" ? settleMs : sendMs).unref()
      },
    }
  }

  close(): void {
    this.#leaving = true
    clearInterval(this.#timer)
    clearTimeout(this.#looking)
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
      for (const query of this.#queries) query.take(event, worker.id)
    }
  }

  /** One look at a time, while there are queries. */
  async #look(): Promise<void> {
    const groups = [...this.#queries].flatMap(query => query.groups)
    const tasks = groups.length === 0 || this.#deaf ? [] : await this.calls.running(groups).catch(() => [])
    for (const task of tasks) {
      const id = this.#workers.get(task.worker)?.id
      if (id !== undefined) for (const query of this.#queries) query.running(task, id)
    }
    const again = this.#queries.size > 0 && !this.#leaving
    this.#looking = again ? setTimeout(() => void this.#look(), lookMs).unref() : undefined
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
    for (const query of this.#queries) query.lost(id)
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
