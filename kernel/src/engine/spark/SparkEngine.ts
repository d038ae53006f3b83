// A Spark Connect server as an `Engine`: lowers plans, runs them as operations, decodes their rows. It owns its session
// and what runs in it and frees both in `close`; the server itself is whoever started it's.

import { randomUUID } from "node:crypto"
import type { MessageInitShape } from "@bufbuild/protobuf"
import { fail } from "../../errors.js"
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
import { prunedLines, type ScanFiles, scanFiles } from "../../frame/hivePruning.js"
import { rebatch } from "../../frame/joinBatches.js"
import type { Cache } from "../../frame/nodes/Cache.js"
import { type Plan, scans } from "../../frame/nodes/plan.js"
import type { Shard } from "../../frame/Shard.js"
import type { Source } from "../../frame/Source.js"
import type { Field } from "../../frame/types.js"
import { type Capabilities, checkPlan } from "./capabilities.js"
import { ChunkJoiner } from "./chunks.js"
import { Execution } from "./Execution.js"
import {
  type ExecutePlanResponse,
  AnalyzePlanRequest_Explain_ExplainMode as SparkExplainMode,
} from "./gen/spark/connect/base_pb.js"
import type { CommandSchema } from "./gen/spark/connect/commands_pb.js"
import type { Monitor } from "./monitor/Monitor.js"
import { deliverObserved } from "./observed.js"
import type { OperationRecorder } from "./operationLog.js"
import { sparkPruner } from "./partitions.js"
import { clusterPaths, fileShards, inputFiles } from "./paths.js"
import { readRelation } from "./readRelation.js"
import type { PlanInit, Session } from "./Session.js"
import { SqlCommands } from "./sqlCommands.js"
import { StoredRows } from "./stored.js"
import { columnsOf } from "./types.js"
import { learnPython } from "./userFunctions.js"
import { write } from "./write.js"

export interface SparkEngineOptions {
  readonly session: Session
  readonly capabilities: Capabilities
  /** Watches operations for the panel. */
  readonly monitor?: Monitor
  readonly recorder?: OperationRecorder
  /** Asked when a query begins: its abort stops the query, besides a signal of the call. */
  readonly interrupt?: () => AbortSignal
  /** Asked when a query begins: a name that groups the operations of one cell. */
  readonly tag?: () => string | undefined
}

export class SparkEngine implements Engine {
  readonly #running = new Set<Execution>()
  readonly #commands: SqlCommands
  readonly #stored: StoredRows

  constructor(private readonly options: SparkEngineOptions) {
    this.#commands = new SqlCommands(this)
    const sizes = async () => options.monitor?.keptRows?.()
    this.#stored = new StoredRows(this, plan => this.#commands.relation(plan), sizes)
  }

  /** `spark` or `sail`. */
  get name(): string {
    return this.options.capabilities.product
  }
  get session(): Session {
    return this.options.session
  }
  get capabilities(): Capabilities {
    return this.options.capabilities
  }

  async describe(source: Source): Promise<Described> {
    const paths = await clusterPaths(source, this.session.transport.address, this.capabilities)
    const found: Source = { ...source, ...paths }
    const columns = columnsOf(await this.session.schema(root(readRelation(found))))
    const cast = columns.filter(column => column.cast).map(column => column.name)
    const fields = columns.map(({ name, type }) => ({ name, type }))
    return { source: cast.length === 0 ? found : { ...found, cast }, fields }
  }

  describeSql(query: SqlText): Promise<readonly Field[]> {
    return this.#commands.describe(query)
  }

  async *stream(plan: Plan, options: RunOptions = {}): AsyncGenerator<ColumnBatch> {
    const batches = breathe(this.#batches(plan, options.signal))
    yield* options.rows === undefined ? batches : rebatch(batches, options.rows)
  }

  async *#batches(plan: Plan, signal?: AbortSignal): AsyncGenerator<ColumnBatch> {
    try {
      yield* this.#results(plan, signal)
    } catch (error) {
      // Refused before any row: the executors' Python is another one than was taken for granted.
      if (!learnPython(error)) throw error
      yield* this.#results(plan, signal)
    }
  }

  async *#results(plan: Plan, signal?: AbortSignal): AsyncGenerator<ColumnBatch> {
    const { fields } = plan.schema
    const joiner = new ChunkJoiner()
    const lowered = this.#plan(plan)
    await this.#stored.keep(plan)
    for await (const response of this.run(lowered, { signal, what: planName(plan) })) {
      deliverObserved(response)
      const { responseType } = response
      if (responseType.case !== "arrowBatch") continue
      const bytes = joiner.add(responseType.value)
      if (bytes === undefined) continue
      for (const batch of decodeBatches(bytes, fields)) if (batch.rows > 0) yield batch
    }
  }

  async explain(plan: Plan, mode: ExplainMode = "formatted"): Promise<string> {
    const told = await this.session.explain(this.#plan(plan), explainModes[mode])
    return [told.trimEnd(), ...prunedLines(await this.#scanFiles(plan))].join("\n")
  }

  describeTable(name: string): Promise<readonly Field[]> {
    return this.#stored.describeTable(name)
  }

  createView(name: string, plan: Plan, replace: boolean): Promise<void> {
    return this.#stored.createView(name, plan, replace)
  }

  checkpoint(plan: Plan): Promise<string> {
    return this.#stored.checkpoint(plan)
  }

  unpersist(cache: Cache): Promise<void> {
    return this.#stored.forget(cache)
  }

  kept(): Promise<readonly Kept[]> {
    return this.#stored.kept()
  }

  async shards(plan: Plan): Promise<readonly Shard[]> {
    const found = (await this.#scanFiles(plan)).flatMap(read => fileShards(this, read))
    return found.map((shard, id) => ({ id, ...shard }))
  }

  #scanFiles(plan: Plan): Promise<readonly ScanFiles[]> {
    const pruner = sparkPruner(question => this.stream(question))
    return scanFiles(plan, pruner, scan => inputFiles(this, scan))
  }

  async write(plan: Plan, target: WriteTarget): Promise<Written> {
    checkPlan(this.capabilities, plan)
    await this.#stored.keep(plan)
    return write(this, this.#commands.relation(plan), target)
  }

  /** Runs a command of Spark's. */
  runCommand(
    value: MessageInitShape<typeof CommandSchema>,
    what: string,
  ): AsyncGenerator<ExecutePlanResponse> {
    return this.run({ opType: { case: "command", value } }, { what })
  }

  /** Runs a plan or a command; each response once. Stopping early or an interrupt of the cell stops it on the server. */
  async *run(
    plan: PlanInit,
    { signal, what }: { signal?: AbortSignal | undefined; what: string },
  ): AsyncGenerator<ExecutePlanResponse> {
    const signals = [signal, this.options.interrupt?.()].filter(one => one !== undefined)
    if (signals.some(one => one.aborted)) throw fail("QUERY_CANCELLED")
    const tag = this.options.tag?.()
    const { recorder, monitor } = this.options
    const execution = new Execution(this.session, plan, {
      operationId: randomUUID(),
      ...(tag !== undefined && { tags: [tag] }),
      ...(recorder !== undefined && { recorder, record: { what } }),
    })
    const stop = () => void execution.stop()
    for (const one of signals) one.addEventListener("abort", stop)
    this.#running.add(execution)
    const watch = monitor?.watch(execution.id, what)
    let status: "ok" | "error" | "cancelled" = "cancelled"
    try {
      for await (const response of execution.responses()) {
        watch?.take(response)
        yield response
      }
      status = "ok"
    } catch (error) {
      if ((error as { code?: string }).code !== "QUERY_CANCELLED") status = "error"
      throw error
    } finally {
      watch?.end(status)
      this.#running.delete(execution)
      for (const one of signals) one.removeEventListener("abort", stop)
    }
  }

  cancel(): void {
    for (const execution of this.#running) void execution.stop()
  }

  /** Stops all operations of a cell by its tag, also those of other connections to the session. */
  interruptTag(tag: string): Promise<readonly string[]> {
    return this.session.interrupt({ tag })
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map(execution => execution.stop()))
    this.options.monitor?.close()
    await this.session.release()
    this.session.transport.close()
  }

  #plan(plan: Plan): PlanInit {
    checkPlan(this.capabilities, plan)
    return root(this.#commands.relation(plan))
  }
}

const explainModes: Readonly<Record<ExplainMode, SparkExplainMode>> = {
  simple: SparkExplainMode.SIMPLE,
  extended: SparkExplainMode.EXTENDED,
  codegen: SparkExplainMode.CODEGEN,
  cost: SparkExplainMode.COST,
  formatted: SparkExplainMode.FORMATTED,
}

export function root(value: Extract<NonNullable<PlanInit["opType"]>, { case: "root" }>["value"]): PlanInit {
  return { opType: { case: "root", value } }
}

/** What lists of operations call a query. */
function planName(plan: Plan): string {
  const files = [...new Set(scans(plan).flatMap(scan => scan.source.paths))].map(path =>
    path.split("/").at(-1),
  )
  const rest = files.length > 1 ? ` and ${files.length - 1} more` : ""
  return files.length === 0 ? plan.op : `${plan.op} of ${files[0]}${rest}`
}
