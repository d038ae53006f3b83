// `pivot`: one column for each value of a column. It becomes a plain aggregation in which each value sees only its rows;
// a value that no row of a group has gives NULL there.

import { nodeOf } from "../Expr.js"
import type { LiteralValue } from "../ExprNode.js"
import { type ExprNode, exprName, mapChildren } from "../ExprNode.js"
import { Aggregate } from "../nodes/Aggregate.js"
import type { NamedExpr } from "../nodes/Project.js"
import type { Plan } from "../nodes/plan.js"
import { mismatch } from "../typing.js"

export function pivot(
  plan: Plan,
  keys: readonly string[],
  column: string,
  values: readonly LiteralValue[],
  aggregations: readonly NamedExpr[],
): Plan {
  if (values.length === 0)
    throw mismatch("pivot", "no value is given", 'Give them: pivot("year", [2023, 2024]).')
  plan.schema.type(column, "pivot")
  const made = values.flatMap(value => {
    const isValue = condition(column, value)
    return aggregations.map(
      ({ name, expr }): NamedExpr => ({
        name: aggregations.length === 1 ? label(value) : `${label(value)}_${name}`,
        expr: whereAny(isValue, restrict(expr, isValue)),
      }),
    )
  })
  return new Aggregate(plan, keys, made)
}

function label(value: LiteralValue): string {
  if (value === null) return "null"
  return value instanceof Date ? value.toISOString().replace("T00:00:00.000Z", "") : exprName(nodeOf(value))
}

function condition(column: string, value: LiteralValue): ExprNode {
  const of: ExprNode = { op: "column", name: column }
  if (value === null) return { op: "call", name: "isNull", args: [of] }
  return { op: "call", name: "eq", args: [of, nodeOf(value)] }
}

/** Every aggregation sees NULL, which it skips, in the other rows. */
function restrict(node: ExprNode, when: ExprNode): ExprNode {
  if (node.op !== "aggregate") return mapChildren(node, child => restrict(child, when))
  const [first = nodeOf(1), ...rest] = node.args
  const only: ExprNode = { op: "case", branches: [{ when, value: first }] }
  return { ...node, args: [only, ...rest] }
}

/** NULL for a group without such a row, also where a count would say 0. */
function whereAny(when: ExprNode, value: ExprNode): ExprNode {
  const some: ExprNode = { op: "aggregate", name: "some", args: [when] }
  return { op: "case", branches: [{ when: some, value }] }
}
