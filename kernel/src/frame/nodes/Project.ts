// New columns from old ones, row by row: what `select`, `with`, `drop` and `rename` become. `verb` is what the user wrote.

import { type ExprNode, exprText, hasAggregate } from "../ExprNode.js"
import { type Schema, uniqueSchema } from "../Schema.js"
import { mismatch, typed } from "../typing.js"
import { fieldOf } from "./Aggregate.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export interface NamedExpr {
  readonly name: string
  readonly expr: ExprNode
}

export class Project {
  readonly op = "project"
  readonly planId = nextPlanId()
  readonly schema: Schema
  readonly columns: readonly NamedExpr[]
  constructor(
    readonly input: Plan,
    columns: readonly NamedExpr[],
    readonly verb: "select" | "with" | "drop" | "rename" | "mapRows",
  ) {
    if (columns.length === 0) throw mismatch(verb, "no column would be left", "Keep at least one column.")
    const results = columns.map(({ name, expr }) => {
      if (hasAggregate(expr))
        throw mismatch(verb, `${exprText(expr)} is an aggregation`, "Use groupBy().agg(...).")
      return { name, ...typed(expr, input.schema, verb) }
    })
    this.columns = results.map(({ name, node }) => ({ name, expr: node }))
    this.schema = uniqueSchema(results.map(fieldOf), verb)
  }

  describe(): string {
    const shown = this.columns.map(({ name, expr }) =>
      expr.op === "column" && expr.name === name ? name : `${name} = ${exprText(expr)}`,
    )
    return `${this.verb}${this.verb === "mapRows" ? ", translated:" : ""} ${shown.join(", ")}`
  }
}
