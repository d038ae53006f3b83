// Operators of a Spark plan in the words of people: `join on customer, group by segment`. A row an operator that is worth a
// word; filters and projections are not. Pure.

import type { RestPlanNode } from "./stageNames.js"

type Row = readonly [operator: RegExp, words: (node: RestPlanNode) => string]

const operators: readonly Row[] = [
  [/^(Scan (parquet|orc|csv|json|text|avro|binaryFile)|BatchScan)/, scanWords],
  [/^(InMemoryTableScan|Scan In-memory)/, () => "cached rows"],
  [/^(LocalTableScan|Scan ExistingRDD|Scan OneRowRelation)/, () => "local rows"],
  [/^Scan /, ({ nodeName }) => `scan ${nodeName.slice(5).split(" ")[0]}`],
  [/^Range$/, () => "range"],
  [/(Join|Product)$/, ({ desc }) => withNames("join", "on", /^\w+ \[([^\]]*)\]/, desc)],
  [/Aggregate$/, ({ desc }) => withNames("aggregate", "group by", /keys=\[([^\]]*)\]/, desc)],
  [/^Sort$/, ({ desc }) => (isGlobal(desc) ? withNames("sort", "sort by", /^Sort \[([^\]]*)\]/, desc) : "")],
  [/^TakeOrdered/, ({ desc }) => withNames("first rows", "first rows by", /orderBy=\[([^\]]*)\]/, desc)],
  [/Limit$/, () => "limit"],
  [/^Window/, () => "window"],
  [/^Generate$/, () => "explode"],
  [/^Expand$/, () => "expand"],
  [/^Union$/, () => "union"],
  [/^Sample$/, () => "sample"],
  [/^(Python)?MapIn(Arrow|Pandas)$/, () => "mapBatches"],
  [/^(FlatMap|Aggregate)\w*In(Arrow|Pandas)/, () => "mapGroups"],
  [/^(WriteFiles|AppendData|Overwrite)|^Execute (Insert|Save|Create)/, () => "write"],
]
const mostWords = 3
const mostNames = 2

/** What these nodes do, in the order of the data; `shuffle` where they only pass rows on. */
export function wordsOf(nodes: readonly RestPlanNode[]): string {
  const words = nodes
    .toSorted((a, b) => b.nodeId - a.nodeId)
    .map(node => operators.find(([operator]) => operator.test(node.nodeName.trim()))?.[1](node) ?? "")
    .filter(word => word !== "")
  const once = words.filter((word, i) => words.indexOf(word) === i)
  return once.length === 0 ? "shuffle" : once.slice(-mostWords).join(", ")
}

/** The last of its paths, or the name of a table. */
function scanWords({ nodeName, desc = "" }: RestPlanNode): string {
  const path = /\[((?:file|s3a?|abfss?|gs|hdfs|https?):[^\],]*)/.exec(desc)?.[1]
  const table = nodeName.trim().split(" ").slice(2).join(" ")
  const name = table || path?.replace(/\/+$/, "").split("/").at(-1)
  // A path that Spark cut short has lost its name.
  return name && !name.endsWith("...") ? `scan ${name}` : "scan"
}

/** `verb what a, b`, with the names that `list` finds; `alone` when it finds none. */
function withNames(alone: string, verb: string, list: RegExp, desc = ""): string {
  const found = list.exec(desc)?.[1] ?? ""
  const names = found.split(", ").filter(Boolean).map(plain)
  const more = names.length > mostNames ? ", …" : ""
  const phrase = alone === "join" ? `join ${verb}` : verb
  return names.length === 0 ? alone : `${phrase} ${names.slice(0, mostNames).join(", ")}${more}`
}

/** `customer#3L ASC NULLS FIRST` is `customer`. */
function plain(column: string): string {
  const name = column.replace(/#\d+L?/g, "").replace(/ (ASC|DESC)( NULLS (FIRST|LAST))?$/, "")
  return name.length > 24 ? `${name.slice(0, 23)}…` : name
}

/** Of all rows, not of a partition's for a join. */
function isGlobal(desc = ""): boolean {
  return /\], true, \d+$/.test(desc)
}
