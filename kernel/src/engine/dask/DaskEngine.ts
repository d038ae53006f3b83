// A Dask cluster as an `Engine`: refuses what Dask lacks, sends the plan's JSON to the Python process beside this kernel and
// decodes the Arrow batches that come back. Owns that process; views are plans that it keeps itself.

import { randomUUID } from "node:crypto"
import { didYouMean, fail } from "../../errors.js"
import { decodeBatches } from "../../frame/arrow/decode.js"
import { breathe } from "../../frame/breathe.js"
import type { ColumnBatch } from "../../frame/ColumnBatch.js"
import type {
  Described,
  Engine,
  ExplainMode,
  Kept,
  RunOptions,
  SqlText,
  WriteTarget,
  Written,
} from "../../frame/Engine.js"
import { rebatch } from "../../frame/joinBatches.js"
import { Aggregate } from "../../frame/nodes/Aggregate.js"
import type { Cache } from "../../frame/nodes/Cache.js"
import { nodes, type Plan, planText, scans } from "../../frame/nodes/plan.js"
import { Observation } from "../../frame/Observation.js"
import type { Shard } from "../../frame/Shard.js"
import type { Source } from "../../frame/Source.js"
import type { Field } from "../../frame/types.js"
import { rowsOf } from "../../frame/values.js"
import { addView } from "../../frame/views.js"
import { commitWrite } from "../../store/commit.js"
import { FileIndex } from "../duckdb/FileIndex.js"
import { findSource } from "../duckdb/findSource.js"
import { type Access, accessTo } from "./access.js"
import { checkKey, checkPlan, has } from "./check.js"
import { type Answer, type DaskProcess, failure } from "./DaskProcess.js"
import type { DaskMonitor } from "./monitor/DaskMonitor.js"
import { formats, operations, writeFormats } from "./operations.js"
import { planJson } from "./planJson.js"

export interface DaskEngineOptions {
  readonly process: DaskProcess
  readonly monitor?: DaskMonitor
  /** Keys of stores may go to the workers. */
  readonly withKeys: boolean
  /** Asked when a query begins: its abort stops the query, besides a signal of the call. */
  readonly interrupt?: () => AbortSignal
}

/** Batches on their way: one is decoded while the next one comes. */
const window = 2

export class DaskEngine implements Engine {
  readonly name = "dask"
  readonly #views = new Map<string, Plan>()
  readonly #caches = new Map<string, Cache>()
  readonly #running = new Set<() => void>()

  constructor(private readonly options: DaskEngineOptions) {}

  async describe(source: Source): Promise<Described> {
    has(formats[source.format])
    checkOptions(source)
    this.#access(source)
    const found = await findSource(source, new FileIndex())
    const params = { source: found, access: this.#access(found) }
    const { fields, cast } = await this.#ask<{ fields: Field[]; cast: string[] }>("describe", params)
    return { source: cast.length === 0 ? found : { ...found, cast }, fields }
  }

  async describeSql(_query: SqlText): Promise<readonly Field[]> {
    has(operations.sql)
    return []
  }

  async describeTable(name: string): Promise<readonly Field[]> {
    const view = this.#views.get(name)
    if (view !== undefined) return view.schema.fields
    throw fail("TABLE_MISSING", { name, nearest: didYouMean(name, this.#views.keys()) })
  }

  async createView(name: string, plan: Plan, replace: boolean): Promise<void> {
    addView(this.#views, name, plan, replace)
  }

  async *stream(plan: Plan, options: RunOptions = {}): AsyncGenerator<ColumnBatch> {
    const batches = breathe(this.#batches(plan, options.signal))
    yield* options.rows === undefined ? batches : rebatch(batches, options.rows)
    await this.#observe(plan, options)
  }

  async *#batches(plan: Plan, signal?: AbortSignal): AsyncGenerator<ColumnBatch> {
    const json = this.#json(plan)
    const { process } = this.options
    const arrived: Uint8Array[] = []
    let wake = () => {}
    const query = this.#begin("run", { plan: json }, signal, nameOf(plan), answer => {
      if (answer.type === "batch") arrived.push(answer.data)
      wake()
    })
    for (let i = 0; i < window; i++) process.tell(query.id, "next")
    let last: Answer | undefined
    void query.last.then(answer => {
      last = answer
      wake()
    })
    try {
      for (;;) {
        while (arrived.length > 0) {
          for (const batch of decodeBatches(arrived.shift()!, plan.schema.fields))
            if (batch.rows > 0) yield batch
          process.tell(query.id, "next")
        }
        if (query.cancelled) throw fail("QUERY_CANCELLED")
        if (last !== undefined) break
        await new Promise<void>(resolve => {
          wake = resolve
          query.onCancel = resolve
        })
      }
      if (last.type === "error") throw failure(last.kind, last.message)
      query.end("ok")
    } catch (error) {
      query.end(query.cancelled ? "cancelled" : "error")
      throw error
    } finally {
      query.end("cancelled")
    }
  }

  async explain(plan: Plan, mode: ExplainMode = "simple"): Promise<string> {
    const tree = await this.#ask<string>("explain", { plan: this.#json(plan), mode })
    return mode === "simple" ? `${planText(plan)}\n\nas Dask runs it\n${tree}` : tree
  }

  async shards(plan: Plan): Promise<readonly Shard[]> {
    const found = await Promise.all(scans(plan).map(({ source, fields }) => this.#shardsOf(source, fields)))
    return found.flat().map((shard, id) => ({ ...shard, id }))
  }

  async #shardsOf(source: Source, fields: readonly Field[]): Promise<Omit<Shard, "id">[]> {
    const pieces = await this.#ask<Piece[]>("shards", { source, access: this.#access(source) })
    const before = new Map<string, number>()
    return pieces.map(({ path: place, rowGroup, rows, bytes }) => {
      const path = addressOf(place, source)
      const first = before.get(path) ?? 0
      before.set(path, first + (rows ?? 0))
      const one = { ...source, paths: [path] }
      const shard = { uri: path, bytes, range: {}, fields }
      if (rowGroup === null || rows === null) return { ...shard, source: one }
      return { ...shard, rowGroup, rows, source: { ...one, range: { first, rows } } }
    })
  }

  /** A folder with a file a partition, or as many as it has folders by `partitionBy`; it appears as a whole. */
  async write(plan: Plan, target: WriteTarget): Promise<Written> {
    has(writeFormats[target.format])
    const { path, mode, format, partitionBy } = target
    const access = accessTo(path, "write", this.options.withKeys)
    checkPartitions(plan, partitionBy)
    const json = this.#json(plan)
    const commit = { path, mode, ending: format, partitioned: true, makesLocally: false }
    return commitWrite(commit, async ({ address: folder, pattern }) => {
      const params = { plan: json, format, folder, pattern, partitionBy, access }
      const rows = await this.#whole<number>("write", params, nameOf(plan))
      await this.#observe(plan, {})
      return rows
    })
  }

  async checkpoint(plan: Plan): Promise<string> {
    const name = `checkpoint-${randomUUID()}`
    await this.#whole("checkpoint", { plan: this.#json(plan), name }, nameOf(plan))
    await this.#observe(plan, {})
    return name
  }

  async unpersist({ key }: Cache): Promise<void> {
    this.#caches.delete(key)
    await this.#ask("forget", { name: `cache:${key}` })
  }

  /** Bytes are those of the partitions that are made already. */
  async kept(): Promise<readonly Kept[]> {
    const bytes = await this.#ask<Record<string, number>>("sizes", {})
    return [...this.#caches.values()].flatMap(cache => {
      const own = bytes[`cache:${cache.key}`]
      return own === undefined ? [] : [{ cache, bytes: own }]
    })
  }

  cancel(): void {
    for (const stop of this.#running) stop()
  }

  async close(): Promise<void> {
    this.cancel()
    this.options.monitor?.close()
    this.#views.clear()
    await this.options.process.close()
  }

  #ask<T>(method: string, params: object): Promise<T> {
    return this.options.process.ask<T>(method, params)
  }

  #json(plan: Plan): object {
    checkPlan(plan)
    for (const node of nodes(plan)) {
      if (node.op === "cache") this.#caches.set(node.key, node)
      const view = node.op === "stored" && node.kind === "table" ? this.#views.get(node.name) : undefined
      if (view !== undefined) checkPlan(view)
    }
    return planJson(plan, this.#views, source => this.#access(source))
  }

  /** Of the store that holds a source's files. */
  #access({ paths }: Source): Access | undefined {
    const buckets = new Set(paths.map(bucketOf))
    if (buckets.size > 1) {
      const what = `\`read\` of ${[...buckets].join(" and ")} at once`
      throw fail("NOT_ON_ENGINE", { engine: "dask", what, has: "duckdb" })
    }
    return paths.length === 0 ? undefined : accessTo(paths[0]!, "read", this.options.withKeys)
  }

  /** One answer for all rows; stopped like a query. */
  async #whole<T>(method: string, params: object, what: string): Promise<T> {
    const query = this.#begin(method, params, undefined, what, () => {})
    const answer = await query.last
    query.end(answer.type === "done" ? "ok" : query.cancelled ? "cancelled" : "error")
    if (answer.type === "done") return answer.value as T
    throw failure(query.cancelled ? "cancelled" : answer.kind, answer.message)
  }

  #begin(
    method: string,
    params: object,
    signal: AbortSignal | undefined,
    what: string,
    on: (answer: Answer) => void,
  ): Query {
    const signals = [signal, this.options.interrupt?.()].filter(one => one !== undefined)
    if (signals.some(one => one.aborted)) throw fail("QUERY_CANCELLED")
    const { process, monitor } = this.options
    const [id, last] = process.open(method, params, answer => {
      if (answer.type === "started") watch?.groups(answer.groups ?? [])
      on(answer)
    })
    const watch = monitor?.watch(what)
    const query = new Query(id, last, status => {
      this.#running.delete(stop)
      for (const one of signals) one.removeEventListener("abort", stop)
      if (status !== "ok") process.tell(id, "cancel")
      watch?.end(status)
    })
    const stop = () => {
      process.tell(id, "cancel")
      query.cancel()
    }
    for (const one of signals) one.addEventListener("abort", stop)
    this.#running.add(stop)
    return query
  }

  /** Observed numbers are a query of their own here, as on DuckDB. */
  async #observe(plan: Plan, { signal }: RunOptions): Promise<void> {
    for (const node of nodes(plan)) {
      if (node.op !== "observe") continue
      const numbers = new Aggregate(node.input, [], node.metrics)
      for await (const batch of this.#batches(numbers, signal))
        Observation.deliver(node.name, rowsOf(batch, numbers.schema, {})[0] ?? {})
    }
  }
}

interface Piece {
  readonly path: string
  readonly rowGroup: number | null
  readonly rows: number | null
  readonly bytes: number
}

type Status = "ok" | "error" | "cancelled"

class Query {
  cancelled = false
  onCancel = () => {}
  #ended = false

  constructor(
    readonly id: number,
    readonly last: Promise<Answer>,
    private readonly atEnd: (status: Status) => void,
  ) {}

  cancel(): void {
    this.cancelled = true
    this.onCancel()
  }

  /** The first word counts. */
  end(status: Status): void {
    if (this.#ended) return
    this.#ended = true
    this.atEnd(status)
  }
}

/** `s3://bucket`, or `files` for paths. */
function bucketOf(path: string): string {
  return /^\w+:\/\/[^/]+/.exec(path.replace(/^file:/i, ""))?.[0] ?? "files"
}

/** pyarrow names files of a store without its scheme. */
function addressOf(path: string, { paths }: Source): string {
  const scheme = /^(?!file:)\w+:\/\//i.exec(paths[0] ?? "")?.[0] ?? ""
  return scheme + path
}

function checkPartitions(plan: Plan, names: readonly string[]): void {
  for (const name of names) checkKey("partition a write by", plan.schema.type(name, "write"))
  if (names.length === 0 || names.length < plan.schema.fields.length) return
  const fix = "Leave a column for the files."
  throw fail("BAD_VALUE", { where: "write", name: "partitionBy", value: "every column", fix })
}

function checkOptions({ options }: Source): void {
  for (const name of ["ragged", "schema"] as const) {
    if (options[name] === undefined || options[name] === "error" || options[name] === "same") continue
    throw fail("NOT_ON_ENGINE", {
      engine: "dask",
      what: `option \`${name}: "${options[name]}"\``,
      has: "duckdb",
    })
  }
}

/** What the panel calls a query. */
function nameOf(plan: Plan): string {
  const files = [...new Set(scans(plan).flatMap(scan => scan.source.paths))]
  const more = files.length > 1 ? ` and ${files.length - 1} more` : ""
  return files.length === 0 ? plan.op : `${plan.op} of ${files[0]!.split("/").at(-1)}${more}`
}
