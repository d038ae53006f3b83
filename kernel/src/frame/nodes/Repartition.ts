// How many partitions a cluster cuts the rows into, and by which columns: rows with equal values then lie together. An
// engine of one process has no partitions and passes the rows on.

import { fail } from "../../errors.js"
import type { Schema } from "../Schema.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Repartition {
  readonly op = "repartition"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    /** Null: the engine's own number. */
    readonly partitions: number | null,
    readonly by: readonly string[],
    /** False: only merges partitions (`coalesce`). */
    readonly shuffle: boolean,
  ) {
    if (partitions !== null && !(Number.isSafeInteger(partitions) && partitions > 0))
      throw fail("BAD_VALUE", {
        where: "repartition",
        name: "partitions",
        value: partitions,
        fix: "Give a whole number from 1 on.",
      })
    for (const name of by) input.schema.type(name, "repartition")
    this.schema = input.schema
  }

  describe(): string {
    const count = this.partitions === null ? "" : ` ${this.partitions}`
    return `${this.shuffle ? "repartition" : "coalesce"}${count}${this.by.length > 0 ? ` by ${this.by.join(", ")}` : ""}`
  }
}
