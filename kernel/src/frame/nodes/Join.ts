// Joins on equal key columns, on a condition over both sides, or both. A key with one name on both sides appears once;
// another column of the right side whose name is taken gets the suffix. `semi` and `anti` keep or drop rows of the left
// side and add no column; `cross` has neither key nor condition. NULL equals nothing.

import { type ExprNode, exprText } from "../ExprNode.js"
import { type Schema, uniqueSchema } from "../Schema.js"
import { type Field, sameType, typeName } from "../types.js"
import { meet, mismatch, predicate } from "../typing.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

export type JoinType = "inner" | "left" | "right" | "full" | "semi" | "anti" | "cross"
export const joinTypes: readonly JoinType[] = ["inner", "left", "right", "full", "semi", "anti", "cross"]

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
  readonly condition?: ExprNode
  constructor(
    readonly left: Plan,
    readonly right: Plan,
    readonly on: readonly JoinKey[],
    readonly how: JoinType,
    readonly suffix: string,
    condition?: ExprNode,
  ) {
    const free = on.length === 0 && condition === undefined
    if (free !== (how === "cross"))
      throw free
        ? mismatch("join", "no key is given", 'Give { on: "key" }, or use crossJoin.')
        : mismatch("crossJoin", "a cross join has no key", "Use join with `on`.")
    for (const key of on) checkKey(left, right, key)
    if (condition !== undefined) this.condition = predicate(condition, left.schema, "join", right.schema)
    this.rightColumns = how === "semi" || how === "anti" ? [] : rightColumns(left, right, on, suffix)
    this.schema = uniqueSchema(joinedFields(left, right, on, how, this.rightColumns), "join")
  }

  /** Keys that have one name on both sides, so that the result has them once. */
  get merged(): ReadonlySet<string> {
    return mergedKeys(this.on)
  }

  describe(): string {
    const keys = this.on.map(({ left, right }) => (left === right ? left : `${left} = ${right}`))
    const condition = this.condition ? [exprText(this.condition)] : []
    const on = [...keys, ...condition].join(" and ")
    return on === "" ? `${this.how} join` : `${this.how} join on ${on}`
  }
}

function checkKey(left: Plan, right: Plan, key: JoinKey): void {
  const a = left.schema.type(key.left, "join (left side)")
  const b = right.schema.type(key.right, "join (right side)")
  if (meet(a, b) !== undefined) return
  const problem = `\`${key.left}\` is ${typeName(a)} and \`${key.right}\` is ${typeName(b)}`
  throw mismatch("join", problem, "Convert one with `cast` first.")
}

function mergedKeys(on: readonly JoinKey[]): ReadonlySet<string> {
  return new Set(on.filter(key => key.left === key.right).map(key => key.right))
}

export function rightColumns(left: Plan, right: Plan, on: readonly JoinKey[], suffix: string): RightColumn[] {
  const merged = mergedKeys(on)
  return right.schema.names
    .filter(name => !merged.has(name))
    .map(from => ({ from, name: left.schema.has(from) ? from + suffix : from }))
}

/** A side that an outer join fills up holds NULLs. */
function joinedFields(
  left: Plan,
  right: Plan,
  on: readonly JoinKey[],
  how: JoinType,
  added: readonly RightColumn[],
): Field[] {
  const merged = mergedKeys(on)
  const [leftOuter, rightOuter] = [how === "right" || how === "full", how === "left" || how === "full"]
  const own = left.schema.fields.map(field => {
    if (!merged.has(field.name)) return leftOuter ? { ...field, nullable: true } : field
    return mergedField(field, right.schema.field(field.name, "join"))
  })
  const others = added.map(({ from, name }): Field => {
    const field = { ...right.schema.field(from, "join"), name }
    return rightOuter ? { ...field, nullable: true } : field
  })
  return [...own, ...others]
}

/** A key of both sides has the type that both become. */
function mergedField(left: Field, right: Field): Field {
  return sameType(left.type, right.type) ? left : { ...left, type: meet(left.type, right.type)! }
}
