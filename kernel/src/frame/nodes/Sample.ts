// A share of the rows, each kept or not by itself (Bernoulli). The same seed gives the same rows on the same engine, data
// and partitioning; other engines draw other rows.

import { fail } from "../../errors.js"
import type { Schema } from "../Schema.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Sample {
  readonly op = "sample"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    /** The lower and upper end of the share: rows whose random number lies between are kept. */
    readonly lower: number,
    readonly upper: number,
    readonly seed: number,
  ) {
    if (!(lower >= 0 && upper <= 1 && lower <= upper))
      throw fail("BAD_VALUE", {
        where: "sample",
        name: "fraction",
        value: upper - lower,
        fix: "Give a number from 0 to 1.",
      })
    if (!Number.isSafeInteger(seed))
      throw fail("BAD_VALUE", { where: "sample", name: "seed", value: seed, fix: "Give a whole number." })
    this.schema = input.schema
  }

  describe(): string {
    return `sample ${Number((this.upper - this.lower).toPrecision(6))}, seed ${this.seed}`
  }
}
