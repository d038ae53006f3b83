// The first rows; which ones they are is defined only below a sort.

import { fail } from "../../errors.js"
import type { Schema } from "../Schema.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Limit {
  readonly op = "limit"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    readonly rows: number,
  ) {
    if (!Number.isSafeInteger(rows) || rows < 0) {
      throw fail("BAD_VALUE", {
        where: "limit",
        name: "rows",
        value: rows,
        fix: "Give a whole number from 0 on.",
      })
    }
    this.schema = input.schema
  }

  describe(): string {
    return `limit ${this.rows}`
  }
}
