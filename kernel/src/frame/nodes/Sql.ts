// An engine's own SQL over frames. `{0}` in the text is the first input, `{p0}` the first parameter. Not portable.

import type { Literal } from "../ExprNode.js"
import type { Schema } from "../Schema.js"
import { uniqueSchema } from "../Schema.js"
import type { Field } from "../types.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Sql {
  readonly op = "sql"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly text: string,
    readonly params: readonly Literal[],
    readonly inputs: readonly Plan[],
    readonly fields: readonly Field[],
  ) {
    this.schema = uniqueSchema(fields, "sql")
  }

  describe(): string {
    return `sql ${this.text.trim().replace(/\s+/g, " ")}`
  }
}
