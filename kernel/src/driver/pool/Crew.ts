// The workers of a pool: brings their number to what is wanted, replaces the lost, reports who comes and goes. Which item
// a worker runs is not its business (WorkerPool.ts).

import { fail } from "../../errors.js"
import { emit } from "../../telemetry/bus.js"
import { checkReplicas, type DriverBounds } from "../bounds.js"
import type { WorkerSetup } from "./protocol.js"
import { WorkerProcess } from "./WorkerProcess.js"

export interface CrewOptions {
  readonly name: string
  readonly bounds: DriverBounds
  readonly setup: WorkerSetup
  readonly memoryMb?: number
}

export interface CrewEvents {
  /** A worker joined. */
  joined(): void
  /** Workers do not come, and none is there. */
  failed(error: Error): void
}

/** Starts that fail one after the other before the crew gives up. */
const startAttempts = 3
/** Worker numbers are the process's: the panel tells workers of two pools apart by them. */
let made = 0

export class Crew {
  /** Names that every worker has by itself; known once one was ready. */
  globals: ReadonlySet<string> = new Set()
  closed = false
  readonly #workers = new Set<WorkerProcess>()
  readonly #joined = new WeakSet<WorkerProcess>()
  /** Whoever waits for a change of the numbers. */
  readonly #watchers = new Set<() => void>()
  #desired = 0
  #failedStarts = 0
  #startFailure = ""
  #reported = ""

  constructor(
    private readonly options: CrewOptions,
    private readonly events: CrewEvents,
  ) {}

  get all(): readonly WorkerProcess[] {
    return [...this.#workers]
  }

  /** Those that may get an item. */
  get ready(): readonly WorkerProcess[] {
    return this.all.filter(worker => worker.isReady && worker.farewell === undefined)
  }

  count(): { desired: number; ready: number } {
    return { desired: this.#desired, ready: this.ready.length }
  }

  async scaleTo(n: number): Promise<void> {
    const { name, bounds } = this.options
    if (this.closed) throw fail("POOL_CLOSED", { pool: name })
    checkReplicas(`${name}.scaleTo`, n, bounds)
    this.#desired = n
    this.#failedStarts = 0
    this.#adjust("asked for")
    while (this.#desired === n && !this.closed && this.ready.length !== n) {
      if (this.#failedStarts >= startAttempts) throw this.#startError()
      await this.#change()
    }
  }

  async close(): Promise<void> {
    this.closed = true
    this.#desired = 0
    for (const worker of this.#workers) {
      if (worker.busy) worker.kill("left: the pool was closed")
      else worker.leave("left: the pool was closed")
    }
    this.#changed()
    while (this.#workers.size > 0) await this.#change()
  }

  /** Starts workers or sends them away until as many are there, or on their way, as are wanted. */
  #adjust(cause: string): void {
    const staying = this.all.filter(worker => worker.farewell === undefined)
    for (let n = staying.length; n < this.#desired; n++) this.#start(cause)
    // Idle ones go first, and of those the youngest: the oldest have loaded the most.
    const order = staying.toReversed().sort((a, b) => Number(a.busy) - Number(b.busy))
    for (const worker of order.slice(0, Math.max(0, staying.length - this.#desired)))
      worker.leave("was no longer needed")
    this.#changed()
  }

  #start(cause: string): void {
    const { setup, memoryMb } = this.options
    const worker = new WorkerProcess(
      { id: ++made, setup, memoryMb },
      {
        printed: (from, stream, text) => process[stream].write(prefixed(from.name, text)),
        logged: (from, text) => emit({ kind: "log", source: from.name, level: "info", text }),
        ended: (gone, why) => this.#ended(gone, why),
      },
    )
    this.#workers.add(worker)
    worker.ready.then(
      globals => this.#welcome(worker, globals, cause),
      () => {},
    )
  }

  #welcome(worker: WorkerProcess, globals: readonly string[], cause: string): void {
    this.globals = new Set(globals)
    this.#failedStarts = 0
    this.#joined.add(worker)
    emit({ kind: "worker.up", id: worker.id, name: worker.name, host: "this machine", cause })
    this.#changed()
    this.events.joined()
  }

  #ended(worker: WorkerProcess, why: string): void {
    this.#workers.delete(worker)
    const lost = worker.farewell === undefined
    const cause = worker.farewell ?? why
    if (this.#joined.has(worker)) emit({ kind: "worker.down", id: worker.id, cause, lost })
    else if (lost) this.#startFailed(cause)
    if (!this.closed && this.#failedStarts < startAttempts) this.#adjust(`in place of ${worker.name}`)
    this.#changed()
  }

  #startFailed(cause: string): void {
    this.#startFailure = cause
    this.#failedStarts++
    if (this.#failedStarts >= startAttempts && this.ready.length === 0) this.events.failed(this.#startError())
  }

  #startError(): Error {
    const fix = "Run `shardlab doctor`; where memory is short, use fewer workers."
    return fail("POOL_START", { pool: this.options.name, cause: this.#startFailure, fix })
  }

  #change(): Promise<void> {
    return new Promise(resolve => this.#watchers.add(resolve))
  }

  /** Tells the panel, and whoever waits. */
  #changed(): void {
    const { desired, ready } = this.count()
    const report = `${desired} ${ready} ${this.closed}`
    if (report !== this.#reported) {
      this.#reported = report
      const pending = Math.max(0, desired - ready)
      const count = { pool: this.options.name, desired, actual: ready, pending }
      emit({ kind: "pool.count", ...count, ...(this.closed ? { closed: true } : {}) })
    }
    const watchers = [...this.#watchers]
    this.#watchers.clear()
    for (const wake of watchers) wake()
  }
}

/** The worker's name before every line that it prints. */
function prefixed(name: string, text: string): string {
  return text.replace(/^(?!$)/gm, `${name}: `)
}
