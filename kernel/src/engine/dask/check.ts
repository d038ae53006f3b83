// Refuses, before anything is sent, what Dask lacks: operations, functions, and keys that Arrow cannot group, sort or join by.

import { fail } from "../../errors.js"
import { children, type ExprNode, isCall } from "../../frame/ExprNode.js"
import { nodes, type Plan } from "../../frame/nodes/plan.js"
import { type DataType, typeName } from "../../frame/types.js"
import { type Lack, lackingFunctions, operations } from "./operations.js"

/** @throws NOT_ON_ENGINE */
export function checkPlan(plan: Plan): void {
  for (const node of nodes(plan)) {
    has(operations[node.op])
    for (const expr of expressions(node)) checkExpression(expr)
    for (const [use, type] of keys(node)) checkKey(use, type)
  }
}

/** @throws NOT_ON_ENGINE */
export function has(entry: "has" | Lack): void {
  if (entry !== "has") throw fail("NOT_ON_ENGINE", { engine: "dask", what: entry.what, has: entry.has })
}

function checkExpression(node: ExprNode): void {
  if (isCall(node) && Object.hasOwn(lackingFunctions, node.name))
    throw fail("NOT_ON_ENGINE", { engine: "dask", what: `\`${node.name}\``, has: "duckdb, spark" })
  if (node.op === "window") {
    for (const key of node.partitionBy) checkKey("partition by", key.type)
    for (const key of node.orderBy) checkKey("sort by", key.input.type)
  }
  for (const child of children(node)) checkExpression(child)
}

/** @throws NOT_ON_ENGINE */
export function checkKey(use: string, type: DataType | undefined): void {
  if (type?.kind !== "list" && type?.kind !== "map" && type?.kind !== "struct") return
  throw fail("NOT_ON_ENGINE", { engine: "dask", what: `${use} a ${typeName(type)}`, has: "duckdb, spark" })
}

function expressions(plan: Plan): readonly ExprNode[] {
  switch (plan.op) {
    case "filter":
      return [plan.predicate]
    case "project":
      return plan.columns.map(({ expr }) => expr)
    case "aggregate":
      return plan.values.map(({ expr }) => expr)
    case "observe":
      return plan.metrics.map(({ expr }) => expr)
    case "sort":
      return plan.order.map(({ expr }) => expr)
    case "join":
      return plan.condition === undefined ? [] : [plan.condition]
    default:
      return []
  }
}

function keys(plan: Plan): readonly (readonly [string, DataType | undefined])[] {
  switch (plan.op) {
    case "sort":
      return plan.order.map(({ expr }) => ["sort by", expr.type] as const)
    case "aggregate":
      return plan.keys.map(name => ["group by", plan.input.schema.type(name, "agg")] as const)
    case "distinct": {
      const names = plan.columns.length === 0 ? plan.schema.names : plan.columns
      return names.map(name => ["distinct rows by", plan.schema.type(name, "distinct")] as const)
    }
    case "setOperation":
      if (plan.kind === "union" && plan.all) return []
      return plan.schema.fields.map(({ type }) => [`${plan.kind} by`, type] as const)
    case "join":
    case "asOfJoin":
      return plan.on.map(({ left }) => ["join on", plan.left.schema.type(left, "join")] as const)
    default:
      return []
  }
}
