// Expressions to Spark's messages. Types are in the nodes already (frame/typing.ts); functions are the catalog's templates.
// Column names are quoted and constants are values: nothing a user's value or name holds becomes SQL.

import { fail } from "../../errors.js"
import type {
  CallNode,
  ExprNode,
  LambdaNode,
  Literal,
  OrderNode,
  WindowFrame,
  WindowNode,
} from "../../frame/ExprNode.js"
import { rowOf } from "../../frame/functions/catalog.js"
import { templateOf } from "../../frame/functions/FunctionRow.js"
import type { SortKey } from "../../frame/nodes/Sort.js"
import { call, castTo, columnExpr, nothing, numberExpr, type SparkExpr, textExpr } from "./expr.js"
import {
  Expression_SortOrder_SortDirection as Direction,
  Expression_Window_WindowFrame_FrameType as FrameType,
  Expression_SortOrder_NullOrdering as Nulls,
} from "./gen/spark/connect/expressions_pb.js"
import { sparkLiteral } from "./literals.js"
import { specials } from "./special.js"
import { fillTemplate } from "./template.js"
import { sparkSql } from "./types.js"

export function sparkExpr(node: ExprNode): SparkExpr {
  switch (node.op) {
    case "column":
      return columnExpr(node.name, node.side?.[0])
    case "variable":
      return { exprType: { case: "unresolvedNamedLambdaVariable", value: { nameParts: [node.name] } } }
    case "literal":
      return literalExpr(node)
    case "alias":
    case "order":
      return sparkExpr(node.input)
    case "cast":
      return castTo(sparkExpr(node.input), sparkSql(node.to), node.try)
    case "fromJson":
      return call("from_json", [sparkExpr(node.input), textExpr(sparkSql(node.to))])
    case "case": {
      const branches = node.branches.flatMap(({ when, value }) => [sparkExpr(when), sparkExpr(value)])
      return call("when", node.otherwise ? [...branches, sparkExpr(node.otherwise)] : branches)
    }
    case "field": {
      const value = { child: sparkExpr(node.input), extraction: textExpr(node.name) }
      return { exprType: { case: "unresolvedExtractValue", value } }
    }
    case "struct":
      return call(
        "named_struct",
        node.fields.flatMap(({ name, expr }) => [textExpr(name), sparkExpr(expr)]),
      )
    case "lambda":
      return lambdaExpr(node)
    case "window":
      return windowExpr(node)
    case "call":
    case "aggregate":
    case "ranking":
      return callExpr(node)
  }
  node satisfies never
}

/** A NULL list or map is a cast: Sail takes no such literal. */
function literalExpr(node: Literal): SparkExpr {
  if (node.value === null && nested.has(node.type.kind)) return castTo(nothing, sparkSql(node.type))
  return { exprType: { case: "literal", value: sparkLiteral(node) } }
}

const nested: ReadonlySet<string> = new Set(["list", "map", "struct"])

function callExpr(node: CallNode): SparkExpr {
  const row = rowOf(node)
  const template = templateOf(node.name, row.spark)
  if (template === null) {
    const has = templateOf(node.name, row.duckdb) === null ? "no engine here" : "duckdb"
    throw fail("NOT_ON_ENGINE", { what: `\`${node.name}\``, engine: "Spark", has })
  }
  const args = node.args.map(sparkExpr)
  if (node.op === "aggregate" && node.name === "count" && args.length === 0)
    return call("count", [numberExpr(1)])
  const filling = { args, type: () => sparkSql(node.type!) }
  const special = template.startsWith("@") ? specials[template.slice(1)] : undefined
  return special === undefined ? fillTemplate(template, filling) : special(filling)
}

function lambdaExpr({ params, body }: LambdaNode): SparkExpr {
  const args = params.map(name => ({ nameParts: [name] }))
  return { exprType: { case: "lambdaFunction", value: { function: sparkExpr(body), arguments: args } } }
}

function windowExpr({ input, partitionBy, orderBy, frame }: WindowNode): SparkExpr {
  const value = {
    windowFunction: sparkExpr(input),
    partitionSpec: partitionBy.map(sparkExpr),
    orderSpec: orderBy.map(windowOrder),
    ...(frame !== undefined && { frameSpec: frameSpec(frame) }),
  }
  return { exprType: { case: "window", value } }
}

function windowOrder({ input, direction, nulls }: OrderNode) {
  return sortOrder({ expr: input, direction, ...(nulls !== undefined && { nulls }) })
}

function frameSpec({ unit, start, end }: WindowFrame) {
  const frameType = unit === "rows" ? FrameType.ROW : FrameType.RANGE
  return { frameType, lower: { boundary: edge(start) }, upper: { boundary: edge(end) } }
}

function edge(offset: number | null) {
  if (offset === null) return { case: "unbounded" as const, value: true }
  if (offset === 0) return { case: "currentRow" as const, value: true }
  return { case: "value" as const, value: numberExpr(offset) }
}

/** NULLs first when ascending and last when descending, unless the key says otherwise. */
export function sortOrder({ expr, direction, nulls }: SortKey) {
  const first = (nulls ?? (direction === "asc" ? "first" : "last")) === "first"
  return {
    child: sparkExpr(expr),
    direction: direction === "asc" ? Direction.ASCENDING : Direction.DESCENDING,
    nullOrdering: first ? Nulls.SORT_NULLS_FIRST : Nulls.SORT_NULLS_LAST,
  }
}
