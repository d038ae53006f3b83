// Brings the two sides of a set operation together: same names, same order, same types. By position, or by name; a column
// that one side lacks is NULL there when asked for, and an error otherwise.

import type { ExprNode } from "../ExprNode.js"
import type { Schema } from "../Schema.js"
import { type DataType, sameType } from "../types.js"
import { castTo, commonType, mismatch } from "../typing.js"
import { Project } from "./Project.js"
import type { Plan } from "./plan.js"

export { mismatch }

export interface Aligned {
  readonly left: Plan
  readonly right: Plan
}

export function alignByPosition(left: Plan, right: Plan, operation: string): Aligned {
  const [names, others] = [left.schema.names, right.schema.names]
  if (names.length !== others.length)
    throw mismatch(
      operation,
      `${names.length} columns meet ${others.length}`,
      "Select the same columns on both sides.",
    )
  const moved =
    names.join("\0") !== others.join("\0") && [...names].sort().join("\0") === [...others].sort().join("\0")
  if (moved)
    throw mismatch(
      operation,
      "both sides have the same columns in another order",
      `Use ${operation}ByName, or select them in one order.`,
    )
  return align(
    left,
    right,
    names.map((name, i) => ({ name, left: name, right: others[i]! })),
    operation,
  )
}

export function alignByName(left: Plan, right: Plan, operation: string, allowMissing: boolean): Aligned {
  const extra = right.schema.names.filter(name => !left.schema.has(name))
  if (!allowMissing) {
    for (const name of extra) left.schema.type(name, `${operation} (left side)`)
    for (const name of left.schema.names) right.schema.type(name, `${operation} (right side)`)
  }
  const pairs = [...left.schema.names, ...extra].map(name => ({
    name,
    left: left.schema.has(name) ? name : undefined,
    right: right.schema.has(name) ? name : undefined,
  }))
  return align(left, right, pairs, operation)
}

interface Pair {
  readonly name: string
  readonly left: string | undefined
  readonly right: string | undefined
}

function align(left: Plan, right: Plan, pairs: readonly Pair[], operation: string): Aligned {
  const types = pairs.map(pair => {
    const [a, b] = [typeIn(left, pair.left, operation), typeIn(right, pair.right, operation)]
    return a && b ? commonType(a, b, `${operation}, column \`${pair.name}\``) : (a ?? b)!
  })
  return {
    left: projected(
      left,
      pairs.map((pair, i) => ({ from: pair.left, name: pair.name, type: types[i]! })),
    ),
    right: projected(
      right,
      pairs.map((pair, i) => ({ from: pair.right, name: pair.name, type: types[i]! })),
    ),
  }
}

function typeIn(plan: Plan, name: string | undefined, operation: string): DataType | undefined {
  return name === undefined ? undefined : plan.schema.type(name, operation)
}

interface Target {
  readonly from: string | undefined
  readonly name: string
  readonly type: DataType
}

/** The plan itself when nothing has to change. */
function projected(plan: Plan, targets: readonly Target[]): Plan {
  const same =
    targets.length === plan.schema.fields.length &&
    targets.every(({ from, name, type }, i) => {
      const field = plan.schema.fields[i]!
      return from === name && field.name === name && sameType(field.type, type)
    })
  if (same) return plan
  const columns = targets.map(({ from, name, type }) => ({ name, expr: columnOrNull(plan, from, type) }))
  return new Project(plan, columns, "select")
}

function columnOrNull(plan: Plan, from: string | undefined, type: DataType): ExprNode {
  if (from === undefined) return { op: "literal", type, value: null }
  return castTo({ node: { op: "column", name: from }, type: plan.schema.type(from, "union") }, type)
}

export function sameShape(a: Schema, b: Schema): boolean {
  return (
    a.fields.length === b.fields.length &&
    a.fields.every(({ name, type }, i) => name === b.fields[i]!.name && sameType(type, b.fields[i]!.type))
  )
}
