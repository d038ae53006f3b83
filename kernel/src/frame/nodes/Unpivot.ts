// Columns to rows: each input row gives one row for each of `values`, with the column's name and its value. NULLs stay.

import { type Schema, uniqueSchema } from "../Schema.js"
import { typeOf } from "../types.js"
import { commonType, mismatch } from "../typing.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Unpivot {
  readonly op = "unpivot"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    /** Columns that stay. */
    readonly ids: readonly string[],
    readonly values: readonly string[],
    readonly nameColumn: string,
    readonly valueColumn: string,
  ) {
    if (values.length === 0) throw mismatch("unpivot", "no column is given", 'Give { values: ["a", "b"] }.')
    const kept = ids.map(name => input.schema.field(name, "unpivot"))
    const type = values
      .map(name => input.schema.type(name, "unpivot"))
      .reduce((a, b) => commonType(a, b, "unpivot"))
    const made = [
      { name: nameColumn, type: typeOf("utf8"), nullable: false },
      { name: valueColumn, type },
    ]
    this.schema = uniqueSchema([...kept, ...made], "unpivot")
  }

  describe(): string {
    return `unpivot ${this.values.join(", ")} to ${this.nameColumn}, ${this.valueColumn}`
  }
}
