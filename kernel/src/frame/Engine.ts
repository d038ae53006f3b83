// The seam between frames and what runs them. An engine takes plans and gives columns; it owns its connections and
// temporary tables and frees them in `close`. It is not a planner of what to show, and it never sees a DataFrame.
// engine/duckdb is one; test/doubles/evaluatePlan.ts says in plain JavaScript what a plan means.

import type { ColumnBatch } from "./ColumnBatch.js"
import type { Literal } from "./ExprNode.js"
import type { Cache } from "./nodes/Cache.js"
import type { Plan } from "./nodes/plan.js"
import type { Shard } from "./Shard.js"
import type { Source } from "./Source.js"
import type { Field } from "./types.js"

export interface Engine {
  /** For messages: `duckdb`. */
  readonly name: string
  /** Resolves a source to its files and columns without reading rows. Fails when it is missing or malformed. */
  describe(source: Source): Promise<Described>
  /** The columns that an engine's own SQL would give; frames are inputs `{0}`, `{1}` in the text. */
  describeSql(query: SqlText): Promise<readonly Field[]>
  /** Runs the plan. Stopping early (or the signal) stops the engine. Batches come as the engine makes them. */
  stream(plan: Plan, options?: RunOptions): AsyncIterable<ColumnBatch>
  /** What was pushed down and how it will run, as text; runs nothing. */
  explain(plan: Plan, mode?: ExplainMode): Promise<string>
  /** The real units of the plan's sources: row groups, files, partitions. */
  shards(plan: Plan): Promise<readonly Shard[]>
  /** Writes all rows; nothing half-written is left behind when it fails. */
  write(plan: Plan, target: WriteTarget): Promise<Written>
  /** The columns of a table or view by name. */
  describeTable(name: string): Promise<readonly Field[]>
  /** Names a plan for SQL. Fails when the name is taken, unless it may be replaced. */
  createView(name: string, plan: Plan, replace: boolean): Promise<void>
  /** Computes the rows, keeps them for the session and gives their name (`Stored`). */
  checkpoint(plan: Plan): Promise<string>
  /** Forgets the rows that a `Cache` node keeps. */
  unpersist(cache: Cache): Promise<void>
  /** The `Cache` nodes whose rows are kept now, with what the engine knows of their size. */
  kept(): Promise<readonly Kept[]>
  /** Stops everything that runs now; each stopped call fails with QUERY_CANCELLED. */
  cancel(): void
  close(): Promise<void>
}

export interface Kept {
  readonly cache: Cache
  readonly rows?: number
  readonly bytes?: number
}

export type ExplainMode = "simple" | "extended" | "codegen" | "cost" | "formatted"
export const explainModes: readonly ExplainMode[] = ["simple", "extended", "codegen", "cost", "formatted"]

export interface Described {
  readonly source: Source
  readonly fields: readonly Field[]
}
export interface SqlText {
  readonly text: string
  readonly params: readonly Literal[]
  readonly inputs: readonly Plan[]
}
export interface RunOptions {
  readonly signal?: AbortSignal
  /** Rows a batch; the engine's own size when left out. */
  readonly rows?: number
}
export type WriteFormat = "parquet" | "csv" | "json" | "arrow" | "avro" | "excel" | "delta" | "table"
export interface WriteTarget {
  readonly format: WriteFormat
  /** A file, a folder, or a database's address. */
  readonly path: string
  readonly mode: "error" | "overwrite" | "append" | "ignore"
  /** Of a database. */
  readonly table?: string
  readonly partitionBy: readonly string[]
}
export interface Written {
  readonly path: string
  readonly rows: number
}
