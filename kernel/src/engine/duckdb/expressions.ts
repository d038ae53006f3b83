// Expressions to SQL. Names are quoted, constants are parameters: nothing a user's value or column name holds becomes SQL.
// Types are in the nodes already (frame/typing.ts); functions are the catalog's templates.

import { fail } from "../../errors.js"
import type { CallNode, ExprNode, Literal, OrderNode, WindowNode } from "../../frame/ExprNode.js"
import { isCall } from "../../frame/ExprNode.js"
import { rowOf } from "../../frame/functions/catalog.js"
import { templateOf } from "../../frame/functions/FunctionRow.js"
import type { SortKey } from "../../frame/nodes/Sort.js"
import { type DataType, isInteger } from "../../frame/types.js"
import type { Views } from "../../frame/views.js"
import { fromJsonSql } from "./json.js"
import { quoteName } from "./quote.js"
import { specials } from "./special.js"
import { fillTemplate } from "./template.js"
import { duckdbType } from "./types.js"

/** What one statement needs besides its text: its parameters, in the order of `$1`, `$2`, and the session's views. */
export class Parameters {
  readonly values: ParameterValue[] = []

  constructor(readonly views: Views = new Map()) {}

  add(literal: Literal): string {
    const { value, sql } = parameter(literal)
    if (value === null) return `CAST(NULL AS ${duckdbType(literal.type)})`
    this.values.push(value)
    return sql(`$${this.values.length}`)
  }
}

export type ParameterValue = string | number | bigint | boolean

export function exprSql(node: ExprNode, params: Parameters): string {
  const sql = (inner: ExprNode) => exprSql(inner, params)
  switch (node.op) {
    case "column":
      return node.side === undefined ? quoteName(node.name) : `${node.side[0]}.${quoteName(node.name)}`
    case "variable":
      return node.name
    case "literal":
      return params.add(node)
    case "alias":
    case "order":
      return sql(node.input)
    case "cast":
      return castSql(sql(node.input), node.input.type!, node.to, node.try ?? false)
    case "fromJson":
      return fromJsonSql(sql(node.input), node.to)
    case "case": {
      const branches = node.branches.map(({ when, value }) => `WHEN ${sql(when)} THEN ${sql(value)}`)
      return `(CASE ${branches.join(" ")}${node.otherwise ? ` ELSE ${sql(node.otherwise)}` : ""} END)`
    }
    case "field":
      return `struct_extract(${sql(node.input)}, ${params.add(text(node.name))})`
    case "struct":
      return `struct_pack(${node.fields.map(({ name, expr }) => `${quoteName(name)} := ${sql(expr)}`).join(", ")})`
    case "lambda":
      return `lambda ${node.params.join(", ")}: ${sql(node.body)}`
    case "window":
      return windowSql(node, params)
    case "call":
    case "aggregate":
    case "ranking":
      return callSql(node, params, "")
  }
  node satisfies never
}

function text(value: string): Literal {
  return { op: "literal", type: { kind: "utf8" }, value }
}

function callSql(node: CallNode, params: Parameters, over: string): string {
  const row = rowOf(node)
  const template = templateOf(node.name, row.duckdb)
  if (template === null) {
    const has = templateOf(node.name, row.spark) === null ? "no engine here" : "spark"
    throw fail("NOT_ON_ENGINE", { what: `\`${node.name}\``, engine: "duckdb", has })
  }
  if (node.op === "aggregate" && node.name === "count" && node.args.length === 0) return `count(*)${over}`
  const sql = (inner: ExprNode) => exprSql(inner, params)
  const filling = { node, type: duckdbType(node.type!), over }
  const special = template.startsWith("@") ? specials[template.slice(1)] : undefined
  if (special !== undefined) return special({ ...filling, arg: index => sql(node.args[index]!), sql })
  const constants = new Set([...template.matchAll(/\$!(\d)/g)].map(([, index]) => Number(index) - 1))
  // A constant that goes into the text is no parameter: an unused one would be an error.
  const args = node.args.map((arg, index) => (constants.has(index) ? "" : sql(arg)))
  return fillTemplate(template, { ...filling, args })
}

function windowSql({ input, partitionBy, orderBy, frame }: WindowNode, params: Parameters): string {
  const parts: string[] = []
  if (partitionBy.length > 0)
    parts.push(`PARTITION BY ${partitionBy.map(key => exprSql(key, params)).join(", ")}`)
  if (orderBy.length > 0) parts.push(`ORDER BY ${orderBy.map(order => orderSql(order, params)).join(", ")}`)
  if (frame !== undefined) {
    parts.push(
      `${frame.unit.toUpperCase()} BETWEEN ${edge(frame.start, "PRECEDING")} AND ${edge(frame.end, "FOLLOWING")}`,
    )
  }
  return isCall(input) ? callSql(input, params, ` OVER (${parts.join(" ")})`) : exprSql(input, params)
}

function edge(offset: number | null, unbounded: string): string {
  if (offset === null) return `UNBOUNDED ${unbounded}`
  if (offset === 0) return "CURRENT ROW"
  return offset < 0 ? `${-offset} PRECEDING` : `${offset} FOLLOWING`
}

function orderSql({ input, direction, nulls }: OrderNode, params: Parameters): string {
  return sortKeySql({ expr: input, direction, ...(nulls ? { nulls } : {}) }, params)
}

export function sortKeySql({ expr, direction, nulls }: SortKey, params: Parameters): string {
  const first = (nulls ?? (direction === "asc" ? "first" : "last")) === "first"
  return `${exprSql(expr, params)} ${direction === "asc" ? "ASC" : "DESC"} NULLS ${first ? "FIRST" : "LAST"}`
}

/** Spark cuts fractions off where DuckDB rounds, and writes an instant without its zone. */
function castSql(input: string, from: DataType, to: DataType, isTry: boolean): string {
  const fraction = from.kind === "float32" || from.kind === "float64" || from.kind === "decimal"
  const cast = isTry ? "TRY_CAST" : "CAST"
  const value =
    fraction && isInteger(to)
      ? `trunc(${input})`
      : from.kind === "timestamptz" && to.kind === "utf8"
        ? `(${input} AT TIME ZONE 'UTC')`
        : input
  return `${cast}(${value} AS ${duckdbType(to)})`
}

interface BoundLiteral {
  readonly value: ParameterValue | null
  readonly sql: (placeholder: string) => string
}

function parameter({ type, value }: Literal): BoundLiteral {
  const cast = (placeholder: string) => `CAST(${placeholder} AS ${duckdbType(type)})`
  if (value === null) return { value, sql: cast }
  switch (type.kind) {
    case "int64":
    case "uint64":
    case "decimal":
      return { value: String(value), sql: cast }
    case "timestamp":
      return { value: BigInt(value as string), sql: p => `make_timestamp(CAST(${p} AS BIGINT))` }
    case "timestamptz":
      return { value: BigInt(value as string), sql: p => `make_timestamptz(CAST(${p} AS BIGINT))` }
    case "date":
      return { value: Number(value), sql: p => `(DATE '1970-01-01' + CAST(${p} AS INTEGER))` }
    case "binary":
      return { value: String(value), sql: placeholder => `from_base64(${placeholder})` }
    case "float32":
    case "float64":
      return { value: typeof value === "string" ? value : (value as number), sql: cast }
    default:
      return { value, sql: cast }
  }
}
