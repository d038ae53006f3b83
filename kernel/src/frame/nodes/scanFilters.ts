// What is known of a scan's rows before it runs: the filters above it that engines push down to it, in the scan's own
// columns. One rule a node; a node that needs all its input (a limit, a window) lets none through. Not an optimiser: it
// changes no plan.

import { children, type ExprNode, mapChildren } from "../ExprNode.js"
import type { Plan } from "./plan.js"
import type { Scan } from "./Scan.js"

export interface FilteredScan {
  readonly scan: Scan
  /** All of them hold for each row that counts. A column that is none of the scan's has a name that no column has. */
  readonly filters: readonly ExprNode[]
}

/** The scans in the order of `scans(plan)`. */
export function filteredScans(plan: Plan): readonly FilteredScan[] {
  if (plan.op === "scan") return [{ scan: plan, filters: [] }]
  return below(plan, [])
}

type Filters = readonly ExprNode[]

function below(plan: Plan, filters: Filters): readonly FilteredScan[] {
  switch (plan.op) {
    case "scan":
      return [{ scan: plan, filters }]
    case "filter":
      return below(plan.input, [...filters, plan.predicate])
    case "project": {
      if (plan.columns.some(({ expr }) => hasWindow(expr))) return below(plan.input, [])
      const made = new Map(plan.columns.map(({ name, expr }) => [name, expr]))
      return below(
        plan.input,
        renamed(filters, name => made.get(name)),
      )
    }
    case "aggregate": {
      if (plan.grouping !== "groupBy") return below(plan.input, [])
      return below(
        plan.input,
        renamed(filters, name => (plan.keys.includes(name) ? same(name) : undefined)),
      )
    }
    case "sort":
    case "repartition":
    case "hint":
    case "observe":
      return below(plan.input, filters)
    case "distinct":
      return below(plan.input, plan.columns.length === 0 ? filters : [])
    case "setOperation":
      return plan.kind === "union"
        ? [...below(plan.left, filters), ...below(plan.right, renamed(filters, byPosition(plan)))]
        : [...below(plan.left, []), ...below(plan.right, [])]
    case "join":
    case "asOfJoin":
      return joined(plan, filters)
    case "local":
    case "range":
    case "stored":
      return []
    case "sql":
      return plan.inputs.flatMap(input => below(input, []))
    case "limit":
    case "tail":
    case "sample":
    case "explode":
    case "unpivot":
    case "cache":
    case "mapBatches":
    case "mapGroups":
      return below(plan.input, [])
  }
  plan satisfies never
}

/** A side that the join fills up with NULLs hears of no filter: the filter sees those rows too. */
function joined(plan: Extract<Plan, { op: "join" | "asOfJoin" }>, filters: Filters): readonly FilteredScan[] {
  const how = plan.op === "asOfJoin" ? "left" : plan.how
  const from = new Map(plan.rightColumns.map(column => [column.name, column.from]))
  const own = renamed(filters, name => (plan.left.schema.has(name) ? same(name) : undefined))
  const other = renamed(filters, name => (from.has(name) ? same(from.get(name)!) : undefined))
  const left = how === "right" || how === "full" ? [] : own
  const right = how === "inner" || how === "cross" || how === "right" ? other : []
  return [...below(plan.left, left), ...below(plan.right, right)]
}

function byPosition({ left, right }: Extract<Plan, { op: "setOperation" }>) {
  return (name: string): ExprNode => same(right.schema.names[left.schema.names.indexOf(name)]!)
}

function same(name: string): ExprNode {
  return { op: "column", name }
}

export function hasWindow(node: ExprNode): boolean {
  return node.op === "window" || children(node).some(hasWindow)
}

/** No column has this name. */
const foreign: ExprNode = { op: "column", name: "\0" }
const isForeign = ({ name }: { readonly name: string }): boolean => name === "\0"

function renamed(filters: Filters, to: (name: string) => ExprNode | undefined): Filters {
  const change = (node: ExprNode): ExprNode => {
    if (node.op !== "column" || isForeign(node)) return mapChildren(node, change)
    const found = to(node.name)
    if (found === undefined) return foreign
    // What is known of the column's type stays with it.
    return found.op === "column" && node.type !== undefined ? { ...found, type: node.type } : found
  }
  return filters.map(change)
}
