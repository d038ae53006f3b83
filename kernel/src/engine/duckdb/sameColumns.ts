// Several files read as one table have to agree in their columns: DuckDB takes the first file's and silently leaves out
// what others have besides, so the files' own schemas are compared before anything runs.

import { fail } from "../../errors.js"
import type { Source } from "../../frame/Source.js"
import { fromGateway } from "../../store/gateway.js"
import { redact } from "../../store/redact.js"
import { quoteText } from "./quote.js"
import { escapeGlob, sourceSql } from "./sources.js"

type Query = (sql: string) => Promise<Record<string, unknown>[]>
type Columns = ReadonlyMap<string, string>
interface FileColumns {
  readonly path: string
  readonly columns: Columns
}

/** FILES_DIFFER, naming the file and the column, for the first that has others than the first file. */
export async function checkSameColumns(source: Source, query: Query): Promise<void> {
  if (source.paths.length < 2 || source.options.schema === "merge") return
  const files =
    source.format === "parquet"
      ? await parquetColumns(source, query)
      : source.format === "csv" || source.format === "avro"
        ? await describedColumns(source, query)
        : []
  const [first, ...others] = files
  for (const other of others) {
    const problem = difference(first!, other)
    if (problem === undefined) continue
    throw fail("FILES_DIFFER", { path: redact(other.path), problem, first: redact(first!.path) })
  }
}

/** All footers in one query, read in parallel by the engine. */
async function parquetColumns(source: Source, query: Query): Promise<FileColumns[]> {
  const list = source.paths.map(path => quoteText(escapeGlob(path))).join(", ")
  const rows = await query(
    `SELECT file_name AS path, list({'name': name, 'type': coalesce(duckdb_type, type, 'nested'), 'children': coalesce(num_children, 0)} ORDER BY column_id) AS elements
     FROM parquet_schema([${list}]) GROUP BY file_name`,
  )
  const byPath = new Map(rows.map(row => [fromGateway(String(row.path)), row.elements as Element[]]))
  return source.paths.map(path => ({ path, columns: topLevel(byPath.get(path) ?? []) }))
}

interface Element {
  readonly name: string
  readonly type: string
  readonly children: number | bigint
}

/** Elements are a tree in depth-first order, the root first; a nested column's type is the text of its whole branch. */
function topLevel(elements: readonly Element[]): Columns {
  const columns = new Map<string, string>()
  let at = 1
  const branch = (): string => {
    const { type, children, name } = elements[at++]!
    const inner = Array.from({ length: Number(children) }, branch)
    return inner.length === 0 ? type : `${name}(${inner.join(", ")})`
  }
  while (at < elements.length) {
    const { name } = elements[at]!
    columns.set(name, branch())
  }
  return columns
}

async function describedColumns(source: Source, query: Query): Promise<FileColumns[]> {
  const files: FileColumns[] = []
  for (const path of source.paths) {
    const rows = await query(`DESCRIBE SELECT * FROM ${sourceSql({ ...source, paths: [path] })}`)
    files.push({
      path,
      columns: new Map(rows.map(row => [String(row.column_name), String(row.column_type)])),
    })
  }
  return files
}

function difference(first: FileColumns, other: FileColumns): string | undefined {
  for (const [name, type] of other.columns) {
    const expected = first.columns.get(name)
    if (expected === undefined) return `column \`${name}\` is in this file and not`
    if (expected !== type) return `column \`${name}\` is ${type} and not ${expected} as`
  }
  for (const name of first.columns.keys())
    if (!other.columns.has(name)) return `column \`${name}\` is missing and is there`
  return undefined
}
