// The lazy, typed table that users hold: a plan and the engine to run it on. Each method adds a node to the plan and
// checks it; nothing runs until rows, a count, a file or a picture is asked for. Not a plan and not an engine.

import { displaySymbol, type MimeBundle, typeSymbol } from "../display.js"
import { didYouMean, fail } from "../errors.js"
import type { Columns, Expr, Order } from "./Column.js"
import type { ColumnBatch } from "./ColumnBatch.js"
import type { Engine } from "./Engine.js"
import { Explanation } from "./Explanation.js"
import { columnsOf, nodeOf } from "./Expr.js"
import type { ExprNode } from "./ExprNode.js"
import type {
  Condition,
  Dropped,
  Grouped,
  Joined,
  JoinOn,
  JoinOptions,
  NewColumns,
  Picked,
  Renamed,
  Typed,
  With,
} from "./frameTypes.js"
import { Aggregate } from "./nodes/Aggregate.js"
import { Distinct } from "./nodes/Distinct.js"
import { Filter } from "./nodes/Filter.js"
import { Join, type JoinKey, type JoinType, joinTypes } from "./nodes/Join.js"
import { Limit } from "./nodes/Limit.js"
import { MapBatches } from "./nodes/MapBatches.js"
import { MapGroups } from "./nodes/MapGroups.js"
import { type NamedExpr, Project } from "./nodes/Project.js"
import { type Plan, planText } from "./nodes/plan.js"
import { Sort, type SortKey } from "./nodes/Sort.js"
import { Union } from "./nodes/Union.js"
import {
  type BatchFunction,
  type GroupFunction,
  type OutputSchema,
  type OutputTypes,
  outputFields,
} from "./outputTypes.js"
import { Plot } from "./plot/Plot.js"
import { countRows, preview } from "./preview.js"
import type { Schema } from "./Schema.js"
import { Shards } from "./Shards.js"
import { tableBundle } from "./table.js"
import {
  type AnySchema,
  type DataType,
  type Float32,
  isNumeric,
  type RowOf,
  type SchemaShape,
  typeOf,
} from "./types.js"
import { UserFunction } from "./UserFunction.js"
import { type CollectOptions, rowsOf } from "./values.js"
import { Writer } from "./Writer.js"

export class DataFrame<S extends SchemaShape = AnySchema> {
  /** The logical plan; JSON.stringify(frame.plan) can travel. */
  readonly plan: Plan
  readonly #engine: Engine
  /** For the compiler only: frames of different schemas are different types. */
  declare readonly columnTypes: S

  constructor(plan: Plan, engine: Engine) {
    this.plan = plan
    this.#engine = engine
  }

  get schema(): Schema {
    return this.plan.schema
  }
  get columns(): (keyof S & string)[] {
    return this.schema.names as (keyof S & string)[]
  }

  /** Keeps rows for which the condition is true: `flights.filter(f => f.delay.gt(15))`. */
  filter(condition: Condition<S>): DataFrame<S> {
    const expr = typeof condition === "function" ? condition(this.#f("filter")) : condition
    return this.#next(new Filter(this.plan, nodeOf(expr)))
  }

  /** Columns by name, or new ones: `select("origin", "delay")`, `select(f => ({ hours: f.delay.div(60) }))`. */
  select<K extends keyof S & string>(...names: readonly K[]): DataFrame<Picked<S, K>>
  select<R extends NewColumns>(columns: R | ((f: Columns<S>) => R)): DataFrame<Typed<R>>
  select(...args: readonly unknown[]): unknown {
    const [first] = args
    const named = typeof first === "object" || typeof first === "function"
    const columns = named
      ? this.#newColumns(first as NewColumns, "select")
      : args.map(name => same(String(name)))
    return this.#next(new Project(this.plan, columns, "select"))
  }

  /** All columns and new ones; a name that exists is replaced in place. */
  with<R extends NewColumns>(columns: R | ((f: Columns<S>) => R)): DataFrame<With<S, R>> {
    const added = new Map(this.#newColumns(columns, "with").map(column => [column.name, column]))
    const kept = this.schema.names.map(name => added.get(name) ?? same(name))
    const fresh = [...added.values()].filter(({ name }) => !this.schema.has(name))
    return this.#next(new Project(this.plan, [...kept, ...fresh], "with"))
  }

  groupBy<K extends keyof S & string>(...keys: readonly K[]): GroupedFrame<S, K> {
    for (const key of keys) this.schema.type(key, "groupBy")
    return new GroupedFrame(this.plan, keys, this.#engine)
  }

  /** One row over all rows. */
  agg<R extends NewColumns>(values: R | ((f: Columns<S>) => R)): DataFrame<Typed<R>> {
    return this.groupBy().agg(values) as unknown as DataFrame<Typed<R>>
  }

  /** NULLs first when ascending, last when descending. `sort("origin", desc("minutes"), f => f.delay.abs().desc())` */
  sort(
    ...keys: readonly (
      | (keyof S & string)
      | Order
      | Expr<DataType>
      | ((f: Columns<S>) => Order | Expr<DataType>)
    )[]
  ): DataFrame<S> {
    const order = keys.map((key): SortKey => {
      if (typeof key === "string") return { expr: { op: "column", name: key }, direction: "asc" }
      const { node } = typeof key === "function" ? key(this.#f("sort")) : key
      return node.op === "order"
        ? { expr: node.input, direction: node.direction }
        : { expr: node, direction: "asc" }
    })
    return this.#next(new Sort(this.plan, order))
  }

  limit(rows: number): DataFrame<S> {
    return this.#next(new Limit(this.plan, rows))
  }

  /** See `Join` for names that clash: the right one gets `suffix` (default `_right`). */
  join<
    R extends SchemaShape,
    const On extends JoinOn<S, R>,
    How extends JoinType = "inner",
    const Suffix extends string = "_right",
  >(other: DataFrame<R>, options: JoinOptions<On, How, Suffix>): DataFrame<Joined<S, R, On, How, Suffix>> {
    const how = options.how ?? "inner"
    if (!joinTypes.includes(how)) {
      const fix = `Kinds: ${joinTypes.join(", ")}.${didYouMean(how, joinTypes)}`
      throw fail("BAD_VALUE", { where: "join", name: "how", value: how, fix })
    }
    return this.#next(new Join(this.plan, other.plan, joinKeys(options.on), how, options.suffix ?? "_right"))
  }

  drop<K extends keyof S & string>(...names: readonly K[]): DataFrame<Dropped<S, K>> {
    for (const name of names) this.schema.type(name, "drop")
    const kept = this.schema.names.filter(name => !names.includes(name as K))
    return this.#next(new Project(this.plan, kept.map(same), "drop"))
  }

  /** `rename({ delay: "minutes" })` */
  rename<const M extends { readonly [K in keyof S]?: string }>(names: M): DataFrame<Renamed<S, M>> {
    for (const name of Object.keys(names)) this.schema.type(name, "rename")
    const map = new Map(Object.entries(names as Record<string, string>))
    const columns = this.schema.names.map(name => ({ ...same(name), name: map.get(name) ?? name }))
    return this.#next(new Project(this.plan, columns, "rename"))
  }

  distinct(): DataFrame<S> {
    return this.#next(new Distinct(this.plan))
  }

  /** All rows of both, columns matched by name. */
  union(other: DataFrame<S>): DataFrame<S> {
    return this.#next(new Union(this.plan, other.plan))
  }

  /**
   * Runs TypeScript on the rows, a batch of columns at a time, where the data is. `schema` says what the function gives,
   * as rows or as columns: `mapBatches(batch => batch.map(r => ({ risk: score(r) })), { risk: "float64" })`.
   */
  mapBatches<const K extends OutputTypes>(fn: BatchFunction<S, K>, schema: K): DataFrame<OutputSchema<K>> {
    const fields = outputFields(schema, "mapBatches")
    return this.#next(new MapBatches(this.plan, UserFunction.of(fn, "mapBatches"), fields, "batch"))
  }

  /** All rows as objects. 64-bit integers are bigint; `{ int64: "number" }` fails on one that would lose digits. */
  collect(options: { readonly int64: "number" }): Promise<RowOf<S, number>[]>
  collect(options?: CollectOptions): Promise<RowOf<S>[]>
  async collect(options: CollectOptions = {}): Promise<unknown> {
    const rows: unknown[] = []
    for await (const batch of this.#engine.stream(this.plan)) {
      for (const row of rowsOf(batch, this.schema, options)) rows.push(row)
    }
    return rows
  }

  count(): Promise<number> {
    return countRows(this.plan, this.#engine)
  }

  async first(): Promise<RowOf<S> | undefined> {
    return (await this.head(1))[0]
  }

  head(rows = 5): Promise<RowOf<S>[]> {
    return this.limit(rows).collect()
  }

  /** The plan, what the engine pushes into the scan, and the shards it will read. Runs nothing. */
  async explain(): Promise<Explanation> {
    const shards = await this.#engine.shards(this.plan)
    return new Explanation(
      planText(this.plan),
      await this.#engine.explain(this.plan),
      shards.length,
      this.#engine.name,
    )
  }

  /** The real units of its sources: row groups, or whole files. */
  async shards(): Promise<Shards> {
    return Shards.fromList(await this.#engine.shards(this.plan))
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
    return this.#engine.stream(this.plan, { rows })
  }

  /** The given columns (all numeric and Boolean ones without names) as Float32, cast in the engine: what training takes. */
  numbers<K extends keyof S & string = keyof S & string>(
    ...names: readonly K[]
  ): DataFrame<{ readonly [N in K]: Float32 }> {
    const chosen = names.length > 0 ? names : this.schema.fields.filter(isFeature).map(field => field.name)
    const columns = chosen.map((name): NamedExpr => ({ name, expr: toFloat({ op: "column", name }) }))
    return this.#next(new Project(this.plan, columns, "select"))
  }

  get write(): Writer {
    return new Writer(this.plan, this.#engine)
  }

  get plot(): Plot<S> {
    return new Plot(this.plan, this.#engine)
  }

  [typeSymbol](): string {
    return `import("shardlab").DataFrame<${this.schema.typeText()}>`
  }

  async [displaySymbol](): Promise<MimeBundle> {
    return tableBundle(await preview(this.plan, this.#engine))
  }

  #f(operation: string): Columns<S> {
    return columnsOf<S>(this.schema, operation)
  }

  #newColumns(columns: NewColumns | ((f: Columns<S>) => NewColumns), operation: string): NamedExpr[] {
    return namedExprs(typeof columns === "function" ? columns(this.#f(operation)) : columns)
  }

  #next<T extends SchemaShape>(plan: Plan): DataFrame<T> {
    return new DataFrame<T>(plan, this.#engine)
  }
}

/** A frame with its keys, waiting for `agg`. */
export class GroupedFrame<S extends SchemaShape, K extends keyof S & string> {
  readonly #plan: Plan
  readonly #keys: readonly K[]
  readonly #engine: Engine

  constructor(plan: Plan, keys: readonly K[], engine: Engine) {
    this.#plan = plan
    this.#keys = keys
    this.#engine = engine
  }

  /** One row a group: the keys, then `{ n: count(), minutes: mean("delay") }`. */
  agg<R extends NewColumns>(values: R | ((f: Columns<S>) => R)): DataFrame<Grouped<S, K, R>> {
    const made = typeof values === "function" ? values(columnsOf<S>(this.#plan.schema, "agg")) : values
    return new DataFrame(new Aggregate(this.#plan, this.#keys, namedExprs(made)), this.#engine)
  }

  /**
   * Runs TypeScript on each group as a whole, which has to fit in memory: `mapGroups((group, key) => [{ ...key, n:
   * group.rows }], { origin: "utf8", n: "int32" })`. The result has the columns of `schema` only.
   */
  mapGroups<const T extends OutputTypes>(fn: GroupFunction<S, K, T>, schema: T): DataFrame<OutputSchema<T>> {
    const fields = outputFields(schema, "mapGroups")
    const node = new MapGroups(this.#plan, this.#keys, UserFunction.of(fn, "mapGroups"), fields)
    return new DataFrame(node, this.#engine)
  }
}

function same(name: string): NamedExpr {
  return { name, expr: { op: "column", name } }
}

function namedExprs(columns: NewColumns): NamedExpr[] {
  return Object.entries(columns).map(([name, value]) => ({ name, expr: withoutAlias(nodeOf(value)) }))
}

function withoutAlias(node: ExprNode): ExprNode {
  return node.op === "alias" ? withoutAlias(node.input) : node
}

function joinKeys(on: unknown): JoinKey[] {
  if (typeof on === "string") return [{ left: on, right: on }]
  if (Array.isArray(on)) return on.length === 2 ? [{ left: String(on[0]), right: String(on[1]) }] : []
  return Object.entries((on ?? {}) as Record<string, string>).map(([left, right]) => ({ left, right }))
}

function isFeature({ type }: { type: DataType }): boolean {
  return isNumeric(type) || type.kind === "boolean"
}

function toFloat(input: ExprNode): ExprNode {
  return { op: "cast", input, to: typeOf("float32") }
}
