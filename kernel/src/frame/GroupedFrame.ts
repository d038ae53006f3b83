// A frame with its keys, waiting to be told what to make of each group: `agg`, `pivot`, `mapGroups`.

import type { Columns } from "./Column.js"
import { DataFrame } from "./DataFrame.js"
import type { Engine } from "./Engine.js"
import { columnsOf } from "./Expr.js"
import type { LiteralValue } from "./ExprNode.js"
import type { Grouped, NewColumns, Pivoted } from "./frameTypes.js"
import { namedExprs, same } from "./namedExprs.js"
import { Aggregate, type Grouping } from "./nodes/Aggregate.js"
import { Distinct } from "./nodes/Distinct.js"
import { MapGroups } from "./nodes/MapGroups.js"
import { Project } from "./nodes/Project.js"
import type { Plan } from "./nodes/plan.js"
import { Sort } from "./nodes/Sort.js"
import { type GroupFunction, type OutputSchema, type OutputTypes, outputFields } from "./outputTypes.js"
import type { AnySchema, SchemaShape } from "./types.js"
import { mismatch } from "./typing.js"
import { UserFunction } from "./UserFunction.js"
import { pivot } from "./verbs/pivot.js"

const mostPivotValues = 10_000

export class GroupedFrame<S extends SchemaShape, K extends keyof S & string> {
  readonly #plan: Plan
  readonly #keys: readonly K[]
  readonly #engine: Engine
  readonly #grouping: Grouping

  constructor(plan: Plan, keys: readonly K[], engine: Engine, grouping: Grouping = "groupBy") {
    for (const key of keys) plan.schema.type(key, grouping)
    this.#plan = plan
    this.#keys = keys
    this.#engine = engine
    this.#grouping = grouping
  }

  /** One row a group: the keys, then `{ n: count(), minutes: mean("delay") }`. */
  agg<const R extends NewColumns>(values: R | ((f: Columns<S>) => R)): DataFrame<Grouped<S, K, R>> {
    const made = typeof values === "function" ? values(columnsOf<S>(this.#plan.schema, "agg")) : values
    return new DataFrame(
      new Aggregate(this.#plan, this.#keys, namedExprs(made), this.#grouping),
      this.#engine,
    )
  }

  /** Rows of each group. */
  count(): DataFrame<Grouped<S, K, { count: ReturnType<typeof import("./free.js").count> }>> {
    const count = { name: "count", expr: { op: "aggregate", name: "count", args: [] } } as const
    return new DataFrame(new Aggregate(this.#plan, this.#keys, [count], this.#grouping), this.#engine)
  }

  /**
   * One column for each value of `column`. Given values make typed columns: `pivot("year", [2023, 2024]).agg({ n:
   * count() })` has `2023` and `2024`, or `2023_n` when there are several aggregations. Without values a query finds them
   * (at most 10,000), and the result's columns are known when the cell ran.
   */
  pivot<C extends keyof S & string, const V extends readonly (string | number | boolean)[]>(
    column: C,
    values: V,
  ): PivotedFrame<S, K, V[number]>
  pivot(column: keyof S & string): Promise<PivotedFrame<S, K, string>>
  pivot(column: keyof S & string, values?: readonly LiteralValue[]): unknown {
    if (this.#grouping !== "groupBy")
      throw mismatch("pivot", `a ${this.#grouping} cannot be pivoted`, "Use groupBy(...).pivot(...).")
    const make = (found: readonly LiteralValue[]) =>
      new PivotedFrame(this.#plan, this.#keys, this.#engine, column, found)
    return values === undefined ? this.#valuesOf(column).then(make) : make(values)
  }

  /**
   * Runs TypeScript on each group as a whole, which has to fit in memory: `mapGroups((group, key) => [{ ...key, n:
   * group.rows }], { origin: "utf8", n: "int32" })`. The result has the columns of `schema` only.
   */
  mapGroups<const T extends OutputTypes>(fn: GroupFunction<S, K, T>, schema: T): DataFrame<OutputSchema<T>> {
    if (this.#grouping !== "groupBy")
      throw mismatch(
        "mapGroups",
        `a ${this.#grouping} has groups of several kinds`,
        "Use groupBy(...).mapGroups(...).",
      )
    const fields = outputFields(schema, "mapGroups")
    const node = new MapGroups(this.#plan, this.#keys, UserFunction.of(fn, "mapGroups"), fields)
    return new DataFrame(node, this.#engine)
  }

  async #valuesOf(column: string): Promise<LiteralValue[]> {
    const only = new Distinct(new Project(this.#plan, [same(column)], "select"))
    const sorted = new Sort(only, [{ expr: { op: "column", name: column }, direction: "asc" }])
    const rows = await new DataFrame(sorted, this.#engine).limit(mostPivotValues + 1).collect()
    if (rows.length > mostPivotValues)
      throw mismatch(
        "pivot",
        `\`${column}\` has more than ${mostPivotValues} values`,
        "Give the values that you want.",
      )
    return rows.map(row => row[column] as LiteralValue)
  }
}

export class PivotedFrame<S extends SchemaShape, K extends keyof S & string, V> {
  readonly #plan: Plan
  readonly #keys: readonly K[]
  readonly #engine: Engine
  readonly #column: string
  readonly #values: readonly LiteralValue[]

  constructor(
    plan: Plan,
    keys: readonly K[],
    engine: Engine,
    column: string,
    values: readonly LiteralValue[],
  ) {
    this.#plan = plan
    this.#keys = keys
    this.#engine = engine
    this.#column = column
    this.#values = values
  }

  agg<const R extends NewColumns>(
    values: R | ((f: Columns<S>) => R),
  ): DataFrame<string extends V ? AnySchema : Pivoted<S, K, V, R>> {
    const made = typeof values === "function" ? values(columnsOf<S>(this.#plan.schema, "agg")) : values
    return new DataFrame(
      pivot(this.#plan, this.#keys, this.#column, this.#values, namedExprs(made)),
      this.#engine,
    )
  }
}
