// What DuckDB says of a statement: its physical plan as short lines (operators, what each scan projects and filters), with
// estimated rows for `cost`, with its logical plans for `extended`, or its own drawing for `formatted`.

import type { ExplainMode } from "../../frame/Engine.js"

interface PlanNode {
  readonly name: string
  readonly children?: readonly PlanNode[]
  readonly extra_info?: Record<string, unknown>
}

const shown = [
  "Projections",
  "Filters",
  "File Filters",
  "Scanning Files",
  "Groups",
  "Aggregates",
  "Expression",
  "Conditions",
  "Order By",
  "Top",
]

export function explainStatement(sql: string, mode: ExplainMode): string {
  return mode === "formatted" ? `EXPLAIN ${sql}` : `EXPLAIN (FORMAT json) ${sql}`
}

const titles: Readonly<Record<string, string>> = {
  logical_plan: "logical plan",
  logical_opt: "optimised logical plan",
  physical_plan: "physical plan",
}

export function explanationOf(rows: readonly Record<string, unknown>[], mode: ExplainMode): string {
  if (mode === "formatted") return String(rows[0]?.explain_value)
  const fields = mode === "cost" ? [...shown, "Estimated Cardinality"] : shown
  const parts = rows.map(row => {
    const plan = (JSON.parse(String(row.explain_value)) as PlanNode[])
      .map(node => lines(node, 0, fields))
      .join("\n")
    return mode === "extended" ? `${titles[String(row.explain_key)] ?? row.explain_key}\n${plan}` : plan
  })
  return parts.join("\n\n")
}

function lines(node: PlanNode, depth: number, fields: readonly string[]): string {
  const info = Object.entries(node.extra_info ?? {})
    .filter(([name]) => fields.includes(name))
    .map(([name, value]) =>
      name === "Scanning Files"
        ? `files read: ${String(value).replace("/", " of ")}`
        : `${name.toLowerCase()}: ${[value].flat().join(", ")}`,
    )
  const line = `${"  ".repeat(depth)}${node.name.trim().toLowerCase().replaceAll("_", " ")}`
  const own = info.length === 0 ? line : `${line} [${info.join("; ")}]`
  return [own, ...(node.children ?? []).map(child => lines(child, depth + 1, fields))].join("\n")
}
