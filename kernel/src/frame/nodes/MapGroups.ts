// Each group of rows through a user's function, which gets the whole group at once: it must fit in memory.

import { type Schema, uniqueSchema } from "../Schema.js"
import { type Field, typeName } from "../types.js"
import { mismatch } from "../typing.js"
import type { UserFunction } from "../UserFunction.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class MapGroups {
  readonly op = "mapGroups"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    readonly keys: readonly string[],
    readonly fn: UserFunction,
    /** The columns that the function gives. The keys are among them only if it gives them. */
    readonly fields: readonly Field[],
  ) {
    if (keys.length === 0)
      throw mismatch("mapGroups", "there are no keys", 'Name them: groupBy("origin").mapGroups(...).')
    for (const key of keys) input.schema.type(key, "groupBy")
    this.schema = uniqueSchema(fields, "mapGroups")
  }

  describe(): string {
    const gives = this.fields.map(({ name, type }) => `${name}: ${typeName(type)}`).join(", ")
    return `mapGroups ${this.fn.name} by ${this.keys.join(", ")}: gives ${gives}; runs in TypeScript`
  }
}
