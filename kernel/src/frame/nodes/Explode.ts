// One row for each element of a list, in the list's place. `outer` keeps a row whose list is empty or NULL, with NULL.

import { type Schema, uniqueSchema } from "../Schema.js"
import { type Field, typeName, typeOf } from "../types.js"
import { mismatch } from "../typing.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export class Explode {
  readonly op = "explode"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    readonly column: string,
    /** The element's column. */
    readonly as: string,
    readonly outer: boolean,
    /** A column for the element's place, from 0. */
    readonly position?: string,
  ) {
    const type = input.schema.type(column, "explode")
    if (type.kind !== "list")
      throw mismatch(
        "explode",
        `\`${column}\` is ${typeName(type)}, not a list`,
        "Use mapEntries first for a map.",
      )
    const element: Field = { name: as, type: type.item, ...(outer ? { nullable: true } : {}) }
    const place: Field[] =
      position === undefined ? [] : [{ name: position, type: typeOf("int32"), nullable: outer }]
    const fields = input.schema.fields.flatMap(field =>
      field.name === column ? [...place, element] : [field],
    )
    this.schema = uniqueSchema(fields, "explode")
  }

  describe(): string {
    return `explode ${this.column}${this.outer ? " outer" : ""}${this.as === this.column ? "" : ` as ${this.as}`}`
  }
}
