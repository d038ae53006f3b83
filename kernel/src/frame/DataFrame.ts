// The lazy, typed table that users hold: a plan and the engine to run it on. Each method adds a node to the plan and
// checks it; nothing runs until rows, a count, a file or a picture is asked for. Not a plan and not an engine.

import { randomUUID } from "node:crypto"
import { fail } from "../errors.js"
import type { CastTarget, Columns, Expr, Order } from "./Column.js"
import type { Engine } from "./Engine.js"
import { columnsOf, nodeOf } from "./Expr.js"
import type { LiteralValue } from "./ExprNode.js"
import { FrameResults } from "./FrameResults.js"
import type {
  AsOfOptions,
  CastTo,
  Condition,
  Dropped,
  Exploded,
  Filled,
  JoinCondition,
  Joined,
  JoinOn,
  JoinOptions,
  NewColumns,
  Picked,
  Renamed,
  Typed,
  UnionByName,
  Unpivoted,
  With,
  WithoutNulls,
} from "./frameTypes.js"
import { GroupedFrame } from "./GroupedFrame.js"
import { namedExprs, same, sortKey } from "./namedExprs.js"
import { alignByName, alignByPosition } from "./nodes/align.js"
import { Cache, type StorageLevel, storageLevels } from "./nodes/Cache.js"
import { Distinct } from "./nodes/Distinct.js"
import { Explode } from "./nodes/Explode.js"
import { Filter } from "./nodes/Filter.js"
import { Hint } from "./nodes/Hint.js"
import { Join, type JoinType } from "./nodes/Join.js"
import { Limit } from "./nodes/Limit.js"
import { MapBatches } from "./nodes/MapBatches.js"
import { Observe } from "./nodes/Observe.js"
import { type NamedExpr, Project } from "./nodes/Project.js"
import type { Plan } from "./nodes/plan.js"
import { Repartition } from "./nodes/Repartition.js"
import { type SetKind, SetOperation } from "./nodes/SetOperation.js"
import { Sort } from "./nodes/Sort.js"
import { Stored } from "./nodes/Stored.js"
import { Tail } from "./nodes/Tail.js"
import { Unpivot } from "./nodes/Unpivot.js"
import type { Observation } from "./Observation.js"
import {
  type BatchFunction,
  type MappedRows,
  type MappedRowsAs,
  type OutputSchema,
  type OutputTypes,
  outputFields,
} from "./outputTypes.js"
import { filterPlan, rowsPlan } from "./rowFunctions.js"
import type { AnySchema, DataType, Float32, RowOf, SchemaShape } from "./types.js"
import { UserFunction } from "./UserFunction.js"
import { cast, drop, numbers, rename, withColumns } from "./verbs/columns.js"
import { describe, describeStatistics, summaryStatistics } from "./verbs/describe.js"
import { asOfJoin, join } from "./verbs/join.js"
import { dropNull, fillNull, replace } from "./verbs/nulls.js"
import { randomSplit, sample } from "./verbs/sample.js"

type SortBy<S extends SchemaShape> =
  | (keyof S & string)
  | Order
  | Expr<DataType>
  | ((f: Columns<S>) => Order | Expr<DataType>)

export class DataFrame<S extends SchemaShape = AnySchema> extends FrameResults<S> {
  // --- rows: which ones, in which order

  /** Keeps rows for which the condition is true: `flights.filter(f => f.delay.gt(15))`. */
  filter(condition: Condition<S>): DataFrame<S> {
    const expr = typeof condition === "function" ? condition(this.#f("filter")) : condition
    return this.#next(new Filter(this.plan, nodeOf(expr)))
  }

  /** NULLs first when ascending, last when descending. `sort("origin", desc("minutes"), f => f.delay.abs().desc())` */
  sort(...keys: readonly SortBy<S>[]): DataFrame<S> {
    return this.#next(
      new Sort(
        this.plan,
        keys.map(key => sortKey(typeof key === "function" ? key(this.#f("sort")) : key)),
      ),
    )
  }

  /** The first rows; of an unsorted frame, any. */
  limit(rows: number): DataFrame<S> {
    return this.#next(new Limit(this.plan, rows))
  }

  /** All but the first rows. */
  offset(rows: number): DataFrame<S> {
    return this.#next(new Limit(this.plan, null, rows))
  }

  /** The last rows. */
  tail(rows: number): DataFrame<S> {
    return this.#next(new Tail(this.plan, rows))
  }

  /** Each row kept with probability `fraction`. The same seed draws the same rows of the same data on one engine. */
  sample(fraction: number, options: { readonly seed?: number } = {}): DataFrame<S> {
    return this.#next(sample(this.plan, fraction, options))
  }

  /** Parts of about these weights; no row is in two, and together they are all: `randomSplit([0.8, 0.2], { seed: 7 })`. */
  randomSplit(weights: readonly number[], options: { readonly seed?: number } = {}): DataFrame<S>[] {
    return randomSplit(this.plan, weights, options).map(plan => this.#next(plan))
  }

  distinct(): DataFrame<S> {
    return this.#next(new Distinct(this.plan))
  }

  /** One row (any) for each different value of these columns; of all columns without names. */
  dropDuplicates<K extends keyof S & string>(...names: readonly K[]): DataFrame<S> {
    return this.#next(new Distinct(this.plan, names))
  }

  // --- columns

  /** Columns by name, or new ones: `select("origin", "delay")`, `select(f => ({ hours: f.delay.div(60) }))`. */
  select<K extends keyof S & string>(...names: readonly K[]): DataFrame<Picked<S, K>>
  select<const R extends NewColumns>(columns: R | ((f: Columns<S>) => R)): DataFrame<Typed<R>>
  select(...args: readonly unknown[]): unknown {
    const [first] = args
    const named = typeof first === "object" || typeof first === "function"
    const columns = named
      ? this.#newColumns(first as NewColumns, "select")
      : args.map(name => same(String(name)))
    return this.#next(new Project(this.plan, columns, "select"))
  }

  /** All columns and new ones; a name that exists is replaced in place. */
  with<const R extends NewColumns>(columns: R | ((f: Columns<S>) => R)): DataFrame<With<S, R>> {
    return this.#next(withColumns(this.plan, this.#newColumns(columns, "with")))
  }

  drop<K extends keyof S & string>(...names: readonly K[]): DataFrame<Dropped<S, K>> {
    return this.#next(drop(this.plan, names))
  }

  /** `rename({ delay: "minutes" })` */
  rename<const M extends { readonly [K in keyof S]?: string }>(names: M): DataFrame<Renamed<S, M>> {
    return this.#next(rename(this.plan, names as Record<string, string>))
  }

  /** Columns in other types; a value that does not fit is an error: `cast({ delay: "int32" })`. */
  cast<const M extends { readonly [K in keyof S]?: CastTarget }>(types: M): DataFrame<CastTo<S, M>> {
    return this.#next(cast(this.plan, types as Record<string, CastTarget>))
  }

  /** The given columns (all numeric and Boolean ones without names) as Float32, cast in the engine: what training takes. */
  numbers<K extends keyof S & string = keyof S & string>(
    ...names: readonly K[]
  ): DataFrame<{ readonly [N in K]: Float32 }> {
    return this.#next(numbers(this.plan, names))
  }

  /** A value for NULL in every column of its kind, or one a column: `fillNull({ delay: 0, origin: "?" })`. */
  fillNull<const V extends LiteralValue | { readonly [K in keyof S]?: LiteralValue }>(
    values: V,
  ): DataFrame<Filled<S, V>> {
    return this.#next(fillNull(this.plan, values as LiteralValue))
  }

  /** Drops rows with a NULL in one of the columns (of all columns without names). `dropNull({ how: "all" }, "a", "b")` */
  dropNull<K extends keyof S & string = keyof S & string>(
    ...names: readonly K[]
  ): DataFrame<WithoutNulls<S, K>>
  dropNull<K extends keyof S & string>(
    options: { readonly how?: "any" | "all"; readonly atLeast?: number },
    ...names: readonly K[]
  ): DataFrame<S>
  dropNull(...args: readonly unknown[]): unknown {
    const [first, ...rest] = args
    const options = typeof first === "object" ? (first as { how?: "any" }) : {}
    return this.#next(dropNull(this.plan, (typeof first === "object" ? rest : args) as string[], options))
  }

  /** Values replaced, in the named columns or wherever they fit: `replace(new Map([["N/A", null]]), "origin")`. */
  replace(
    values: ReadonlyMap<LiteralValue, LiteralValue>,
    ...names: readonly (keyof S & string)[]
  ): DataFrame<S> {
    return this.#next(replace(this.plan, values, names))
  }

  /** One row for each element of a list. `outer` keeps rows without elements; `position` names a column for the place. */
  explode<
    K extends keyof S & string,
    As extends string = K,
    const Outer extends boolean = false,
    const Position extends string | undefined = undefined,
  >(
    name: K,
    options: { readonly as?: As; readonly outer?: Outer; readonly position?: Position } = {},
  ): DataFrame<Exploded<S, K, As, Outer, Position>> {
    const { as = name, outer = false, position } = options
    return this.#next(new Explode(this.plan, name, as, outer, position))
  }

  /** Columns to rows: `unpivot({ ids: ["day"], values: ["min", "max"], name: "kind", value: "degrees" })`. */
  unpivot<
    I extends keyof S & string,
    V extends keyof S & string,
    const Name extends string = "name",
    const Value extends string = "value",
  >(options: {
    readonly ids: readonly I[]
    readonly values: readonly V[]
    readonly name?: Name
    readonly value?: Value
  }): DataFrame<Unpivoted<S, I, V, Name, Value>> {
    const { ids, values, name = "name", value = "value" } = options
    return this.#next(new Unpivot(this.plan, ids, values, name, value))
  }

  // --- groups

  /** `groupBy("origin").agg(f => ({ minutes: mean(f.delay) }))` */
  groupBy<K extends keyof S & string>(...keys: readonly K[]): GroupedFrame<S, K> {
    return new GroupedFrame(this.plan, keys, this.engine)
  }

  /** Groups by all keys, by all but the last, and so on to none; a key that is summed over is NULL. */
  rollup<K extends keyof S & string>(...keys: readonly K[]): GroupedFrame<S, K> {
    return new GroupedFrame(this.plan, keys, this.engine, "rollup")
  }

  /** Groups by every subset of the keys; a key that is summed over is NULL. */
  cube<K extends keyof S & string>(...keys: readonly K[]): GroupedFrame<S, K> {
    return new GroupedFrame(this.plan, keys, this.engine, "cube")
  }

  /** One row over all rows. */
  agg<const R extends NewColumns>(values: R | ((f: Columns<S>) => R)): DataFrame<Typed<R>> {
    return this.groupBy().agg(values) as unknown as DataFrame<Typed<R>>
  }

  /** Count, mean, standard deviation, smallest and largest of columns, as text. */
  describe(...names: readonly (keyof S & string)[]): DataFrame<AnySchema> {
    return this.#next(describe(this.plan, names, describeStatistics, "describe"))
  }

  /** The given statistics of all columns, as text: `summary("count", "25%", "max")`. */
  summary(...statistics: readonly string[]): DataFrame<AnySchema> {
    return this.#next(
      describe(this.plan, [], statistics.length > 0 ? statistics : summaryStatistics, "summary"),
    )
  }

  // --- two frames

  /** See `JoinOptions`. A right column whose name is taken gets `suffix` (default `_right`). */
  join<
    R extends SchemaShape,
    const On extends JoinOn<S, R> | JoinCondition<S, R>,
    How extends Exclude<JoinType, "cross"> = "inner",
    const Suffix extends string = "_right",
  >(other: DataFrame<R>, options: JoinOptions<On, How, Suffix>): DataFrame<Joined<S, R, On, How, Suffix>> {
    return this.#next(join(this.plan, this.#with(other, "join"), options))
  }

  /** Every row of one with every row of the other. */
  crossJoin<R extends SchemaShape, const Suffix extends string = "_right">(
    other: DataFrame<R>,
    options: { readonly suffix?: Suffix } = {},
  ): DataFrame<Joined<S, R, never, "cross", Suffix>> {
    const right = this.#with(other, "crossJoin")
    return this.#next(new Join(this.plan, right, [], "cross", options.suffix ?? "_right"))
  }

  /** To each row the nearest one of the other frame in time: `trades.asOfJoin(quotes, { time: "at", on: "symbol" })`. */
  asOfJoin<
    R extends SchemaShape,
    const On extends JoinOn<S, R> = never,
    const Suffix extends string = "_right",
  >(
    other: DataFrame<R>,
    options: AsOfOptions<S, R, On, Suffix>,
  ): DataFrame<Joined<S, R, On, "left", Suffix>> {
    return this.#next(asOfJoin(this.plan, this.#with(other, "asOfJoin"), options))
  }

  /** All rows of both, duplicates kept; columns meet by position. */
  union(other: DataFrame<S>): DataFrame<S> {
    return this.#set(other, "union", true)
  }

  /** All rows of both; columns meet by name. `allowMissing`: a column that one side lacks is NULL there. */
  unionByName<R extends SchemaShape>(
    other: DataFrame<R>,
    options: { readonly allowMissing?: boolean } = {},
  ): DataFrame<UnionByName<S, R>> {
    const plan = this.#with(other, "unionByName")
    const { left, right } = alignByName(this.plan, plan, "union", options.allowMissing ?? false)
    return this.#next(new SetOperation(left, right, "union", true))
  }

  /** Rows that are in both, each once. */
  intersect(other: DataFrame<S>): DataFrame<S> {
    return this.#set(other, "intersect", false)
  }
  /** Rows that are in both, as often as in the one with fewer. */
  intersectAll(other: DataFrame<S>): DataFrame<S> {
    return this.#set(other, "intersect", true)
  }
  /** Rows that are not in the other, each once. */
  except(other: DataFrame<S>): DataFrame<S> {
    return this.#set(other, "except", false)
  }
  /** Rows without those of the other, one for one. */
  exceptAll(other: DataFrame<S>): DataFrame<S> {
    return this.#set(other, "except", true)
  }

  /** A function of frames in a chain: `flights.pipe(onlyLate).count()`. */
  pipe<R>(change: (frame: this) => R): R {
    return change(this)
  }

  // --- how and where

  /** Rows cut anew into so many partitions, by the hash of the columns when there are any. */
  repartition(partitions: number, ...by: readonly (keyof S & string)[]): DataFrame<S> {
    return this.#next(new Repartition(this.plan, partitions, by, true))
  }
  /** Rows with equal values of the columns into one partition; how many is the engine's matter. */
  repartitionBy(...by: readonly (keyof S & string)[]): DataFrame<S> {
    return this.#next(new Repartition(this.plan, null, by, true))
  }
  /** Fewer partitions, without moving every row. */
  coalesce(partitions: number): DataFrame<S> {
    return this.#next(new Repartition(this.plan, partitions, [], false))
  }

  /** Advice to the engine: `airports.hint("broadcast")`. */
  hint(name: string, ...params: readonly (string | number)[]): DataFrame<S> {
    return this.#next(new Hint(this.plan, name, params))
  }

  /** The same rows, kept by the engine from the first use on, until `unpersist`. */
  cache(): DataFrame<S> {
    return this.persist("memoryAndDisk")
  }
  persist(level: StorageLevel = "memoryAndDisk"): DataFrame<S> {
    if (!storageLevels.includes(level))
      throw fail("BAD_VALUE", {
        where: "persist",
        name: "level",
        value: level,
        fix: `Levels: ${storageLevels.join(", ")}.`,
      })
    return this.#next(new Cache(this.plan, randomUUID(), level))
  }
  /** Lets the engine forget the rows of `cache`; the frame itself goes on working. */
  async unpersist(): Promise<DataFrame<S>> {
    if (this.plan.op === "cache") await this.engine.unpersist(this.plan)
    return this.#next(this.plan.op === "cache" ? this.plan.input : this.plan)
  }

  /** Computes the rows now and goes on from them: the plan behind them is forgotten. */
  async checkpoint(): Promise<DataFrame<S>> {
    const name = await this.engine.checkpoint(this.plan)
    return this.#next(new Stored("checkpoint", name, this.schema.fields))
  }

  /** Numbers about the rows that pass here: `await observation.get()` has them after a run. */
  observe<const R extends NewColumns>(
    observation: Observation,
    metrics: R | ((f: Columns<S>) => R),
  ): DataFrame<S> {
    return this.#next(new Observe(this.plan, observation.name, this.#newColumns(metrics, "observe")))
  }

  /** A name for SQL: `read.table("late")` and `sql` find it, as long as the session lives. */
  createView(name: string, options: { readonly replace?: boolean } = {}): Promise<void> {
    return this.engine.createView(name, this.plan, options.replace ?? false)
  }

  /**
   * Runs TypeScript on the rows, a batch of columns at a time, where the data is. `schema` says what the function gives,
   * as rows or as columns: `mapBatches(batch => batch.map(r => ({ risk: score(r) })), { risk: "float64" })`.
   */
  mapBatches<const K extends OutputTypes>(fn: BatchFunction<S, K>, schema: K): DataFrame<OutputSchema<K>> {
    const fields = outputFields(schema, "mapBatches")
    return this.#next(new MapBatches(this.plan, UserFunction.of(fn, "mapBatches"), fields, "batch"))
  }

  /**
   * New rows from old ones by a plain function: `mapRows(r => ({ ...r, hours: r.delay / 60 }))`. Translated to expressions
   * where JavaScript's answer can be had that way; otherwise the function runs where the data is, and the types of the
   * columns that it computes have to be said: `mapRows(fn, { risk: "float64" })`. `explain` tells which.
   */
  mapRows<R extends object>(fn: (row: RowOf<S>) => R): DataFrame<MappedRows<S, R>>
  mapRows<R extends object, const K extends OutputTypes>(
    fn: (row: RowOf<S>) => R,
    types: K,
  ): DataFrame<MappedRowsAs<S, R, K>>
  mapRows(fn: unknown, types?: OutputTypes): unknown {
    return this.#next(rowsPlan(this.plan, fn, types))
  }

  /** Keeps rows for which a plain function gives something true; see `mapRows`. A null is null, as in JavaScript. */
  filterRows(fn: (row: RowOf<S>) => unknown): DataFrame<S> {
    return this.#next(filterPlan(this.plan, fn))
  }

  #f(operation: string): Columns<S> {
    return columnsOf<S>(this.schema, operation)
  }

  #newColumns(columns: NewColumns | ((f: Columns<S>) => NewColumns), operation: string): NamedExpr[] {
    return namedExprs(typeof columns === "function" ? columns(this.#f(operation)) : columns)
  }

  #with(other: object, operation: string): Plan {
    return DataFrame.planOn(this.engine, other as DataFrame, operation)
  }

  /** The plan of a frame that is to run on `engine`. @throws OTHER_ENGINE when it lives on another one. */
  static planOn(engine: Engine, frame: DataFrame, operation: string): Plan {
    if (frame.engine === engine) return frame.plan
    throw fail("OTHER_ENGINE", { operation, here: engine.name, there: frame.engine.name })
  }

  #set(other: DataFrame<S>, kind: SetKind, all: boolean): DataFrame<S> {
    const { left, right } = alignByPosition(this.plan, this.#with(other, kind), kind)
    return this.#next(new SetOperation(left, right, kind, all))
  }

  #next<T extends SchemaShape>(plan: Plan): DataFrame<T> {
    return new DataFrame<T>(plan, this.engine)
  }
}
