// All rows of both sides, duplicates kept; columns are matched by name, not by position.

import { fail } from "../../errors.js"
import { Schema } from "../Schema.js"
import { commonType } from "../typing.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Union {
  readonly op = "union"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly left: Plan,
    readonly right: Plan,
  ) {
    for (const name of right.schema.names) left.schema.type(name, "union (left side)")
    const fields = left.schema.fields.map(({ name, type }) => ({
      name,
      type: commonType(type, right.schema.type(name, "union (right side)"), "union"),
    }))
    if (fields.length === 0) throw fail("TYPE_MISMATCH", { operation: "union", problem: "no columns" })
    this.schema = new Schema(fields)
  }

  describe(): string {
    return "union"
  }
}
