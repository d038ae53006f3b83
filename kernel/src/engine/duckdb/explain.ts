// DuckDB's physical plan as short lines: operators, what each scan projects and filters. From EXPLAIN (FORMAT json).

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

export function explainText(json: string): string {
  return (JSON.parse(json) as PlanNode[]).map(node => lines(node, 0)).join("\n")
}

function lines(node: PlanNode, depth: number): string {
  const info = Object.entries(node.extra_info ?? {})
    .filter(([name]) => shown.includes(name))
    .map(([name, value]) =>
      name === "Scanning Files"
        ? `files read: ${String(value).replace("/", " of ")}`
        : `${name.toLowerCase()}: ${[value].flat().join(", ")}`,
    )
  const line = `${"  ".repeat(depth)}${node.name.trim().toLowerCase().replaceAll("_", " ")}`
  const own = info.length === 0 ? line : `${line} [${info.join("; ")}]`
  return [own, ...(node.children ?? []).map(child => lines(child, depth + 1))].join("\n")
}
