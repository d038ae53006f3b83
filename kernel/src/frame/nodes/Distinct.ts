// Each different row once; with columns, one row (any) for each different value of those.

import type { Schema } from "../Schema.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Distinct {
  readonly op = "distinct"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    /** All columns when empty. */
    readonly columns: readonly string[] = [],
  ) {
    for (const name of columns) input.schema.type(name, "dropDuplicates")
    this.schema = input.schema
  }

  describe(): string {
    return this.columns.length === 0 ? "distinct" : `drop duplicates of ${this.columns.join(", ")}`
  }
}
