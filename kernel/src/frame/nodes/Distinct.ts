// Each different row once.

import type { Schema } from "../Schema.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Distinct {
  readonly op = "distinct"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(readonly input: Plan) {
    this.schema = input.schema
  }

  describe(): string {
    return "distinct"
  }
}
