// The first rows, or those after the first `offset`; which ones they are is defined only below a sort.

import type { Schema } from "../Schema.js"
import { checkRows, nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Limit {
  readonly op = "limit"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    /** Null: all. */
    readonly rows: number | null,
    readonly offset = 0,
  ) {
    if (rows !== null) checkRows("limit", rows)
    checkRows("offset", offset)
    this.schema = input.schema
  }

  describe(): string {
    const parts = [
      this.rows === null ? "" : `limit ${this.rows}`,
      this.offset === 0 ? "" : `offset ${this.offset}`,
    ]
    return parts.filter(part => part !== "").join(" ") || "limit none"
  }
}
