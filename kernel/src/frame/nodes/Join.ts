// Joins on equal key columns. A key with one name on both sides appears once; another column of the right side whose name
// is taken gets the suffix. `semi` and `anti` keep or drop rows of the left side and add no column. NULL equals nothing.

import { comparable } from "../functions.js"
import { type Schema, uniqueSchema } from "../Schema.js"
import { type Field, typeName } from "../types.js"
import { mismatch } from "../typing.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export type JoinType = "inner" | "left" | "right" | "full" | "semi" | "anti"
export const joinTypes: readonly JoinType[] = ["inner", "left", "right", "full", "semi", "anti"]

export interface JoinKey {
  readonly left: string
  readonly right: string
}
/** A column of the right side and what it is called in the result. */
export interface RightColumn {
  readonly from: string
  readonly name: string
}

export class Join {
  readonly op = "join"
  readonly planId = nextPlanId()
  readonly schema: Schema
  readonly rightColumns: readonly RightColumn[]
  constructor(
    readonly left: Plan,
    readonly right: Plan,
    readonly on: readonly JoinKey[],
    readonly how: JoinType,
    readonly suffix: string,
  ) {
    if (on.length === 0) throw mismatch("join", "no key is given", 'Give { on: "key" }.')
    for (const key of on) checkKey(left, right, key)
    this.rightColumns = how === "semi" || how === "anti" ? [] : rightColumns(left, right, on, suffix)
    const added = this.rightColumns.map(
      ({ from, name }): Field => ({ name, type: right.schema.type(from, "join") }),
    )
    this.schema = uniqueSchema([...left.schema.fields, ...added], "join")
  }

  describe(): string {
    const keys = this.on.map(({ left, right }) => (left === right ? left : `${left} = ${right}`))
    return `${this.how} join on ${keys.join(", ")}`
  }
}

function checkKey(left: Plan, right: Plan, key: JoinKey): void {
  const a = left.schema.type(key.left, "join (left side)")
  const b = right.schema.type(key.right, "join (right side)")
  if (comparable(a, b)) return
  const problem = `\`${key.left}\` is ${typeName(a)} and \`${key.right}\` is ${typeName(b)}`
  throw mismatch("join", problem, "Convert one with `cast` first.")
}

function rightColumns(left: Plan, right: Plan, on: readonly JoinKey[], suffix: string): RightColumn[] {
  const merged = new Set(on.filter(key => key.left === key.right).map(key => key.right))
  return right.schema.names
    .filter(name => !merged.has(name))
    .map(from => ({ from, name: left.schema.has(from) ? from + suffix : from }))
}
