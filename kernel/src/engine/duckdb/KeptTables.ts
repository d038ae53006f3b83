// What a plan's SQL reads from tables of the instance: rows from JavaScript, caches, and what views are made of. Filled
// before the first statement that needs them, once.

import type { Kept } from "../../frame/Engine.js"
import type { Cache } from "../../frame/nodes/Cache.js"
import type { Local } from "../../frame/nodes/Local.js"
import { inputs, type Plan } from "../../frame/nodes/plan.js"
import type { Source } from "../../frame/Source.js"
import type { Views } from "../../frame/views.js"
import type { Connections } from "./Connections.js"
import { loadLocal } from "./local.js"
import { cacheTable, localTable } from "./planSql.js"
import { allRows } from "./statements.js"

interface Needs {
  readonly connections: Connections
  readonly views: Views
  /** Makes a source readable. */
  readonly open: (sources: readonly Source[]) => Promise<void>
  /** Computes a plan's rows into a table. */
  readonly materialise: (plan: Plan, table: string) => Promise<unknown>
}

export class KeptTables {
  readonly #locals = new Map<number, Promise<void>>()
  readonly #caches = new Map<string, { readonly cache: Cache; readonly filled: Promise<void> }>()

  constructor(private readonly needs: Needs) {}

  async prepare(plan: Plan): Promise<void> {
    if (plan.op === "scan") return this.needs.open([plan.source])
    if (plan.op === "local") return this.#loadLocal(plan)
    if (plan.op === "cache") return this.#fillCache(plan)
    const views = plan.op === "sql" ? this.viewsIn(plan.text) : []
    const view = plan.op === "stored" ? this.needs.views.get(plan.name) : undefined
    for (const input of [...inputs(plan), ...views, ...(view ? [view] : [])]) await this.prepare(input)
  }

  /** Views that SQL text may read. */
  viewsIn(text: string): Plan[] {
    return [...this.needs.views].filter(([name]) => text.includes(name)).map(([, plan]) => plan)
  }

  async forget({ key }: Cache): Promise<void> {
    const kept = this.#caches.get(key)
    this.#caches.delete(key)
    if (kept === undefined) return
    await kept.filled.catch(() => {})
    const sql = `DROP TABLE IF EXISTS ${cacheTable(key)}`
    await this.needs.connections.borrow(connection => connection.run(sql))
  }

  /** Tables of this process's memory have no size in bytes that DuckDB would tell. */
  async kept(): Promise<readonly Kept[]> {
    const found: Kept[] = []
    for (const { cache, filled } of this.#caches.values()) {
      await filled.catch(() => {}) // then it is not there any more
      if (!this.#caches.has(cache.key)) continue
      const sql = `SELECT count(*) AS n FROM ${cacheTable(cache.key)}`
      const [row] = await this.needs.connections.borrow(connection =>
        allRows(connection, { sql, params: [] }),
      )
      found.push({ cache, rows: Number(row!.n) })
    }
    return found
  }

  /** The instance is gone, and its tables with it. */
  clear(): void {
    this.#locals.clear()
    this.#caches.clear()
  }

  #fillCache(cache: Cache): Promise<void> {
    const { key, input } = cache
    const known = this.#caches.get(key)
    if (known !== undefined) return known.filled
    const filled = this.needs.materialise(input, cacheTable(key)).then(() => {})
    this.#caches.set(key, { cache, filled })
    filled.catch(() => this.#caches.delete(key))
    return filled
  }

  #loadLocal(node: Local): Promise<void> {
    const known = this.#locals.get(node.planId)
    if (known !== undefined) return known
    const { connections } = this.needs
    const loading = connections.borrow(connection =>
      loadLocal(connection, localTable(node.planId), node, connections.duckdb),
    )
    this.#locals.set(node.planId, loading)
    return loading
  }
}
