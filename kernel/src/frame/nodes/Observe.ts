// Numbers about the rows that pass this point, told after the run under a name. It changes no row.

import { hasAggregate } from "../ExprNode.js"
import type { Schema } from "../Schema.js"
import { mismatch } from "../typing.js"
import { Aggregate } from "./Aggregate.js"
import { nextPlanId } from "./node.js"
import type { NamedExpr } from "./Project.js"
import type { Plan } from "./plan.js"

export class Observe {
  readonly op = "observe"
  readonly planId = nextPlanId()
  readonly schema: Schema
  readonly metrics: readonly NamedExpr[]
  constructor(
    readonly input: Plan,
    readonly name: string,
    metrics: readonly NamedExpr[],
  ) {
    if (!metrics.every(({ expr }) => hasAggregate(expr)))
      throw mismatch("observe", "a metric is no aggregation", "Give { rows: count() }.")
    this.metrics = new Aggregate(input, [], metrics).values
    this.schema = input.schema
  }

  describe(): string {
    return `observe ${this.name}: ${this.metrics.map(({ name }) => name).join(", ")}`
  }
}
