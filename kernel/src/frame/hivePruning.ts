// Which files of a hive layout (`year=2024/month=5/part.parquet`) can hold rows that a plan's filters keep: their folders
// say it. A filter is reduced to the columns of the folders; what else it asks may be so or not. Evaluated by the engine, so
// that it decides as the engine itself does.

import { children, type ExprNode, isCall } from "./ExprNode.js"
import type { Plan } from "./nodes/plan.js"
import type { Scan } from "./nodes/Scan.js"
import { type FilteredScan, filteredScans } from "./nodes/scanFilters.js"
import type { Field } from "./types.js"

export interface PartitionQuestion {
  /** The columns of the folders. */
  readonly fields: readonly Field[]
  /** A row a partition; text as in the folder's name, null for the partition of NULLs. */
  readonly rows: readonly (readonly (string | null)[])[]
  /** True for a file that may count. */
  readonly filter: ExprNode
}
export interface ScanFiles {
  readonly scan: Scan
  /** Those that count. */
  readonly files: readonly string[]
  readonly pruned: readonly string[]
}
/** The engine that decides. */
export interface Pruner {
  /** Does it prune by this part of a filter? */
  prunesBy(part: ExprNode): boolean
  /** For each row, in order: can the filter hold? */
  canHold(question: PartitionQuestion): Promise<readonly boolean[]>
}

/** The files that each scan reads. `filesOf` lists a scan's files where its paths are not they. */
export async function scanFiles(
  plan: Plan,
  pruner: Pruner,
  filesOf: (scan: Scan) => Promise<readonly string[]> = async scan => scan.source.paths,
): Promise<readonly ScanFiles[]> {
  return Promise.all(
    filteredScans(plan).map(async filtered => {
      const files = await filesOf(filtered.scan)
      const kept = await keptFiles(filtered, files, pruner)
      const read = new Set(kept)
      return { scan: filtered.scan, files: kept, pruned: files.filter(file => !read.has(file)) }
    }),
  )
}

/** For `explain`: `read 3 of 12 files (hive pruning), without year=2022, year=2023`. */
export function prunedLines(found: readonly ScanFiles[]): string[] {
  return found.flatMap(({ files, pruned }) => {
    if (pruned.length === 0) return []
    const partitions = [...new Set(pruned.map(partitionOf))]
    const more = partitions.length > mostNamed ? ` and ${partitions.length - mostNamed} more` : ""
    const named = `${partitions.slice(0, mostNamed).join(", ")}${more}`
    return [`read ${files.length} of ${files.length + pruned.length} files (hive pruning), without ${named}`]
  })
}
const mostNamed = 8

/** `year=2024/month=5` of a file. */
function partitionOf(uri: string): string {
  return folders(uri)
    .map(([name, value]) => `${name}=${value ?? "null"}`)
    .join("/")
}

async function keptFiles(
  { scan, filters }: FilteredScan,
  files: readonly string[],
  pruner: Pruner,
): Promise<readonly string[]> {
  if (filters.length === 0 || files.length < 2) return files
  const found = files.map(uri => new Map(folders(uri)))
  const fields = scan.schema.fields.filter(({ name }) => found.every(folder => folder.has(name)))
  const names = new Set(fields.map(({ name }) => name))
  const decides = (part: ExprNode) => asksOnly(part, names) && hasColumn(part) && pruner.prunesBy(part)
  const known = filters.map(filter => knownPart(filter, decides)).filter(part => part !== undefined)
  if (known.length === 0) return files
  const filter = known.reduce((a, b): ExprNode => ({ op: "call", name: "and", args: [a, b], type: boolean }))
  const rows = found.map(folder => fields.map(({ name }) => folder.get(name)!))
  const partitions = new Map(rows.map(row => [JSON.stringify(row), row]))
  const can = await pruner.canHold({ fields, rows: [...partitions.values()], filter })
  const kept = new Set([...partitions.keys()].filter((_, i) => can[i]))
  return files.filter((_, i) => kept.has(JSON.stringify(rows[i])))
}

const boolean = { kind: "boolean" } as const
const connectives: readonly string[] = ["and", "or", "not"]
const random: readonly string[] = ["rand", "randn", "uuid"]

/**
 * The filter with the answer that keeps most rows (true, below a `not` false) for each part that decides nothing; undefined
 * when none does. What is NULL then keeps no row whatever those parts say.
 */
function knownPart(node: ExprNode, decides: (part: ExprNode) => boolean, keeps = true): ExprNode | undefined {
  if (!isCall(node) || !connectives.includes(node.name)) return decides(node) ? node : undefined
  const inside = node.name === "not" ? !keeps : keeps
  const parts = node.args.map(arg => knownPart(arg, decides, inside))
  if (parts.every(part => part === undefined)) return undefined
  const open: ExprNode = { op: "literal", type: boolean, value: inside }
  return { ...node, args: parts.map(part => part ?? open) } as ExprNode
}

function asksOnly(node: ExprNode, names: ReadonlySet<string>): boolean {
  if (node.op === "column") return names.has(node.name)
  if (isCall(node) && random.includes(node.name)) return false
  return node.op !== "window" && children(node).every(child => asksOnly(child, names))
}

function hasColumn(node: ExprNode): boolean {
  return node.op === "column" || children(node).some(hasColumn)
}

/** The `name=value` folders of a path. */
function folders(uri: string): [name: string, value: string | null][] {
  return uri
    .split("/")
    .slice(0, -1)
    .flatMap(part => {
      const at = part.indexOf("=")
      if (at <= 0) return []
      const value = decoded(part.slice(at + 1))
      return [[decoded(part.slice(0, at)), value === "__HIVE_DEFAULT_PARTITION__" ? null : value]]
    })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a percent sign that stands for itself
  }
}
