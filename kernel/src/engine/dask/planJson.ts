// The plan as the Python process reads it: its own JSON, with views replaced by what they stand for and the type in which
// the keys of a join meet said with each.

import { fail } from "../../errors.js"
import type { JoinKey } from "../../frame/nodes/Join.js"
import type { Plan } from "../../frame/nodes/plan.js"
import type { DataType } from "../../frame/types.js"
import { meet } from "../../frame/typing.js"

/** Views by name. */
export type Views = ReadonlyMap<string, Plan>
type Json = Record<string, unknown>

export function planJson(plan: Plan, views: Views): Json {
  const json = { ...plan } as unknown as Json
  switch (plan.op) {
    case "stored":
      if (plan.kind === "checkpoint") return json
      return planJson(viewOf(plan.name, views), views)
    case "join":
    case "asOfJoin":
      return {
        ...json,
        left: planJson(plan.left, views),
        right: planJson(plan.right, views),
        commonTypes: plan.on.map(key => commonType(plan.left, plan.right, key)),
      }
    case "setOperation":
      return { ...json, left: planJson(plan.left, views), right: planJson(plan.right, views) }
    default:
      return "input" in plan ? { ...json, input: planJson(plan.input, views) } : json
  }
}

function viewOf(name: string, views: Views): Plan {
  const view = views.get(name)
  if (view === undefined) throw fail("TABLE_MISSING", { name, nearest: "" })
  return view
}

function commonType(left: Plan, right: Plan, key: JoinKey): DataType | undefined {
  return meet(left.schema.type(key.left, "join"), right.schema.type(key.right, "join"))
}
