// DuckDB in this process as an `Engine`. Loads the native module at first use, keeps one instance and a connection for
// each query that runs; `close` frees them. Knows nothing of notebooks: the runner calls `cancel` on an interrupt.

import { randomUUID } from "node:crypto"
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
import { inputs, nodes, type Plan, scans } from "../../frame/nodes/plan.js"
import { Observation } from "../../frame/Observation.js"
import type { Shard } from "../../frame/Shard.js"
import type { Source } from "../../frame/Source.js"
import type { Field } from "../../frame/types.js"
import { rowsOf } from "../../frame/values.js"
import { addView } from "../../frame/views.js"
import { redact } from "../../store/redact.js"
import { writeArrowFile } from "./arrowFile.js"
import { ArrowTables } from "./arrowTables.js"
import { Connections, type InstanceOptions } from "./Connections.js"
import { explanationOf } from "./explain.js"
import { FileIndex } from "./FileIndex.js"
import { findSource } from "./findSource.js"
import { KeptTables } from "./KeptTables.js"
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
import { planSql, queryStatement, type Statement } from "./planSql.js"
import { checkCsv, queryError } from "./queryError.js"
import { quoteName } from "./quote.js"
import { Run } from "./Run.js"
import { StoreAccess } from "./StoreAccess.js"
import { checkSameColumns } from "./sameColumns.js"
import { ShardCatalog } from "./shards.js"
import { sourceSql } from "./sources.js"
import { passName } from "./stage.js"
import { allRows, bound, columnTypes, explainRows } from "./statements.js"
import { fromDuckdb } from "./types.js"
import { writeTarget } from "./write.js"

export interface DuckdbOptions extends InstanceOptions {
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
  readonly #connections: Connections
  readonly #running = new Set<Run>()
  readonly #views = new Map<string, Plan>()
  readonly #index = new FileIndex()
  readonly #catalog = new ShardCatalog(sql => this.#query({ sql, params: [] }), this.#index)
  readonly #access: StoreAccess
  readonly #arrow: ArrowTables
  readonly #tables: KeptTables

  constructor(private readonly options: DuckdbOptions) {
    const connections = new Connections(options)
    this.#connections = connections
    this.#arrow = new ArrowTables(connections.borrow, () => connections.duckdb)
    this.#access = new StoreAccess(
      connections.borrow,
      () => connections.duckdb.version(),
      options.extensionDirectory,
    )
    this.#tables = new KeptTables({
      connections,
      views: this.#views,
      open: sources => this.#open(sources),
      materialise: (plan, table) => this.#materialise(plan, table),
    })
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
    for (const plan of [...plans, ...this.#tables.viewsIn(text)]) await this.#tables.prepare(plan)
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
    addView(this.#views, name, plan, replace)
  }

  async checkpoint(plan: Plan): Promise<string> {
    const name = `shardlab_checkpoint_${randomUUID().replaceAll("-", "_")}`
    await this.#materialise(plan, name)
    return name
  }

  unpersist(cache: Cache): Promise<void> {
    return this.#tables.forget(cache)
  }

  kept(): Promise<readonly Kept[]> {
    return this.#tables.kept()
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
      yield* run.batches(statement, plan.schema.fields, options.rows ?? chunkRows)
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
    await this.#tables.prepare(plan)
    const statement = planSql(plan, this.#views)
    if (mode === "codegen") return statement.sql
    const connection = await this.#connections.take()
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
      this.#connections.giveBack(connection)
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
          return (await run.connection.run(...bound({ sql: statement(sql), params }))).rowsChanged
        },
        // Not as a prepared statement, in which the extension for Delta fails (basic_string::_M_create).
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
      return run.connection.run(...bound({ sql: `CREATE TABLE ${table} AS ${sql}`, params }))
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
      await fillTable(run.connection, node, this.#mapped(node, { signal }), rows, this.#connections.duckdb)
      if (run.cancelled) throw fail("QUERY_CANCELLED")
    }
  }

  cancel(): void {
    for (const run of this.#running) run.cancel()
  }

  async close(): Promise<void> {
    this.cancel()
    await this.#connections.close()
    this.#tables.clear()
    this.#views.clear()
    this.#arrow.close()
  }

  async #begin(plan: Plan, signal?: AbortSignal): Promise<Run> {
    const signals = [signal, this.options.interrupt?.()].filter(one => one !== undefined)
    if (signals.some(one => one.aborted)) throw fail("QUERY_CANCELLED")
    await this.#tables.prepare(plan)
    const shards = readsAll(plan) ? await this.shards(plan) : []
    const run = new Run(await this.#connections.take(), shards, passName(plan), signals)
    this.#running.add(run)
    return run
  }

  /** A connection whose query was stopped half-way is not used again. */
  async #finish(run: Run): Promise<void> {
    this.#running.delete(run)
    if (run.ended === undefined) run.cancel()
    if (run.ended === "ok" && this.#connections.open) {
      for (const table of run.tables) await dropTable(run.connection, table)
      this.#connections.giveBack(run.connection)
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

  async #columns(statement: Statement, source?: Source): Promise<(Field & { cast: boolean })[]> {
    const types = await this.#connections
      .borrow(connection => columnTypes(connection, statement))
      .catch(cause => {
        throw cause instanceof ShardlabError ? cause : queryError(cause, source ? [source] : [])
      })
    if (source?.format === "csv") checkCsv(source, types.length)
    return types.map(({ name, type }) => ({ name, ...fromDuckdb(type) }))
  }

  #query(statement: Statement): Promise<Record<string, unknown>[]> {
    return this.#connections
      .borrow(connection => allRows(connection, statement))
      .catch(cause => {
        throw queryError(cause, [])
      })
  }
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
