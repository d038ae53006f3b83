// `frame.write.parquet(...)`: what to write where. The engine does it, and leaves nothing half-written.

import { checkOptions, fail } from "../errors.js"
import type { Engine, WriteTarget, Written } from "./Engine.js"
import type { Plan } from "./nodes/plan.js"

export interface WriteOptions {
  /** When the target exists: `error` (default) refuses, `overwrite` replaces it in one step, `append` adds to it (a folder
   *  or a table), `ignore` leaves it as it is and writes nothing. */
  readonly mode?: WriteTarget["mode"]
  /** Columns that become folders, `origin=ORD/...`: the target is then a folder. */
  readonly partitionBy?: readonly string[]
}
export type ModeOption = Pick<WriteOptions, "mode">

const modes: readonly string[] = ["error", "overwrite", "append", "ignore"]

/** Paths are files, or folders when they end in `/`, are appended to or partitioned; here or in a store (s3:// ...). */
export class Writer {
  readonly #plan: Plan
  readonly #engine: Engine

  constructor(plan: Plan, engine: Engine) {
    this.#plan = plan
    this.#engine = engine
  }

  parquet(path: string, options: WriteOptions = {}): Promise<Written> {
    return this.#write("parquet", path, options)
  }
  /** With a line of names. */
  csv(path: string, options: WriteOptions = {}): Promise<Written> {
    return this.#write("csv", path, options)
  }
  /** One object a line. */
  json(path: string, options: WriteOptions = {}): Promise<Written> {
    return this.#write("json", path, options)
  }

  /** Arrow IPC (Feather version 2). */
  arrow(path: string, options: ModeOption = {}): Promise<Written> {
    return this.#write("arrow", path, options)
  }
  avro(path: string, options: ModeOption = {}): Promise<Written> {
    return this.#write("avro", path, options)
  }
  /** A workbook (.xlsx) of one sheet. */
  excel(path: string, options: ModeOption = {}): Promise<Written> {
    return this.#write("excel", path, options)
  }
  /** Adds rows to a Delta table that exists; making one is not in the engine. */
  delta(folder: string): Promise<Written> {
    return this.#write("delta", folder, { mode: "append" })
  }
  /** A table of PostgreSQL, MySQL, SQLite or DuckDB, in one transaction: see `read.table` for the addresses. */
  table(database: string, table: string, options: ModeOption = {}): Promise<Written> {
    return this.#write("table", database, options, table)
  }

  async #write(
    format: WriteTarget["format"],
    path: string,
    options: WriteOptions,
    table?: string,
  ): Promise<Written> {
    const { mode = "error", partitionBy = [] } = options
    const where = `write.${format}`
    checkOptions(where, options, ["mode", "partitionBy"])
    if (!modes.includes(mode)) {
      const fix = `Give ${modes.map(known => `"${known}"`).join(", ")}.`
      throw fail("BAD_VALUE", { where, name: "mode", value: mode, fix })
    }
    for (const name of partitionBy) this.#plan.schema.type(name, where)
    const target = { format, path, mode, partitionBy, ...(table === undefined ? {} : { table }) }
    return this.#engine.write(this.#plan, target)
  }
}
