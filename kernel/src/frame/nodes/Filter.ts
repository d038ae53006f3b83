// Keeps the rows for which the predicate is true (not false, not NULL).

import { type ExprNode, exprText } from "../ExprNode.js"
import type { Schema } from "../Schema.js"
import { predicate } from "../typing.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Filter {
  readonly op = "filter"
  readonly planId = nextPlanId()
  readonly schema: Schema
  readonly predicate: ExprNode
  constructor(
    readonly input: Plan,
    condition: ExprNode,
    readonly verb: "filter" | "filterRows" = "filter",
  ) {
    this.schema = input.schema
    this.predicate = predicate(condition, input.schema, verb)
  }

  describe(): string {
    return `${this.verb}${this.verb === "filterRows" ? ", translated:" : ""} ${exprText(this.predicate)}`
  }
}
