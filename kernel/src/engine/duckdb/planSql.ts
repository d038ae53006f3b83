// Plans to SQL: one nested SELECT a node, which DuckDB flattens and pushes down. One row a node in `lowering`; the
// compiler asks for a missing one.

import type { Literal } from "../../frame/ExprNode.js"
import type { JoinKey } from "../../frame/nodes/Join.js"
import type { Plan, PlanNode, PlanOp } from "../../frame/nodes/plan.js"
import type { SortKey } from "../../frame/nodes/Sort.js"
import type { Schema } from "../../frame/Schema.js"
import type { Source } from "../../frame/Source.js"
import { fillSql } from "../../frame/sql.js"
import type { DataType } from "../../frame/types.js"
import type { Views } from "../../frame/views.js"
import { exprSql, Parameters, type ParameterValue, sortKeySql } from "./expressions.js"
import { joinSql } from "./joinSql.js"
import { mappedTable } from "./mapped.js"
import { quoteName } from "./quote.js"
import { sourceSql } from "./sources.js"
import { duckdbType } from "./types.js"

export interface Statement {
  readonly sql: string
  readonly params: readonly ParameterValue[]
}

export function planSql(plan: Plan, views?: Views): Statement {
  const params = new Parameters(views)
  return { sql: select(plan, params), params: params.values }
}

/** SQL text of a user over plans. */
export function queryStatement(
  text: string,
  literals: readonly Literal[],
  inputs: readonly Plan[],
  views?: Views,
): Statement {
  const params = new Parameters(views)
  return { sql: userSql(text, literals, inputs, params), params: params.values }
}

/** The table in which the engine keeps the rows of a `local` node. */
export function localTable(planId: number): string {
  return `shardlab_local_${planId}`
}

/** The table in which the engine keeps the rows of a `cache` node. */
export function cacheTable(key: string): string {
  return `shardlab_cache_${key.replaceAll("-", "_")}`
}

type Lowering = { readonly [Op in PlanOp]: (plan: PlanNode<Op>, params: Parameters) => string }

const lowering: Lowering = {
  scan: ({ source, schema }) =>
    `SELECT ${scanColumns(source, schema)} FROM ${sourceSql(source)}${rangeSql(source)}`,
  local: ({ planId, schema }) => `SELECT ${names(schema)} FROM ${localTable(planId)}`,
  range: ({ start, end, step, column }) =>
    `SELECT CAST(range AS BIGINT) AS ${quoteName(column)} FROM range(${start}, ${end}, ${step})`,
  stored: ({ name, schema }, params) => {
    const view = params.views.get(name)
    return view === undefined ? `SELECT ${names(schema)} FROM ${tableName(name)}` : select(view, params)
  },
  sql: ({ text, params: literals, inputs, schema }, params) =>
    `SELECT ${names(schema)} FROM (\n${userSql(text, literals, inputs, params)}\n)`,
  filter: ({ input, predicate }, params) => `${from("*", input, params)} WHERE ${exprSql(predicate, params)}`,
  project: ({ input, columns }, params) => {
    const list = columns.map(({ name, expr }) => `${exprSql(expr, params)} AS ${quoteName(name)}`)
    return from(list.join(", "), input, params)
  },
  aggregate: ({ input, keys, values, grouping }, params) => {
    const made = values.map(({ name, expr }) => `${exprSql(expr, params)} AS ${quoteName(name)}`)
    const grouped = keys.map(quoteName)
    const text = from([...grouped, ...made].join(", "), input, params)
    if (keys.length === 0) return text
    const list = grouped.join(", ")
    if (grouping === "groupBy") return `${text} GROUP BY ${list}`
    // No rows have no groups, also not the total: SQL would give one, Spark does not.
    return `${text} GROUP BY ${grouping.toUpperCase()} (${list}) HAVING count(*) > 0`
  },
  sort: ({ input, order }, params) => `${from("*", input, params)} ORDER BY ${orderSql(order, params)}`,
  limit: ({ input, rows, offset }, params) =>
    from("*", input, params) +
    (rows === null ? "" : ` LIMIT ${rows}`) +
    (offset === 0 ? "" : ` OFFSET ${offset}`),
  tail: tailSql,
  distinct: ({ input, columns }, params) =>
    from(
      columns.length === 0 ? "DISTINCT *" : `DISTINCT ON (${columns.map(quoteName).join(", ")}) *`,
      input,
      params,
    ),
  sample: ({ input, lower, upper, seed, schema }, params) => {
    // A random number of the row's own, the same in every part of a split and in every run.
    const share = `(hash(row_number() OVER (), ${seed}) >> 11) / 9007199254740992.0`
    const numbered = from(`*, ${share} AS shardlab_share`, input, params)
    return `SELECT ${names(schema)} FROM (${numbered}) WHERE shardlab_share >= ${lower} AND shardlab_share < ${upper}`
  },
  explode: ({ input, column, as, outer, position }, params) => {
    const list = quoteName(column)
    const items = outer ? `CASE WHEN len(${list}) > 0 THEN ${list} ELSE [NULL] END` : list
    const places = outer
      ? `CASE WHEN len(${list}) > 0 THEN range(len(${list})) ELSE [NULL] END`
      : `range(len(${list}))`
    const place =
      position === undefined ? [] : [`CAST(unnest(${places}) AS INTEGER) AS ${quoteName(position)}`]
    const columns = input.schema.names.flatMap(name =>
      name === column ? [...place, `unnest(${items}) AS ${quoteName(as)}`] : [quoteName(name)],
    )
    return from(columns.join(", "), input, params)
  },
  unpivot: ({ input, ids, values, nameColumn, valueColumn, schema }, params) => {
    const type = duckdbType(schema.type(valueColumn, "unpivot"))
    const cast = values.map(name => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`)
    const inner = from([...ids.map(quoteName), ...cast].join(", "), input, params)
    const columns = values.map(quoteName).join(", ")
    return `SELECT ${names(schema)} FROM (${inner}) UNPIVOT INCLUDE NULLS (${quoteName(valueColumn)} FOR ${quoteName(nameColumn)} IN (${columns}))`
  },
  // One process has no partitions, DuckDB takes no hints, and observed numbers are a query of their own.
  repartition: ({ input }, params) => select(input, params),
  hint: ({ input }, params) => select(input, params),
  observe: ({ input }, params) => select(input, params),
  cache: ({ key, schema }) => `SELECT ${names(schema)} FROM ${cacheTable(key)}`,
  mapBatches: ({ planId, schema }) => `SELECT ${names(schema)} FROM ${mappedTable(planId)}`,
  mapGroups: ({ planId, schema }) => `SELECT ${names(schema)} FROM ${mappedTable(planId)}`,
  join: (plan, params) => joinSql(plan, params, select),
  asOfJoin: asOfSql,
  setOperation: ({ left, right, kind, all }, params) =>
    `(${select(left, params)}) ${kind.toUpperCase()}${all ? " ALL" : ""} (${select(right, params)})`,
}

function select<Op extends PlanOp>(plan: PlanNode<Op>, params: Parameters): string {
  return lowering[plan.op as Op](plan, params)
}

function from(list: string, input: Plan, params: Parameters): string {
  return `SELECT ${list} FROM (${select(input, params)})`
}

function names(schema: Schema): string {
  return schema.names.map(quoteName).join(", ")
}

/** `lake.flights` is a table of a schema. */
function tableName(name: string): string {
  return name.split(".").map(quoteName).join(".")
}

function orderSql(order: readonly SortKey[], params: Parameters): string {
  return order.map(key => sortKeySql(key, params)).join(", ")
}

/** The last rows of a sort are the first of its reverse; of anything else, those with the highest numbers. */
function tailSql({ input, rows, schema }: PlanNode<"tail">, params: Parameters): string {
  if (input.op === "sort") {
    const last = `${from("*", input.input, params)} ORDER BY ${orderSql(input.order.map(reversed), params)} LIMIT ${rows}`
    return `SELECT * FROM (${last}) ORDER BY ${orderSql(input.order, params)}`
  }
  const numbered = from(
    "*, row_number() OVER () AS shardlab_row, count(*) OVER () AS shardlab_rows",
    input,
    params,
  )
  return `SELECT ${names(schema)} FROM (${numbered}) WHERE shardlab_row > shardlab_rows - ${rows} ORDER BY shardlab_row`
}

function reversed({ expr, direction, nulls }: SortKey): SortKey {
  const first = (nulls ?? (direction === "asc" ? "first" : "last")) === "first"
  return { expr, direction: direction === "asc" ? "desc" : "asc", nulls: first ? "last" : "first" }
}

function asOfSql(plan: PlanNode<"asOfJoin">, params: Parameters): string {
  const { left, right, on, time, direction } = plan
  const own = left.schema.names.map(name => `l.${quoteName(name)} AS ${quoteName(name)}`)
  const order = keySql(time, direction === "backward" ? ">=" : "<=")
  const conditions = [...on.map(key => keySql(key, "=")), order]
  const tables = `(${select(left, params)}) AS l ASOF LEFT JOIN (${select(right, params)}) AS r`
  return `SELECT ${[...own, ...rightSql(plan)].join(", ")} FROM ${tables} ON ${conditions.join(" AND ")}`
}

function rightSql({ rightColumns }: PlanNode<"join" | "asOfJoin">): string[] {
  return rightColumns.map(({ from: name, name: to }) => `r.${quoteName(name)} AS ${quoteName(to)}`)
}

function keySql({ left, right }: JoinKey, operator: string): string {
  return `l.${quoteName(left)} ${operator} r.${quoteName(right)}`
}

function userSql(
  text: string,
  literals: readonly Literal[],
  inputs: readonly Plan[],
  params: Parameters,
): string {
  const tables = inputs.map((input, i) => `shardlab_input_${i} AS (${select(input, params)})`)
  for (const [name, plan] of params.views) {
    if (mentions(text, name)) tables.push(`${quoteName(name)} AS (${select(plan, params)})`)
  }
  const body = fillSql(
    text,
    index => `shardlab_input_${index}`,
    index => params.add(literals[index]!),
  ).replace(/;\s*$/, "")
  return tables.length === 0 ? body : `WITH ${tables.join(", ")} SELECT * FROM (\n${body}\n)`
}

function mentions(text: string, name: string): boolean {
  return text.toLowerCase().includes(name.toLowerCase())
}

function scanColumns(source: Source, schema: Schema): string {
  const cast = new Set(source.cast)
  return schema.fields
    .map(({ name, type }: { name: string; type: DataType }) => {
      const quoted = quoteName(name)
      return cast.has(name) ? `CAST(${quoted} AS ${duckdbType(type)}) AS ${quoted}` : quoted
    })
    .join(", ")
}

/** DuckDB turns a range over row numbers into the row groups that hold it, so other groups are not read. */
function rangeSql({ format, range }: Source): string {
  if (range === undefined) return ""
  const row = format === "table" ? "rowid" : "file_row_number"
  return ` WHERE ${row} >= ${range.first} AND ${row} < ${range.first + range.rows}`
}
