// To each row of the left side the nearest row of the right side in time (or any ordered column), among those with the same
// keys: the last one before it (`backward`) or the first one after it (`forward`). Rows without a partner stay, with NULLs.

import { type Schema, uniqueSchema } from "../Schema.js"
import { typeName } from "../types.js"
import { meet, mismatch } from "../typing.js"
import { type JoinKey, type RightColumn, rightColumns } from "./Join.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export type AsOfDirection = "backward" | "forward"

export class AsOfJoin {
  readonly op = "asOfJoin"
  readonly planId = nextPlanId()
  readonly schema: Schema
  readonly rightColumns: readonly RightColumn[]
  constructor(
    readonly left: Plan,
    readonly right: Plan,
    readonly on: readonly JoinKey[],
    /** The ordered columns. */
    readonly time: JoinKey,
    readonly direction: AsOfDirection,
    readonly suffix: string,
  ) {
    for (const key of [...on, time]) {
      const a = left.schema.type(key.left, "asOfJoin (left side)")
      const b = right.schema.type(key.right, "asOfJoin (right side)")
      if (meet(a, b) === undefined)
        throw mismatch(
          "asOfJoin",
          `\`${key.left}\` is ${typeName(a)} and \`${key.right}\` is ${typeName(b)}`,
          "Convert one with `cast` first.",
        )
    }
    this.rightColumns = rightColumns(left, right, on, suffix)
    const added = this.rightColumns.map(({ from, name }) => ({
      ...right.schema.field(from, "asOfJoin"),
      name,
      nullable: true,
    }))
    this.schema = uniqueSchema([...left.schema.fields, ...added], "asOfJoin")
  }

  describe(): string {
    const keys = this.on.map(({ left, right }) => (left === right ? left : `${left} = ${right}`))
    const sign = this.direction === "backward" ? ">=" : "<="
    return `as-of join on ${[...keys, `${this.time.left} ${sign} ${this.time.right}`].join(", ")}`
  }
}
