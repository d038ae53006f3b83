// The rows of two plans together (`union`), in both (`intersect`) or in the first only (`except`). Columns meet by
// position; `align.ts` brings the right side into the left's order and both into common types first, so a node always has
// two sides with the same names and types. Without `all` each different row comes once.

import type { Schema } from "../Schema.js"
import { mismatch, sameShape } from "./align.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export type SetKind = "union" | "intersect" | "except"

export class SetOperation {
  readonly op = "setOperation"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly left: Plan,
    readonly right: Plan,
    readonly kind: SetKind,
    readonly all: boolean,
  ) {
    if (!sameShape(left.schema, right.schema))
      throw mismatch(kind, "the two sides have different columns", "Select the same columns on both.")
    this.schema = kind === "union" ? withNulls(left.schema, right.schema) : left.schema
  }

  describe(): string {
    return this.all ? `${this.kind} all` : this.kind
  }
}

function withNulls(left: Schema, right: Schema): Schema {
  return left.map((field, index) => {
    const other = right.fields[index]!.nullable
    if (field.nullable === true || other === true) return { ...field, nullable: true }
    return field.nullable === false && other === false ? field : { name: field.name, type: field.type }
  })
}
