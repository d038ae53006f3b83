// `frame.write.parquet(...)`: what to write where. The engine does it, and leaves nothing half-written.

import { didYouMean, fail } from "../errors.js"
import type { Engine, WriteTarget, Written } from "./Engine.js"
import type { Plan } from "./nodes/plan.js"

export interface WriteOptions {
  /** `error` (default) refuses to touch an existing target, `overwrite` replaces it in one step. */
  readonly mode?: "error" | "overwrite"
  /** Columns that become folders, `origin=ORD/...`: the target is then a folder. */
  readonly partitionBy?: readonly string[]
}

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

  async #write(format: WriteTarget["format"], path: string, options: WriteOptions): Promise<Written> {
    const { mode = "error", partitionBy = [], ...rest } = options
    const where = `write.${format}`
    for (const name of Object.keys(rest)) {
      const known = ["mode", "partitionBy"]
      throw fail("UNKNOWN_OPTION", { where, name, nearest: didYouMean(name, known), known: known.join(", ") })
    }
    if (mode !== "error" && mode !== "overwrite") {
      throw fail("BAD_VALUE", { where, name: "mode", value: mode, fix: 'Give "error" or "overwrite".' })
    }
    for (const name of partitionBy) this.#plan.schema.type(name, where)
    return this.#engine.write(this.#plan, { format, path, mode, partitionBy })
  }
}
