// Orders rows. NULLs come first when ascending and last when descending, as in Spark, unless a key says otherwise. Ties
// have no order.

import { type ExprNode, exprText } from "../ExprNode.js"
import type { Schema } from "../Schema.js"
import { mismatch, typed } from "../typing.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export interface SortKey {
  readonly expr: ExprNode
  readonly direction: "asc" | "desc"
  readonly nulls?: "first" | "last"
}

export class Sort {
  readonly op = "sort"
  readonly planId = nextPlanId()
  readonly schema: Schema
  readonly order: readonly SortKey[]
  constructor(
    readonly input: Plan,
    order: readonly SortKey[],
  ) {
    if (order.length === 0) throw mismatch("sort", "no column is given", 'Give it a name or desc("name").')
    this.schema = input.schema
    this.order = order.map(key => ({ ...key, expr: typed(key.expr, input.schema, "sort").node }))
  }

  describe(): string {
    return `sort ${this.order.map(({ expr, direction }) => `${exprText(expr)} ${direction}`).join(", ")}`
  }
}
