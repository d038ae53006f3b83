// Plans to SQL: one nested SELECT a node, which DuckDB flattens and pushes down. One row a node in `lowering`; the
// compiler asks for a missing one. Golden: test/engine/planSql.test.ts.

import type { Literal } from "../../frame/ExprNode.js"
import type { Plan, PlanOp } from "../../frame/nodes/plan.js"
import type { Schema } from "../../frame/Schema.js"
import type { Source } from "../../frame/Source.js"
import { fillSql } from "../../frame/sql.js"
import { exprSql, Parameters, type ParameterValue, quoteName } from "./expressions.js"
import { mappedTable } from "./mapped.js"
import { sourceSql } from "./sources.js"
import { duckdbType } from "./types.js"

export interface Statement {
  readonly sql: string
  readonly params: readonly ParameterValue[]
}

export function planSql(plan: Plan): Statement {
  const params = new Parameters()
  return { sql: select(plan, params), params: params.values }
}

/** SQL text of a user over plans. */
export function queryStatement(
  text: string,
  literals: readonly Literal[],
  inputs: readonly Plan[],
): Statement {
  const params = new Parameters()
  return { sql: userSql(text, literals, inputs, params), params: params.values }
}

/** The table in which the engine keeps the rows of a `local` node. */
export function localTable(planId: number): string {
  return `shardlab_local_${planId}`
}

type Node<Op extends PlanOp> = Extract<Plan, { op: Op }>
type Lowering = { readonly [Op in PlanOp]: (plan: Node<Op>, params: Parameters) => string }

const lowering: Lowering = {
  scan: ({ source, schema }) =>
    `SELECT ${scanColumns(source, schema)} FROM ${sourceSql(source)}${rangeSql(source)}`,
  local: ({ planId, schema }) => `SELECT ${names(schema)} FROM ${localTable(planId)}`,
  sql: ({ text, params: literals, inputs, schema }, params) =>
    `SELECT ${names(schema)} FROM (\n${userSql(text, literals, inputs, params)}\n)`,
  filter: ({ input, predicate }, params) =>
    `${from("*", input, params)} WHERE ${exprSql(predicate, input.schema, params)}`,
  project: ({ input, columns }, params) => {
    const list = columns.map(
      ({ name, expr }) => `${exprSql(expr, input.schema, params)} AS ${quoteName(name)}`,
    )
    return from(list.join(", "), input, params)
  },
  aggregate: ({ input, keys, values }, params) => {
    const made = values.map(
      ({ name, expr }) => `${exprSql(expr, input.schema, params)} AS ${quoteName(name)}`,
    )
    const grouped = keys.map(quoteName)
    const list = [...grouped, ...made].join(", ")
    return from(list, input, params) + (keys.length === 0 ? "" : ` GROUP BY ${grouped.join(", ")}`)
  },
  sort: ({ input, order }, params) => {
    const text = from("*", input, params)
    const keys = order.map(
      ({ expr, direction }) =>
        `${exprSql(expr, input.schema, params)} ${direction === "asc" ? "ASC NULLS FIRST" : "DESC NULLS LAST"}`,
    )
    return `${text} ORDER BY ${keys.join(", ")}`
  },
  limit: ({ input, rows }, params) => `${from("*", input, params)} LIMIT ${rows}`,
  join: joinSql,
  mapBatches: ({ planId, schema }) => `SELECT ${names(schema)} FROM ${mappedTable(planId)}`,
  mapGroups: ({ planId, schema }) => `SELECT ${names(schema)} FROM ${mappedTable(planId)}`,
  distinct: ({ input }, params) => from("DISTINCT *", input, params),
  union: ({ left, right, schema }, params) => {
    const list = schema.fields.map(
      ({ name, type }) => `CAST(${quoteName(name)} AS ${duckdbType(type)}) AS ${quoteName(name)}`,
    )
    return `${from(list.join(", "), left, params)} UNION ALL ${from(list.join(", "), right, params)}`
  },
}

function select<Op extends PlanOp>(plan: Node<Op>, params: Parameters): string {
  return lowering[plan.op as Op](plan, params)
}

function from(list: string, input: Plan, params: Parameters): string {
  return `SELECT ${list} FROM (${select(input, params)})`
}

function names(schema: Schema): string {
  return schema.names.map(quoteName).join(", ")
}

function joinSql({ left, right, on, how, rightColumns }: Node<"join">, params: Parameters): string {
  const merged = new Set(on.filter(key => key.left === key.right).map(key => key.left))
  const own = left.schema.names.map(name => {
    const quoted = quoteName(name)
    const value =
      merged.has(name) && how !== "semi" && how !== "anti"
        ? `coalesce(l.${quoted}, r.${quoted})`
        : `l.${quoted}`
    return `${value} AS ${quoted}`
  })
  const other = rightColumns.map(({ from: name, name: to }) => `r.${quoteName(name)} AS ${quoteName(to)}`)
  const condition = on.map(key => `l.${quoteName(key.left)} = r.${quoteName(key.right)}`).join(" AND ")
  const tables = `(${select(left, params)}) AS l ${how.toUpperCase()} JOIN (${select(right, params)}) AS r ON ${condition}`
  return `SELECT ${[...own, ...other].join(", ")} FROM ${tables}`
}

function userSql(
  text: string,
  literals: readonly Literal[],
  inputs: readonly Plan[],
  params: Parameters,
): string {
  const tables = inputs.map((input, i) => `shardlab_input_${i} AS (${select(input, params)})`)
  const body = fillSql(
    text,
    index => `shardlab_input_${index}`,
    index => params.add(literals[index]!),
  ).replace(/;\s*$/, "")
  return tables.length === 0 ? body : `WITH ${tables.join(", ")} SELECT * FROM (\n${body}\n)`
}

function scanColumns(source: Source, schema: Schema): string {
  const cast = new Set(source.cast)
  return schema.fields
    .map(({ name, type }) => {
      const quoted = quoteName(name)
      return cast.has(name) ? `CAST(${quoted} AS ${duckdbType(type)}) AS ${quoted}` : quoted
    })
    .join(", ")
}

/** DuckDB turns a range over `file_row_number` into the row groups that hold it, so other groups are not read. */
function rangeSql({ range }: Source): string {
  if (range === undefined) return ""
  return ` WHERE file_row_number >= ${range.first} AND file_row_number < ${range.first + range.rows}`
}
