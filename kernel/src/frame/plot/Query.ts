// The steps a chart takes in the engine, on top of the user's plan: pick, filter, group, sort, limit. Each adds plan nodes;
// `rows` runs them and gives plain JSON values. A chart asks for hundreds of rows, never for all: see `most` in each chart.

import type { Expr, LooseColumn } from "../Column.js"
import type { Engine } from "../Engine.js"
import { column } from "../Expr.js"
import { Aggregate } from "../nodes/Aggregate.js"
import { Filter } from "../nodes/Filter.js"
import { Limit } from "../nodes/Limit.js"
import { type NamedExpr, Project } from "../nodes/Project.js"
import type { Plan } from "../nodes/plan.js"
import { Sample } from "../nodes/Sample.js"
import { Sort } from "../nodes/Sort.js"
import { countRows } from "../preview.js"
import type { DataType, Unknown } from "../types.js"
import { rowsOf } from "../values.js"

export type Json = string | number | boolean | null
export type Row = Readonly<Record<string, Json>>
/** Column name to expression; empty means none. */
export type Named = Readonly<Record<string, Expr<DataType>>>

export class Query {
  constructor(
    readonly plan: Plan,
    readonly engine: Engine,
  ) {}

  type(name: string): DataType {
    return this.plan.schema.type(name, "plot")
  }

  select(columns: Named): Query {
    return this.#next(new Project(this.plan, named(columns), "select"))
  }
  filter(condition: Expr<DataType>): Query {
    return this.#next(new Filter(this.plan, condition.node))
  }
  /** One row a group of the named keys, which become columns. */
  group(keys: Named, values: Named): Query {
    const prefix = freshPrefix(this.plan.schema.names)
    const keyed = named(keys).map(({ name, expr }) => ({ name: prefix + name, expr }))
    const below = this.plan.schema.names.map(name => ({ name, expr: { op: "column" as const, name } }))
    const grouped = new Aggregate(
      new Project(this.plan, [...below, ...keyed], "select"),
      keyed.map(({ name }) => name),
      named(values),
    )
    const renamed = grouped.schema.names.map(name => ({
      name: name.startsWith(prefix) ? name.slice(prefix.length) : name,
      expr: { op: "column" as const, name },
    }))
    return this.#next(new Project(grouped, renamed, "rename"))
  }
  /** One row a group, in the order of the keys. */
  groups(keys: Named, values: Named): Promise<Row[]> {
    const grouped = this.group(keys, values)
    const order = Object.keys(keys).map(key => [key, "asc"] as const)
    return (order.length === 0 ? grouped : grouped.sort(...order)).rows()
  }
  sort(...keys: readonly (readonly [name: string, direction: "asc" | "desc"])[]): Query {
    const order = keys.map(([name, direction]) => ({ expr: { op: "column" as const, name }, direction }))
    return this.#next(new Sort(this.plan, order))
  }
  limit(rows: number): Query {
    return this.#next(new Limit(this.plan, rows))
  }

  /** Each row with this probability; the same rows each time. */
  sample(share: number): Query {
    return this.#next(new Sample(this.plan, 0, share, 1))
  }

  /** Numbers, text and Booleans; times as milliseconds since the epoch; NaN and infinities as null. */
  async rows(): Promise<Row[]> {
    const found: Row[] = []
    for await (const batch of this.engine.stream(this.plan)) {
      for (const row of rowsOf(batch, this.plan.schema, {})) found.push(jsonRow(row))
    }
    return found
  }

  async row(): Promise<Row> {
    return (await this.rows())[0] ?? {}
  }
  count(): Promise<number> {
    return countRows(this.plan, this.engine)
  }

  #next(plan: Plan): Query {
    return new Query(plan, this.engine)
  }
}

/** A column with every method; the plan's own typing still refuses what does not fit. */
export function field(name: string): LooseColumn {
  return column<Unknown>({ op: "column", name })
}

function named(columns: Named): NamedExpr[] {
  return Object.entries(columns).map(([name, { node }]) => ({ name, expr: node }))
}

/** The named fields that the row has. */
export function picked(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(names.flatMap(name => (row[name] === undefined ? [] : [[name, row[name]]])))
}

/** Keeps a group's keys apart from the user's columns. */
function freshPrefix(names: readonly string[]): string {
  let prefix = "key:"
  while (names.some(name => name.startsWith(prefix))) prefix = `_${prefix}`
  return prefix
}

function jsonRow(row: Record<string, unknown>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, jsonValue(value)]))
}

function jsonValue(value: unknown): Json {
  if (typeof value === "bigint") return Number(value)
  if (value instanceof Date) return value.getTime()
  if (typeof value === "number") return Number.isFinite(value) ? value : null
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value
  return String(value)
}
