// The plan as the Python process reads it: its own JSON, with views replaced by what they stand for, the way to the files of
// each scan, and the type in which the keys of a join meet.

import { fail } from "../../errors.js"
import type { JoinKey } from "../../frame/nodes/Join.js"
import type { Plan } from "../../frame/nodes/plan.js"
import type { Source } from "../../frame/Source.js"
import type { DataType } from "../../frame/types.js"
import { meet } from "../../frame/typing.js"
import type { Views } from "../../frame/views.js"
import type { Access } from "./access.js"

type Json = Record<string, unknown>
type AccessOf = (source: Source) => Access | undefined

export function planJson(plan: Plan, views: Views, accessOf: AccessOf): Json {
  const json = { ...plan } as unknown as Json
  switch (plan.op) {
    case "scan":
      return { ...json, access: accessOf(plan.source) }
    case "stored":
      if (plan.kind === "checkpoint") return json
      return planJson(viewOf(plan.name, views), views, accessOf)
    case "join":
    case "asOfJoin":
      return {
        ...json,
        left: planJson(plan.left, views, accessOf),
        right: planJson(plan.right, views, accessOf),
        commonTypes: plan.on.map(key => commonType(plan.left, plan.right, key)),
      }
    case "setOperation":
      return {
        ...json,
        left: planJson(plan.left, views, accessOf),
        right: planJson(plan.right, views, accessOf),
      }
    default:
      return "input" in plan ? { ...json, input: planJson(plan.input, views, accessOf) } : json
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
