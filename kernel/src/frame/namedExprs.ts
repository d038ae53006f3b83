// From what users give for columns (`{ hours: f.delay.div(60) }`, names, sort keys) to what plan nodes hold.

import { nodeOf, orderOf } from "./Expr.js"
import type { ExprNode } from "./ExprNode.js"
import type { NewColumns } from "./frameTypes.js"
import type { NamedExpr } from "./nodes/Project.js"
import type { SortKey } from "./nodes/Sort.js"

/** A column under its own name. */
export function same(name: string): NamedExpr {
  return { name, expr: { op: "column", name } }
}

export function namedExprs(columns: NewColumns): NamedExpr[] {
  return Object.entries(columns).map(([name, value]) => ({ name, expr: withoutAlias(nodeOf(value)) }))
}

function withoutAlias(node: ExprNode): ExprNode {
  return node.op === "alias" ? withoutAlias(node.input) : node
}

export function sortKey(key: string | { readonly node: ExprNode }): SortKey {
  const { input, direction, nulls } = orderOf(
    typeof key === "string" ? { op: "column", name: key } : key.node,
  )
  return { expr: input, direction, ...(nulls ? { nulls } : {}) }
}
