// Whole numbers from `start` up to (not including) `end`, in a column of Int64.

import { fail } from "../../errors.js"
import { Schema } from "../Schema.js"
import { typeOf } from "../types.js"
import { nextPlanId } from "./node.js"

export class Range {
  readonly op = "range"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly start: number,
    readonly end: number,
    readonly step: number,
    readonly column: string,
  ) {
    for (const [name, value] of Object.entries({ start, end, step })) {
      if (!Number.isSafeInteger(value) || (name === "step" && value === 0))
        throw fail("BAD_VALUE", {
          where: "range",
          name,
          value,
          fix: "Give a whole number; the step is not 0.",
        })
    }
    this.schema = new Schema([{ name: column, type: typeOf("int64"), nullable: false }])
  }

  describe(): string {
    return `range ${this.start} to ${this.end}${this.step === 1 ? "" : ` by ${this.step}`}`
  }
}
