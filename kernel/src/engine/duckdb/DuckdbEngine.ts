// DuckDB in this process as an `Engine`. Loads the native module at first use, keeps one instance and a connection for
// each query that runs; `close` frees them. Knows nothing of notebooks: the runner calls `cancel` on an interrupt.

import { randomUUID } from "node:crypto"
import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from "@duckdb/node-api"
import { didYouMean, fail, ShardlabError } from "../../errors.js"
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
import { type PartitionQuestion, prunedLines, type ScanFiles, scanFiles } from "../../frame/hivePruning.js"
import { rebatch } from "../../frame/joinBatches.js"
import { Aggregate } from "../../frame/nodes/Aggregate.js"
import type { Cache } from "../../frame/nodes/Cache.js"
import type { Local } from "../../frame/nodes/Local.js"
import { inputs, nodes, type Plan, scans } from "../../frame/nodes/plan.js"
import { Observation } from "../../frame/Observation.js"
import type { Shard } from "../../frame/Shard.js"
import type { Source } from "../../frame/Source.js"
import type { Field } from "../../frame/types.js"
import { rowsOf } from "../../frame/values.js"
import { redact } from "../../store/redact.js"
import { writeArrowFile } from "./arrowFile.js"
import { ArrowTables } from "./arrowTables.js"
import { BatchBuilder } from "./columns.js"
import { explainStatement, explanationOf } from "./explain.js"
import { FileIndex } from "./FileIndex.js"
import { findSource } from "./findSource.js"
import { loadLocal } from "./local.js"
import {
  createTable,
  dropTable,
  fillTable,
  isMapped,
  type Mapped,
  mappedBatches,
  mappedNodes,
  rowsNeeded,
} from "./mapped.js"
import { partitionStatement, prunesBy } from "./partitions.js"
import { cacheTable, localTable, planSql, queryStatement, type Statement } from "./planSql.js"
import { checkCsv, queryError } from "./queryError.js"
import { quoteName } from "./quote.js"
import { StoreAccess } from "./StoreAccess.js"
import { checkSameColumns } from "./sameColumns.js"
import { ShardCatalog } from "./shards.js"
import { sourceSql } from "./sources.js"
import { passName, Stage } from "./stage.js"
import { fromDuckdb } from "./types.js"
import { writeTarget } from "./write.js"

export interface DuckdbOptions {
  /** As DuckDB writes it: `"4GB"`. Default: 80 % of the machine. Beyond it, large operators spill to disk. */
  readonly memoryLimit?: string
  /** Threads of one query; default: all cores. */
  readonly threads?: number
  /** Where extensions that are already on this machine lie. None is ever downloaded. */
  readonly extensionDirectory?: string
  /** Asked when a query begins: its abort stops the query, besides a signal of the call. */
  readonly interrupt?: () => AbortSignal
}

const chunkRows = 2048
/** Of one record batch in Arrow files that we write. */
const recordRows = 65_536
/** Parquet files whose footers are read when a source is described. */
const mostFooters = 64

export function duckdbEngine(options: DuckdbOptions = {}): Engine {
  return new DuckdbEngine(options)
}

class DuckdbEngine implements Engine {
  readonly name = "duckdb"
  #started: Promise<DuckDBInstance> | undefined
  #module: typeof import("@duckdb/node-api") | undefined
  readonly #idle: DuckDBConnection[] = []
  readonly #running = new Set<Run>()
  readonly #locals = new Map<number, Promise<void>>()
  readonly #caches = new Map<string, { readonly cache: Cache; readonly filled: Promise<void> }>()
  readonly #views = new Map<string, Plan>()
  readonly #index = new FileIndex()
  readonly #catalog = new ShardCatalog(sql => this.#query({ sql, params: [] }), this.#index)
  readonly #access: StoreAccess
  readonly #arrow = new ArrowTables(
    work => this.#borrow(work),
    () => this.#module!,
  )

  constructor(private readonly options: DuckdbOptions) {
    this.#access = new StoreAccess(
      work => this.#borrow(work),
      () => this.#module!.version(),
      options.extensionDirectory,
    )
  }

  async describe(source: Source): Promise<Described> {
    const found = await findSource(source, this.#index)
    await this.#open([found])
    await checkSameColumns(found, sql => this.#query({ sql, params: [] }))
    const columns = await this.#columns({ sql: `SELECT * FROM ${sourceSql(found)}`, params: [] }, found)
    const cast = columns.filter(column => column.cast).map(column => column.name)
    const nulls = await this.#nulls(found)
    const fields = columns.map(({ name, type }): Field => {
      const count = nulls.get(name)
      return count === undefined ? { name, type } : { name, type, nullable: count > 0 }
    })
    return { source: cast.length === 0 ? found : { ...found, cast }, fields }
  }

  /** What footers say of NULLs; of many files it is not asked, because each footer is a read. */
  async #nulls(source: Source): Promise<ReadonlyMap<string, number>> {
    const few = source.format === "parquet" && source.paths.length <= mostFooters
    return few ? this.#catalog.nulls(source) : new Map()
  }

  async describeSql({ text, params, inputs: plans }: SqlText): Promise<readonly Field[]> {
    for (const plan of [...plans, ...this.#viewsIn(text)]) await this.#prepare(plan)
    const columns = await this.#columns(queryStatement(text, params, plans, this.#views))
    return columns.map(({ name, type }) => ({ name, type }))
  }

  async describeTable(name: string): Promise<readonly Field[]> {
    const view = this.#views.get(name)
    if (view !== undefined) return view.schema.fields
    const table = name.split(".").map(quoteName).join(".")
    const columns = await this.#columns({ sql: `SELECT * FROM ${table}`, params: [] }).catch(cause => {
      throw fail("TABLE_MISSING", { name, nearest: didYouMean(name, this.#views.keys()) }, cause)
    })
    return columns.map(({ name: column, type }) => ({ name: column, type }))
  }

  async createView(name: string, plan: Plan, replace: boolean): Promise<void> {
    if (this.#views.has(name) && !replace) throw fail("TABLE_EXISTS", { name })
    if (nodes(plan).some(node => node.op === "stored" && node.name === name))
      throw fail("TYPE_MISMATCH", {
        operation: "createView",
        problem: `the view \`${name}\` reads itself`,
        fix: "Choose another name.",
      })
    this.#views.set(name, plan)
  }

  async checkpoint(plan: Plan): Promise<string> {
    const name = `shardlab_checkpoint_${randomUUID().replaceAll("-", "_")}`
    await this.#materialise(plan, name)
    return name
  }

  async unpersist({ key }: Cache): Promise<void> {
    const kept = this.#caches.get(key)
    this.#caches.delete(key)
    if (kept === undefined) return
    await kept.filled.catch(() => {})
    await this.#query({ sql: `DROP TABLE IF EXISTS ${cacheTable(key)}`, params: [] })
  }

  /** Tables of this process's memory have no size in bytes that DuckDB would tell. */
  async kept(): Promise<readonly Kept[]> {
    const found: Kept[] = []
    for (const { cache, filled } of this.#caches.values()) {
      await filled.catch(() => {}) // then it is not there any more
      if (!this.#caches.has(cache.key)) continue
      const [row] = await this.#query({
        sql: `SELECT count(*) AS n FROM ${cacheTable(cache.key)}`,
        params: [],
      })
      found.push({ cache, rows: Number(row!.n) })
    }
    return found
  }

  async *stream(plan: Plan, options: RunOptions = {}): AsyncGenerator<ColumnBatch> {
    if (isMapped(plan)) {
      const batches = this.#mapped(plan, options)
      yield* options.rows === undefined ? batches : rebatch(batches, options.rows)
      return
    }
    const run = await this.#begin(plan, options.signal)
    try {
      await this.#fillMapped(plan, run, options)
      const statement = planSql(plan, this.#views)
      await run.connection.run("BEGIN")
      const result = await run.connection.stream(...args(statement))
      yield* batches(result, plan.schema.fields, options.rows ?? chunkRows)
      await checkComplete(run, statement)
      await this.#observe(plan, options)
      run.end("ok")
    } catch (cause) {
      const error = await this.#explain(cause, run, plan)
      run.end(error.code === "QUERY_CANCELLED" ? "cancelled" : "error")
      throw error
    } finally {
      await this.#finish(run)
    }
  }

  async explain(plan: Plan, mode: ExplainMode = "simple"): Promise<string> {
    await this.#prepare(plan)
    const statement = planSql(plan, this.#views)
    if (mode === "codegen") return statement.sql
    const connection = await this.#connect()
    const mapped = mappedNodes(plan)
    try {
      for (const node of mapped) await createTable(connection, node)
      const rows = await explainRows(connection, statement, mode)
      const below = await Promise.all(
        mapped.map(async ({ op, input }) => [op, await this.explain(input, mode)]),
      )
      return [
        redact(explanationOf(rows, mode)),
        ...prunedLines(await this.#scanFiles(plan)),
        ...below.map(([op, input]) => `the input of ${op}\n${input}`),
      ].join("\n")
    } catch (cause) {
      throw cause instanceof ShardlabError ? cause : queryError(cause, [])
    } finally {
      for (const node of mapped) await dropTable(connection, node)
      this.#idle.push(connection)
    }
  }

  async shards(plan: Plan): Promise<readonly Shard[]> {
    await this.#open(scans(plan).map(scan => scan.source))
    const read = await this.#scanFiles(plan)
    const found = await Promise.all(read.map(({ scan, files }) => this.#catalog.shards(scan, files)))
    return found.flat().map((shard, id) => ({ id, ...shard }))
  }

  #scanFiles(plan: Plan): Promise<readonly ScanFiles[]> {
    const canHold = async (question: PartitionQuestion) => {
      const found = await this.#query(partitionStatement(question))
      const can = new Set(found.map(({ i }) => Number(i)))
      return question.rows.map((_, i) => can.has(i))
    }
    return scanFiles(plan, { prunesBy, canHold })
  }

  async write(plan: Plan, target: WriteTarget): Promise<Written> {
    return this.#whole(plan, run =>
      writeTarget(target, {
        copy: async statement => {
          const { sql, params } = planSql(plan, this.#views)
          return (await run.connection.run(...args({ sql: statement(sql), params }))).rowsChanged
        },
        run: async sql => (await run.connection.runAndReadAll(sql)).getRowObjectsJS(),
        arrow: file => writeArrowFile(file, plan.schema.fields, this.stream(plan, { rows: recordRows })),
        access: this.#access,
      }),
    )
  }

  /** The plan's rows as a table of the instance, which spills to disk like any other. */
  #materialise(plan: Plan, table: string): Promise<unknown> {
    return this.#whole(plan, run => {
      const { sql, params } = planSql(plan, this.#views)
      return run.connection.run(...args({ sql: `CREATE TABLE ${table} AS ${sql}`, params }))
    })
  }

  /** One statement over all rows of a plan, as a run that the panel sees and that can be stopped. */
  async #whole<T>(plan: Plan, work: (run: Run) => Promise<T>): Promise<T> {
    const run = await this.#begin(plan)
    try {
      await this.#fillMapped(plan, run, {})
      const result = await work(run)
      await this.#observe(plan, {})
      run.end("ok")
      return result
    } catch (cause) {
      const error = await this.#explain(cause, run, plan)
      run.end(error.code === "QUERY_CANCELLED" ? "cancelled" : "error")
      throw error
    } finally {
      await this.#finish(run)
    }
  }

  /** Observed numbers are a query of their own here: what a limit above them leaves out is in them too. */
  async #observe(plan: Plan, { signal }: RunOptions): Promise<void> {
    for (const node of nodes(plan)) {
      if (node.op !== "observe") continue
      const numbers = new Aggregate(node.input, [], node.metrics)
      for await (const batch of this.stream(numbers, { signal }))
        Observation.deliver(node.name, rowsOf(batch, numbers.schema, {})[0] ?? {})
    }
  }

  #mapped(plan: Mapped, options: RunOptions): AsyncGenerator<ColumnBatch> {
    return mappedBatches(plan, (input, inner) => this.stream(input, inner), options)
  }

  /** Runs the plan's functions into the tables that its SQL reads. */
  async #fillMapped(plan: Plan, run: Run, { signal }: RunOptions): Promise<void> {
    for (const node of mappedNodes(plan)) {
      const rows = rowsNeeded(plan, node)
      run.tables.push(node)
      await fillTable(run.connection, node, this.#mapped(node, { signal }), rows, this.#module!)
      if (run.cancelled) throw fail("QUERY_CANCELLED")
    }
  }

  cancel(): void {
    for (const run of this.#running) run.cancel()
  }

  async close(): Promise<void> {
    this.cancel()
    const instance = await this.#started
    this.#started = undefined
    this.#locals.clear()
    this.#caches.clear()
    this.#views.clear()
    for (const connection of this.#idle.splice(0)) connection.closeSync()
    instance?.closeSync()
    this.#arrow.close()
  }

  #instance(): Promise<DuckDBInstance> {
    this.#started ??= this.#start()
    return this.#started
  }

  async #start(): Promise<DuckDBInstance> {
    this.#module = await import("@duckdb/node-api")
    const { memoryLimit, threads, extensionDirectory } = this.options
    const settings: Record<string, string> = { autoinstall_known_extensions: "false" }
    if (memoryLimit !== undefined) settings.memory_limit = memoryLimit
    if (threads !== undefined) settings.threads = String(threads)
    if (extensionDirectory !== undefined) settings.extension_directory = extensionDirectory
    return this.#module.DuckDBInstance.create(":memory:", settings)
  }

  async #connect(): Promise<DuckDBConnection> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    const connection = await (await this.#instance()).connect()
    await connection.run(
      "SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET TimeZone = 'UTC'",
    )
    return connection
  }

  async #begin(plan: Plan, signal?: AbortSignal): Promise<Run> {
    const signals = [signal, this.options.interrupt?.()].filter(one => one !== undefined)
    if (signals.some(one => one.aborted)) throw fail("QUERY_CANCELLED")
    await this.#prepare(plan)
    const shards = readsAll(plan) ? await this.shards(plan) : []
    const run = new Run(await this.#connect(), shards, passName(plan), signals)
    this.#running.add(run)
    return run
  }

  /** A connection whose query was stopped half-way is not used again. */
  async #finish(run: Run): Promise<void> {
    this.#running.delete(run)
    if (run.ended === undefined) run.cancel()
    if (run.ended === "ok" && this.#started) {
      for (const table of run.tables) await dropTable(run.connection, table)
      this.#idle.push(run.connection)
    } else run.connection.closeSync()
    if (run.ended === undefined) run.end("cancelled")
  }

  async #explain(cause: unknown, run: Run, plan: Plan): Promise<ShardlabError> {
    if (run.cancelled) return fail("QUERY_CANCELLED", {}, cause)
    return cause instanceof ShardlabError
      ? cause
      : queryError(
          cause,
          scans(plan).map(scan => scan.source),
        )
  }

  async #open(sources: readonly Source[]): Promise<void> {
    await this.#access.open(sources)
    for (const source of sources) {
      if (source.format !== "arrow") continue
      for (const path of source.paths) await this.#arrow.load(await this.#index.file(path))
    }
  }

  async #borrow<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#connect()
    try {
      return await work(connection)
    } finally {
      this.#idle.push(connection)
    }
  }

  /** Brings into tables what the plan's SQL reads from tables: rows from JavaScript, caches, what views are made of. */
  async #prepare(plan: Plan): Promise<void> {
    if (plan.op === "scan") return this.#open([plan.source])
    if (plan.op === "local") return this.#loadLocal(plan)
    if (plan.op === "cache") return this.#fillCache(plan)
    const views = plan.op === "sql" ? this.#viewsIn(plan.text) : []
    const view = plan.op === "stored" ? this.#views.get(plan.name) : undefined
    for (const input of [...inputs(plan), ...views, ...(view ? [view] : [])]) await this.#prepare(input)
  }

  #viewsIn(text: string): Plan[] {
    return [...this.#views].filter(([name]) => text.includes(name)).map(([, plan]) => plan)
  }

  #fillCache(cache: Cache): Promise<void> {
    const { key, input } = cache
    const known = this.#caches.get(key)
    if (known !== undefined) return known.filled
    const filled = this.#materialise(input, cacheTable(key)).then(() => {})
    this.#caches.set(key, { cache, filled })
    filled.catch(() => this.#caches.delete(key))
    return filled
  }

  #loadLocal(node: Local): Promise<void> {
    const known = this.#locals.get(node.planId)
    if (known !== undefined) return known
    const loading = this.#connect().then(async connection => {
      await loadLocal(connection, localTable(node.planId), node, this.#module!)
      this.#idle.push(connection)
    })
    this.#locals.set(node.planId, loading)
    return loading
  }

  async #columns(statement: Statement, source?: Source): Promise<(Field & { cast: boolean })[]> {
    const connection = await this.#connect()
    try {
      const columns = (await columnTypes(connection, statement)).map(({ name, type }) => ({
        name,
        ...fromDuckdb(type),
      }))
      if (source?.format === "csv") checkCsv(source, columns.length)
      return columns
    } catch (cause) {
      throw cause instanceof ShardlabError ? cause : queryError(cause, source ? [source] : [])
    } finally {
      this.#idle.push(connection)
    }
  }

  async #query(statement: Statement): Promise<Record<string, unknown>[]> {
    const connection = await this.#connect()
    try {
      return (await connection.runAndReadAll(...args(statement))).getRowObjectsJS()
    } catch (cause) {
      throw queryError(cause, [])
    } finally {
      this.#idle.push(connection)
    }
  }
}

/** One query on one connection: it can be stopped, and it tells the panel how far it is. */
class Run {
  cancelled = false
  ended: "ok" | "error" | "cancelled" | undefined
  /** Temporary tables that go when it ends. */
  readonly tables: Mapped[] = []
  readonly #stage: Stage | undefined
  readonly #onAbort = () => this.cancel()

  constructor(
    readonly connection: DuckDBConnection,
    shards: readonly Shard[],
    name: string,
    private readonly signals: readonly AbortSignal[],
  ) {
    for (const signal of signals) signal.addEventListener("abort", this.#onAbort)
    if (shards.length > 0) this.#stage = new Stage(shards, name, () => connection.progress)
  }

  cancel(): void {
    this.cancelled = true
    this.connection.interrupt()
  }

  end(status: "ok" | "error" | "cancelled"): void {
    this.ended = status
    for (const signal of this.signals) signal.removeEventListener("abort", this.#onAbort)
    this.#stage?.end(status)
  }
}

/**
 * A stream that failed half-way ends just like one that is complete: node-api 1.5.5 drops the error (duckdb-rs#664 and
 * #832 are the same bug). But a failure also aborts the transaction, so that is what is asked here. The message is lost
 * by then; running the statement again without its result (EXPLAIN ANALYZE) brings it back.
 */
async function checkComplete(run: Run, statement: Statement): Promise<void> {
  if (run.cancelled) throw fail("QUERY_CANCELLED")
  const alive = await run.connection.run("SELECT 1").then(
    () => true,
    () => false,
  )
  await run.connection.run(alive ? "COMMIT" : "ROLLBACK")
  if (alive) return
  await run.connection.run(...args({ ...statement, sql: `EXPLAIN ANALYZE ${statement.sql}` }))
  throw fail("QUERY_FAILED", { engine: "duckdb", problem: "the result ended early", fix: "Run it again." })
}

async function explainRows(
  connection: DuckDBConnection,
  { sql, params }: Statement,
  mode: ExplainMode,
): Promise<Record<string, unknown>[]> {
  const output = mode === "extended" ? "all" : "physical_only"
  await connection.run(`SET explain_output = '${output}'`)
  try {
    return (
      await connection.runAndReadAll(...args({ sql: explainStatement(sql, mode), params }))
    ).getRowObjectsJS()
  } finally {
    await connection.run("RESET explain_output")
  }
}

/** Names and DuckDB types of a statement's columns, without running it. */
async function columnTypes(
  connection: DuckDBConnection,
  statement: Statement,
): Promise<{ name: string; type: string }[]> {
  const prepared = await connection.prepare(statement.sql)
  try {
    const indices = Array.from({ length: prepared.columnCount }, (_, i) => i)
    const resolved = indices.every(i => prepared.columnTypeId(i) !== unresolved)
    if (resolved)
      return indices.map(i => ({ name: prepared.columnName(i), type: String(prepared.columnType(i)) }))
    const result = await connection.run(
      ...args({ ...statement, sql: `SELECT * FROM (${statement.sql}\n) LIMIT 0` }),
    )
    return result.columnNames().map((name, i) => ({ name, type: String(result.columnType(i)) }))
  } finally {
    prepared.destroySync()
  }
}
/** DuckDB's type number of a column whose type hangs on a parameter's value. */
const unresolved = 0

function args({ sql, params }: Statement): [string, (string | number | bigint | boolean)[]] {
  return [sql, [...params]]
}

/** Fills batches from chunks: whole blocks are copied, nothing is kept but the batch in the making. */
async function* batches(
  result: DuckDBResult,
  fields: readonly Field[],
  rows: number,
): AsyncGenerator<ColumnBatch> {
  let builder = new BatchBuilder(fields, rows)
  for (
    let chunk = await result.fetchChunk();
    chunk !== null && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    for (let at = 0; at < chunk.rowCount; ) {
      at += builder.take(chunk, at)
      if (!builder.full) continue
      yield builder.batch()
      builder = new BatchBuilder(fields, rows)
    }
  }
  if (builder.rows > 0) yield builder.batch()
}

/** False when only some rows are read (a limit above plain scans) or none (a count that the metadata answers). */
function readsAll(plan: Plan): boolean {
  if (plan.op === "limit") return inputs(plan).some(hasBarrier)
  if (plan.op === "aggregate" && plan.input.op === "scan" && plan.keys.length === 0) {
    return plan.values.some(
      ({ expr }) => !(expr.op === "aggregate" && expr.name === "count" && expr.args.length === 0),
    )
  }
  return true
}

/** Something below has to see all its input before it gives a row. */
function hasBarrier(plan: Plan): boolean {
  return (
    ["aggregate", "sort", "distinct", "join", "sql", "mapGroups"].includes(plan.op) ||
    inputs(plan).some(hasBarrier)
  )
}
