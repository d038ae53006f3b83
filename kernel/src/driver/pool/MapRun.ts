// One `map` over a pool: which items wait, run and are done, and how it ends. The pool asks for the next item when a
// worker is free and reports what became of it. No processes here.

import { fail } from "../../errors.js"
import type { Bundle, WorkerError } from "./protocol.js"
import { MapStage } from "./stage.js"
import type { ItemResult } from "./WorkerProcess.js"

export interface MapRunOptions {
  readonly pool: string
  readonly name: string
  /** How often an item may lose its worker and be given to another. */
  readonly retries: number
}

export class MapRun {
  readonly results: Promise<unknown[]>
  readonly #values: unknown[]
  readonly #waiting: number[]
  readonly #running = new Set<number>()
  readonly #lost = new Map<number, number>()
  readonly #stage: MapStage
  #resolve: (values: unknown[]) => void = () => {}
  #reject: (error: Error) => void = () => {}
  ended = false

  constructor(
    readonly bundle: Bundle,
    private readonly items: readonly unknown[],
    private readonly options: MapRunOptions,
  ) {
    this.results = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#values = new Array(items.length)
    this.#waiting = [...items.keys()]
    this.#stage = new MapStage(options.name, items)
    if (items.length === 0) this.#end("ok", () => this.#resolve([]))
  }

  /** Items that a worker may take. */
  get waiting(): number {
    return this.ended ? 0 : this.#waiting.length
  }

  get running(): number {
    return this.#running.size
  }

  /** The next item for a free worker; there must be one waiting. */
  take(worker: number): { readonly index: number; readonly item: unknown } {
    const index = this.#waiting.shift()!
    this.#running.add(index)
    this.#stage.started(index, worker)
    return { index, item: this.items[index] }
  }

  settle(index: number, worker: string, result: ItemResult): void {
    this.#running.delete(index)
    if (this.ended) return
    if (result.kind === "done") this.#done(index, result.value, result.ms)
    else if (result.kind === "failed") this.#failed(index, worker, result.error, result.ms)
    else this.#workerLost(index, result.cause)
  }

  cancel(error: Error): void {
    if (!this.ended) this.#end("cancelled", () => this.#reject(error))
  }

  /** Ends it for a reason that is no item's, such as that no worker can be had. */
  fail(error: Error): void {
    if (!this.ended) this.#end("error", () => this.#reject(error))
  }

  #done(index: number, value: unknown, ms: number): void {
    this.#values[index] = value
    this.#stage.done(index, ms)
    if (this.#waiting.length === 0 && this.#running.size === 0)
      this.#end("ok", () => this.#resolve(this.#values))
  }

  #failed(index: number, worker: string, error: WorkerError, ms: number): void {
    this.#stage.failed(index, ms)
    const { pool } = this.options
    const cause = Object.assign(new Error(error.message), { name: error.name, stack: error.stack })
    const said = `${error.name}: ${error.message}`
    const failure =
      error.loading === true
        ? fail(
            "POOL_FUNCTION",
            { pool, cause: said, fix: "It has to work in a process of its own: check what it imports." },
            cause,
          )
        : fail("POOL_ITEM_FAILED", { index, worker, error: said }, cause)
    this.#end("error", () => this.#reject(failure))
  }

  #workerLost(index: number, cause: string): void {
    const attempts = (this.#lost.get(index) ?? 0) + 1
    this.#lost.set(index, attempts)
    if (attempts <= this.options.retries) {
      this.#waiting.unshift(index)
      this.#stage.requeued(index)
      return
    }
    this.#stage.failed(index, 0)
    this.#end("error", () => this.#reject(fail("POOL_WORKER_LOST", { index, attempts, cause })))
  }

  #end(status: "ok" | "error" | "cancelled", settle: () => void): void {
    this.ended = true
    this.#stage.end(status)
    settle()
  }
}
