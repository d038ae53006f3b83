// Plans by name, of an engine that keeps its views itself: they live as long as its session.

import { fail } from "../errors.js"
import { nodes, type Plan } from "./nodes/plan.js"

export type Views = ReadonlyMap<string, Plan>

/** @throws TABLE_EXISTS, and TYPE_MISMATCH for a view that reads itself */
export function addView(views: Map<string, Plan>, name: string, plan: Plan, replace: boolean): void {
  if (views.has(name) && !replace) throw fail("TABLE_EXISTS", { name })
  if (nodes(plan).some(node => node.op === "stored" && node.name === name)) {
    const problem = `the view \`${name}\` reads itself`
    throw fail("TYPE_MISMATCH", { operation: "createView", problem, fix: "Choose another name." })
  }
  views.set(name, plan)
}
