// What a session keeps on the server: views, checkpoints, cached rows. All of it goes with the session.

import { didYouMean, fail } from "../../errors.js"
import type { Kept } from "../../frame/Engine.js"
import type { Cache, StorageLevel } from "../../frame/nodes/Cache.js"
import { nodes, type Plan } from "../../frame/nodes/plan.js"
import type { Field } from "../../frame/types.js"
import { AnalyzePlanRequest_Explain_ExplainMode as ExplainMode } from "./gen/spark/connect/base_pb.js"
import type { Relation } from "./gen/spark/connect/relations_pb.js"
import { keptBytes } from "./keptBytes.js"
import type { RestKept } from "./monitor/rest.js"
import { namedTable } from "./planRelation.js"
import { root, type SparkEngine } from "./SparkEngine.js"
import { columnsOf } from "./types.js"

const levels: Readonly<Record<StorageLevel, { useDisk: boolean; useMemory: boolean }>> = {
  memory: { useDisk: false, useMemory: true },
  disk: { useDisk: true, useMemory: false },
  memoryAndDisk: { useDisk: true, useMemory: true },
}

export class StoredRows {
  readonly #views = new Set<string>()
  readonly #cached = new Map<string, { readonly cache: Cache; readonly told: Promise<void> }>()

  constructor(
    private readonly engine: SparkEngine,
    private readonly relation: (plan: Plan) => Relation,
    /** What executors hold, when it is known. */
    private readonly sizes: () => Promise<readonly RestKept[] | undefined>,
  ) {
    engine.session.onLost = () => {
      this.#views.clear()
      this.#cached.clear()
    }
  }

  async describeTable(name: string): Promise<readonly Field[]> {
    const schema = await this.engine.session.schema(root({ relType: namedTable(name) })).catch(cause => {
      throw fail("TABLE_MISSING", { name, nearest: didYouMean(name, this.#views) }, cause)
    })
    return columnsOf(schema).map(({ name: column, type }) => ({ name: column, type }))
  }

  async createView(name: string, plan: Plan, replace: boolean): Promise<void> {
    if (this.#views.has(name) && !replace) throw fail("TABLE_EXISTS", { name })
    const view = { input: this.relation(plan), name, isGlobal: false, replace }
    await this.#command({ commandType: { case: "createDataframeView", value: view } }, `view ${name}`)
    this.#views.add(name)
  }

  async checkpoint(plan: Plan): Promise<string> {
    const value = { relation: this.relation(plan), local: true, eager: true }
    const command = { commandType: { case: "checkpointCommand" as const, value } }
    const name = await this.#command(command, "checkpoint")
    if (name !== undefined) return name
    throw fail("NOT_ON_ENGINE", { engine: this.engine.name, what: "checkpoints", has: "spark, duckdb" })
  }

  /** Tells the server to keep the rows of every `cache` in a plan, once each. */
  async keep(plan: Plan): Promise<void> {
    for (const node of nodes(plan).toReversed()) if (node.op === "cache") await this.#keep(node)
  }

  async forget({ key, input }: Cache): Promise<void> {
    if (!this.#cached.delete(key)) return
    await this.engine.session.unpersist(this.relation(input))
  }

  /** Asks the server: it may have begun the session anew, or let rows go. */
  async kept(): Promise<readonly Kept[]> {
    const held = (await this.sizes()) ?? []
    const found: Kept[] = []
    for (const { cache, told } of this.#cached.values()) {
      await told.catch(() => {}) // then the server keeps nothing, and says so
      const bytes = keptBytes(await this.#text(cache), held)
      if (bytes !== undefined) found.push({ cache, ...bytes })
    }
    return found
  }

  /** How the server would read the rows of a cache. */
  #text({ input }: Cache): Promise<string> {
    return this.engine.session.explain(root(this.relation(input)), ExplainMode.SIMPLE)
  }

  #keep(cache: Cache): Promise<void> {
    const { key, input, level } = cache
    const known = this.#cached.get(key)
    if (known !== undefined) return known.told
    const storageLevel = { ...levels[level], deserialized: level !== "disk", replication: 1 }
    const told = this.engine.session.persist(this.relation(input), storageLevel)
    told.catch(() => this.#cached.delete(key))
    this.#cached.set(key, { cache, told })
    return told
  }

  /** The id of a checkpoint's rows, when it is one. */
  async #command(value: Parameters<SparkEngine["runCommand"]>[0], what: string): Promise<string | undefined> {
    let name: string | undefined
    for await (const { responseType } of this.engine.runCommand(value, what)) {
      if (responseType.case === "checkpointCommandResult") name = responseType.value.relation?.relationId
    }
    return name
  }
}
