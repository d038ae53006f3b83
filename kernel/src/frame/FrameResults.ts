// What every frame gives when it runs: rows, batches, counts, files, tables, pictures; and what is known of it without a run.
// The half of `DataFrame` that makes no new frame.

import type { Table } from "apache-arrow"
import { displaySymbol, type MimeBundle, typeSymbol } from "../display.js"
import { fail } from "../errors.js"
import type { ColumnBatch } from "./ColumnBatch.js"
import type { Engine, ExplainMode } from "./Engine.js"
import { Explanation } from "./Explanation.js"
import { Limit } from "./nodes/Limit.js"
import { type Plan, planText } from "./nodes/plan.js"
import { planParts } from "./parts.js"
import { Plot } from "./plot/Plot.js"
import { countRows, preview } from "./preview.js"
import type { Schema } from "./Schema.js"
import { Shards } from "./Shards.js"
import { tableBundle } from "./table.js"
import type { RowOf, SchemaShape } from "./types.js"
import { type CollectOptions, rowsOf } from "./values.js"
import { Writer } from "./Writer.js"

/** Some of a frame's rows, in batches of `rows`. */
export interface FramePart {
  batches(rows?: number): AsyncIterable<ColumnBatch>
}

export abstract class FrameResults<S extends SchemaShape> {
  /** The logical plan; JSON.stringify(frame.plan) can travel. */
  readonly plan: Plan
  readonly #engine: Engine
  /** For the compiler only: frames of different schemas are different types. */
  declare readonly columnTypes: S

  constructor(plan: Plan, engine: Engine) {
    this.plan = plan
    this.#engine = engine
  }

  protected get engine(): Engine {
    return this.#engine
  }

  get schema(): Schema {
    return this.plan.schema
  }
  get columns(): (keyof S & string)[] {
    return this.schema.names as (keyof S & string)[]
  }

  /**
   * All rows as objects. 64-bit integers are bigint; `{ int64: "number" }` fails on one that would lose digits. Decimals
   * are exact text ("1.50"); `{ decimal: "number" }` gives the nearest number.
   */
  collect(options: {
    readonly int64: "number"
    readonly decimal: "number"
  }): Promise<RowOf<S, number, number>[]>
  collect(options: { readonly int64: "number" }): Promise<RowOf<S, number>[]>
  collect(options: { readonly decimal: "number" }): Promise<RowOf<S, bigint, number>[]>
  collect(options?: CollectOptions): Promise<RowOf<S>[]>
  collect(options: CollectOptions = {}): Promise<unknown> {
    return rowsFrom(this.engine, this.plan, options)
  }

  count(): Promise<number> {
    return countRows(this.plan, this.engine)
  }

  async isEmpty(): Promise<boolean> {
    return (await this.head(1)).length === 0
  }

  async first(): Promise<RowOf<S> | undefined> {
    return (await this.head(1))[0]
  }

  head(rows = 5): Promise<RowOf<S>[]> {
    return rowsFrom(this.engine, new Limit(this.plan, rows), {}) as Promise<RowOf<S>[]>
  }

  /**
   * The plan, what the engine pushes into the scan, and the shards it will read. Runs nothing. `extended` adds the
   * engine's logical plans, `codegen` the text that it runs, `cost` its estimates, `formatted` its own drawing.
   */
  async explain(mode: ExplainMode = "simple"): Promise<Explanation> {
    const shards = await this.engine.shards(this.plan)
    const account = await this.engine.explain(this.plan, mode)
    return new Explanation(planText(this.plan), account, shards.length, this.engine.name)
  }

  /** The real units of its sources: row groups, or whole files. */
  async shards(): Promise<Shards> {
    return Shards.fromList(await this.engine.shards(this.plan))
  }

  /** Columns in batches of `rows` (the last is shorter), in bounded memory. Leaving the loop stops the engine. */
  batches(rows = 65_536): AsyncIterable<ColumnBatch> {
    if (!Number.isSafeInteger(rows) || rows < 1) {
      throw fail("BAD_VALUE", {
        where: "batches",
        name: "rows",
        value: rows,
        fix: "Give a whole number from 1 on.",
      })
    }
    return this.engine.stream(this.plan, { rows })
  }

  /**
   * The same rows in parts that can be read in any order: one a shard where each row comes from one row of a source (filters,
   * new columns, unions); a frame that needs all rows at once (a join, a group, a sort) is one part. Reads nothing.
   */
  async parts(): Promise<readonly FramePart[]> {
    const plans = await planParts(this.plan, this.engine)
    return plans.map(plan => ({ batches: rows => this.engine.stream(plan, { rows }) }))
  }

  /** All rows as an Arrow table (apache-arrow), for libraries that take one. It holds them all in memory. */
  async toArrow(): Promise<Table> {
    const [{ Table: ArrowTable }, { arrowSchema }, { encodeBatch }] = await Promise.all([
      import("apache-arrow"),
      import("./arrow/schema.js"),
      import("./arrow/encode.js"),
    ])
    const { fields } = this.schema
    const schema = arrowSchema(fields)
    const records = []
    for await (const batch of this.batches()) records.push(encodeBatch(batch, fields, schema))
    return new ArrowTable(schema, records)
  }

  get write(): Writer {
    return new Writer(this.plan, this.engine)
  }

  get plot(): Plot<S> {
    return new Plot(this.plan, this.engine)
  }

  [typeSymbol](): string {
    return `import("shardlab").DataFrame<${this.schema.typeText()}>`
  }

  async [displaySymbol](): Promise<MimeBundle> {
    return tableBundle(await preview(this.plan, this.engine))
  }
}

async function rowsFrom(engine: Engine, plan: Plan, options: CollectOptions): Promise<unknown[]> {
  const rows: unknown[] = []
  for await (const batch of engine.stream(plan)) {
    for (const row of rowsOf(batch, plan.schema, options)) rows.push(row)
  }
  return rows
}
