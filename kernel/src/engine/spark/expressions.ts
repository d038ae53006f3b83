// Expressions to Spark's messages. Column names are quoted and constants are values: nothing a user's value or name holds
// becomes SQL.

import type { ExprNode } from "../../frame/ExprNode.js"
import type { Schema } from "../../frame/Schema.js"
import type { DataType } from "../../frame/types.js"
import { typed } from "../../frame/typing.js"
import { aggregateExpr, call, castTo, functionExpr, type SparkExpr } from "./functions.js"
import { sparkLiteral } from "./literals.js"
import { quoteName, sparkSql } from "./types.js"

export function columnExpr(name: string, side?: string): SparkExpr {
  const unparsedIdentifier = side === undefined ? quoteName(name) : `${side}.${quoteName(name)}`
  return { exprType: { case: "unresolvedAttribute", value: { unparsedIdentifier } } }
}

export function aliasExpr(expr: SparkExpr, name: string): SparkExpr {
  return { exprType: { case: "alias", value: { expr, name: [name] } } }
}

export function sparkExpr(node: ExprNode, schema: Schema): SparkExpr {
  const lowered = (inner: ExprNode) => sparkExpr(inner, schema)
  switch (node.op) {
    case "column":
      return columnExpr(node.name)
    case "literal":
      return { exprType: { case: "literal", value: sparkLiteral(node) } }
    case "alias":
    case "order":
      return lowered(node.input)
    case "cast":
      return castTo(lowered(node.input), sparkSql(node.to))
    case "case": {
      const branches = node.branches.flatMap(({ when, value }) => [lowered(when), lowered(value)])
      return call("when", node.otherwise ? [...branches, lowered(node.otherwise)] : branches)
    }
    case "aggregate": {
      const { type } = typed(node, schema, "agg")
      return castTo(aggregateExpr(node.name, node.args.map(lowered)), sparkSql(type))
    }
    case "call":
      return functionExpr(node.name, operands(node, schema).map(lowered))
  }
  node satisfies never
}

const arithmetic = new Set(["add", "sub", "mul", "mod"])

/** Spark would give Int8 + Int32 its own type; ours is in functions.ts, so differing operands are cast to it. */
function operands(node: Extract<ExprNode, { op: "call" }>, schema: Schema): readonly ExprNode[] {
  if (!arithmetic.has(node.name)) return node.args
  const { type } = typed(node, schema, "expression")
  const same = (arg: ExprNode) => typed(arg, schema, node.name).type.kind === type.kind
  return node.args.map(arg => (same(arg) ? arg : { op: "cast", input: arg, to: type as DataType }))
}
