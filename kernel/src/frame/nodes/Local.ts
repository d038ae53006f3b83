// Rows that came from JavaScript, carried in the plan. For thousands of rows, not for millions.

import { Schema } from "../Schema.js"
import type { Field } from "../types.js"
import { nextPlanId } from "./node.js"

export class Local {
  readonly op = "local"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly fields: readonly Field[],
    /** One array a field, values as in `Literal.value`. */
    readonly columns: readonly (readonly (string | number | boolean | null)[])[],
  ) {
    this.schema = new Schema(fields)
  }

  get rows(): number {
    return this.columns[0]?.length ?? 0
  }

  describe(): string {
    return `local ${this.rows} rows`
  }
}
