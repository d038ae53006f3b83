// The last rows; which ones they are is defined only below a sort.

import type { Schema } from "../Schema.js"
import { checkRows, nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Tail {
  readonly op = "tail"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    readonly rows: number,
  ) {
    checkRows("tail", rows)
    this.schema = input.schema
  }

  describe(): string {
    return `tail ${this.rows}`
  }
}
