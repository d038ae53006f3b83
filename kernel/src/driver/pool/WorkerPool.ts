// A pool of worker processes on this machine: maps functions over items, and grows and shrinks while it does. The driver
// that a policy moves (Driver.ts). Items of several maps are served in the order in which the maps began; a worker that
// is lost is replaced and its item runs again; one that is no longer wanted finishes its item first.

import { type Displayable, displaySymbol, type MimeBundle, tableBundle } from "../../display.js"
import { checkOptions, fail } from "../../errors.js"
import { cellSignal } from "../../interrupt.js"
import { type DriverBounds, driverBounds } from "../bounds.js"
import type { Driver } from "../Driver.js"
import { bundleOf, checkedClone } from "./bundle.js"
import { Crew } from "./Crew.js"
import { CpuMeter } from "./cpu.js"
import { MapRun } from "./MapRun.js"
import type { WorkerSetup } from "./protocol.js"
import { emptyScope, type Portable, type Scope } from "./Scope.js"
import type { WorkerProcess } from "./WorkerProcess.js"

export interface PoolOptions {
  /** Fewest workers, and how many start at once. Default 1. */
  readonly min?: number
  /** Most workers. Default `min`: a pool without a policy keeps its size. */
  readonly max?: number
  /** Shown in the panel and in messages. Default `pool`. */
  readonly name?: string
  /** How often an item may lose its worker and run again. Default 2. */
  readonly retries?: number
  /** JavaScript heap of a worker in MB. Default: Node's own. */
  readonly memoryMb?: number
}

export interface MapOptions {
  /** Values that the function uses by these names and that the notebook does not have at its top level. */
  readonly share?: Readonly<Record<string, unknown>>
  /** Name of the stage in the panel. Default: the function's, or `map`. */
  readonly name?: string
}

/** What only the composing layer knows: where workers import from, and what names and values mean in the notebook. */
export interface PoolPlace {
  readonly setup: WorkerSetup
  readonly scope?: Scope
  readonly portables?: readonly Portable[]
}

export class WorkerPool implements Driver, Displayable {
  readonly name: string
  readonly bounds: DriverBounds
  readonly #retries: number
  readonly #place: PoolPlace
  readonly #crew: Crew
  readonly #cpu = new CpuMeter()
  readonly #maps = new Set<MapRun>()
  /** Who runs an item of which map. */
  readonly #serving = new Map<WorkerProcess, MapRun>()

  constructor(options: PoolOptions, place: PoolPlace) {
    checkOptions("workers", options, ["min", "max", "name", "retries", "memoryMb"])
    const { min = 1, max = min, name = "pool", retries = 2, memoryMb } = options
    this.bounds = driverBounds("workers", min, max)
    if (!Number.isInteger(retries) || retries < 0) {
      const fix = "Give a whole number from 0 on."
      throw fail("BAD_VALUE", { where: "workers", name: "retries", value: retries, fix })
    }
    this.name = name
    this.#retries = retries
    this.#place = place
    const crew = { name, bounds: this.bounds, setup: place.setup, memoryMb }
    this.#crew = new Crew(crew, {
      joined: () => this.#serve(),
      failed: error => {
        for (const map of this.#maps) map.fail(error)
      },
    })
  }

  count(): { desired: number; ready: number } {
    return this.#crew.count()
  }

  /** `queue`: items not finished; `backlogPerWorker`: those over the ready workers; `cpu`: percent of a core a worker. */
  metrics(): Readonly<Record<string, number>> {
    const { ready } = this.#crew
    const queue = [...this.#maps].reduce((sum, map) => sum + map.waiting + map.running, 0)
    const cpu = this.#cpu.percent(ready.flatMap(({ pid }) => pid ?? []))
    const backlogPerWorker = queue / Math.max(1, ready.length)
    return { queue, backlogPerWorker, ...(cpu === undefined ? {} : { cpu }) }
  }

  scaleTo(n: number): Promise<void> {
    return this.#crew.scaleTo(n)
  }

  /**
   * Runs `fn` on every item, one at a time a worker, and resolves to the results in the order of the items. `fn` runs in
   * another process and takes along what it mentions: functions, imports, plain data, frames, tf models.
   *
   * @throws POOL_FUNCTION, POOL_MISSING_NAME or POOL_NOT_CLONEABLE before anything runs; POOL_ITEM_FAILED with the item's
   * own error; POOL_WORKER_LOST; POOL_CANCELLED at an interrupt.
   * @example const rows = await pool.map(flights.shards(), shard => read.shard(shard).count())
   */
  async map<T, R>(
    items: Iterable<T> | Promise<Iterable<T>>,
    fn: (item: T, index: number) => R | Promise<R>,
    options: MapOptions = {},
  ): Promise<R[]> {
    if (this.#crew.closed) throw fail("POOL_CLOSED", { pool: this.name })
    checkOptions(`${this.name}.map`, options, ["share", "name"])
    const signal = cellSignal()
    const list = [...(await items)]
    for (const [index, item] of list.entries()) checkedClone(`Item ${index} of ${this.name}.map`, item)
    const { scope = emptyScope, portables = [] } = this.#place
    const { globals } = this.#crew
    const { share = {}, name = fn?.name || "map" } = options
    const bundle = await bundleOf(fn, { pool: this.name, share, scope, portables, globals })
    const map = new MapRun(bundle, list, { pool: this.name, name, retries: this.#retries })
    return (await this.#finish(map, signal)) as R[]
  }

  /** Ends all workers, also busy ones; maps that run fail with POOL_CLOSED. */
  async close(): Promise<void> {
    for (const map of this.#maps) map.cancel(fail("POOL_CLOSED", { pool: this.name }))
    await this.#crew.close()
  }

  [displaySymbol](): MimeBundle {
    const { desired, ready } = this.count()
    const { min, max } = this.bounds
    const state = this.#crew.closed ? "closed" : `${ready} of ${desired} workers ready (${min} to ${max})`
    return tableBundle({
      caption: `${this.name}: ${state}`,
      columns: ["worker", "process", "state"],
      rows: this.#crew.all.map(worker => [worker.name, String(worker.pid ?? ""), stateOf(worker)]),
    })
  }

  async #finish(map: MapRun, signal: AbortSignal): Promise<unknown[]> {
    const cancel = () => {
      map.cancel(fail("POOL_CANCELLED", { pool: this.name }))
      this.#stopItemsOf(map)
    }
    this.#maps.add(map)
    signal.addEventListener("abort", cancel, { once: true })
    if (signal.aborted) cancel()
    this.#serve()
    try {
      return await map.results
    } finally {
      signal.removeEventListener("abort", cancel)
      this.#maps.delete(map)
      for (const worker of this.#crew.all) worker.forget(map.bundle)
    }
  }

  /** Gives every free worker an item, while there are any. */
  #serve(): void {
    for (const worker of this.#crew.ready) {
      if (worker.busy) continue
      const map = [...this.#maps].find(one => one.waiting > 0)
      if (map === undefined) return
      void this.#runItem(map, worker)
    }
  }

  async #runItem(map: MapRun, worker: WorkerProcess): Promise<void> {
    const { index, item } = map.take(worker.id)
    this.#serving.set(worker, map)
    const result = await worker.run(map.bundle, index, item)
    this.#serving.delete(worker)
    map.settle(index, worker.name, result)
    if (map.ended) this.#stopItemsOf(map)
    this.#serve()
  }

  /** Items of a map that is over may still run: nothing but the end of their process stops them. */
  #stopItemsOf(map: MapRun): void {
    for (const [worker, served] of this.#serving)
      if (served === map) worker.kill("was stopped with its cancelled item")
  }
}

function stateOf(worker: WorkerProcess): string {
  if (!worker.isReady) return "starting"
  if (worker.farewell !== undefined) return "leaving"
  return worker.busy ? "busy" : "idle"
}
