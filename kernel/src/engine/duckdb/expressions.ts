// Expressions to SQL. Names are quoted, constants are parameters: nothing a user's value or column name holds becomes SQL.

import type { ExprNode, Literal } from "../../frame/ExprNode.js"
import type { Schema } from "../../frame/Schema.js"
import { type DataType, isInteger } from "../../frame/types.js"
import { typed } from "../../frame/typing.js"
import { aggregateSql, scalarSql } from "./functions.js"
import { duckdbType } from "./types.js"

/** The parameters of one statement, in the order of `$1`, `$2`. */
export class Parameters {
  readonly values: ParameterValue[] = []

  add(literal: Literal): string {
    const { value, sql } = parameter(literal)
    if (value === null) return `CAST(NULL AS ${duckdbType(literal.type)})`
    this.values.push(value)
    return sql(`$${this.values.length}`)
  }
}

export type ParameterValue = string | number | bigint | boolean

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** For places where DuckDB takes no parameter: paths and options. DuckDB's strings know no escapes. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

export function exprSql(node: ExprNode, schema: Schema, params: Parameters): string {
  const sql = (inner: ExprNode) => exprSql(inner, schema, params)
  switch (node.op) {
    case "column":
      return quoteName(node.name)
    case "literal":
      return params.add(node)
    case "alias":
    case "order":
      return sql(node.input)
    case "cast":
      return castSql(sql(node.input), typed(node.input, schema, "cast").type, node.to)
    case "case": {
      const branches = node.branches.map(({ when, value }) => `WHEN ${sql(when)} THEN ${sql(value)}`)
      return `CASE ${branches.join(" ")}${node.otherwise ? ` ELSE ${sql(node.otherwise)}` : ""} END`
    }
    case "aggregate": {
      const args = node.args.map(arg =>
        node.name === "quantile" && arg.op === "literal" ? constant(arg) : sql(arg),
      )
      return aggregateSql[node.name](args, duckdbType(typed(node, schema, "agg").type))
    }
    case "call": {
      const { type } = typed(node, schema, "expression")
      return scalarSql[node.name](...arithmeticArgs(node, schema, type).map(sql))
    }
  }
  node satisfies never
}

/** A number as SQL text, where DuckDB wants to know it before parameters are bound. */
function constant({ value }: Literal): string {
  return `CAST(${Number(value)} AS DOUBLE)`
}

const arithmetic = new Set(["add", "sub", "mul", "mod"])

/** DuckDB would give Int8 + Int32 its own type; ours is in functions.ts, so differing operands are cast to it. */
function arithmeticArgs(
  node: Extract<ExprNode, { op: "call" }>,
  schema: Schema,
  result: DataType,
): readonly ExprNode[] {
  if (!arithmetic.has(node.name)) return node.args
  return node.args.map(arg =>
    typed(arg, schema, node.name).type.kind === result.kind ? arg : { op: "cast", input: arg, to: result },
  )
}

/** Spark cuts fractions off where DuckDB rounds. */
function castSql(input: string, from: DataType, to: DataType): string {
  const fraction = from.kind === "float32" || from.kind === "float64" || from.kind === "decimal"
  return `CAST(${fraction && isInteger(to) ? `trunc(${input})` : input} AS ${duckdbType(to)})`
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
      return { value: String(value), sql: cast }
    case "timestamp":
      return {
        value: BigInt(value as string),
        sql: placeholder => `make_timestamp(CAST(${placeholder} AS BIGINT))`,
      }
    case "date":
      return { value: Number(value), sql: p => `(DATE '1970-01-01' + CAST(${p} AS INTEGER))` }
    case "binary":
      return { value: String(value), sql: placeholder => `from_base64(${placeholder})` }
    default:
      return { value, sql: cast }
  }
}
