// Sources to SQL: the table function of each format, with its options. Not what finds the files (store/) and not plans.

import type { Source, SourceFormat } from "../../frame/Source.js"
import { gatewayAddress } from "../../store/gateway.js"
import { storeKind } from "../../store/uri.js"
import { arrowTable } from "./arrowTables.js"
import { tableName } from "./databases.js"
import { quoteText } from "./quote.js"

/** What stands after FROM, one row a format. The files are found and the store is open. */
const functions: { readonly [F in SourceFormat]: (source: Source) => string } = {
  parquet: source => {
    const options = [paths(source)]
    // One of many files: the texts of its folders are cast to the types that all of them have.
    if (source.range !== undefined) options.push("file_row_number = true", "hive_types_autocast = false")
    if (source.options.schema === "merge") options.push("union_by_name = true")
    return `read_parquet(${options.join(", ")})`
  },
  csv: source => `read_csv(${[paths(source), ...csvOptions(source)].join(", ")})`,
  json: source => `read_json(${paths(source)})`,
  arrow: source =>
    source.paths
      .map(arrowTable)
      .map(table => `(FROM ${table})`)
      .join(" UNION ALL BY NAME "),
  avro: source =>
    `read_avro(${paths(source)}${source.options.schema === "merge" ? ", union_by_name = true" : ""})`,
  excel: ({ paths: [path], options: { header = true, sheet, range } }) => {
    const options = [quoteText(duckdbAddress(path!)), `header = ${header}`, "stop_at_empty = false"]
    if (sheet !== undefined) options.push(`sheet = ${quoteText(sheet)}`)
    if (range !== undefined) options.push(`range = ${quoteText(range)}`)
    return `read_xlsx(${options.join(", ")})`
  },
  delta: ({ paths: [path], options: { version } }) =>
    `delta_scan(${quoteText(duckdbAddress(path!))}${version === undefined ? "" : `, version = ${Number(version)}`})`,
  iceberg: ({ paths: [path], options: { version } }) =>
    `iceberg_scan(${quoteText(duckdbAddress(path!))}, allow_moved_paths = ${!path!.endsWith(".json")}${
      version === undefined ? "" : `, snapshot_from_id = ${BigInt(version)}`
    })`,
  table: ({ paths: [address], options: { table } }) => tableName(address!, table!),
}

export function sourceSql(source: Source): string {
  const text = functions[source.format](source)
  return source.format === "arrow" && source.paths.length > 1 ? `(${text})` : text
}

/** The form in which DuckDB reads an address: HDFS goes through the gateway. */
export function duckdbAddress(uri: string): string {
  return storeKind(uri) === "hdfs" ? gatewayAddress(uri) : uri
}

function paths(source: Source): string {
  return `[${source.paths.map(path => quoteText(escapeGlob(path))).join(", ")}]`
}

function csvOptions({ options }: Source): string[] {
  const { header = true, delimiter = ",", quote = '"', nullValue, ragged = "error", schema } = options
  const list = [
    `header = ${header}`,
    "skip = 0",
    `delim = ${quoteText(delimiter)}`,
    `quote = ${quoteText(quote)}`,
  ]
  if (nullValue !== undefined) list.push(`nullstr = [${quoteText(nullValue)}, '']`)
  if (ragged === "pad") list.push("null_padding = true")
  if (ragged === "skip") list.push("ignore_errors = true")
  if (schema === "merge") list.push("union_by_name = true")
  return list
}

/** Files are resolved already: `*` in a file's name stands for itself. Web servers have no globs, and `?` is theirs. */
export function escapeGlob(path: string): string {
  const kind = storeKind(path)
  return kind === "http" || kind === "hdfs" ? duckdbAddress(path) : path.replace(/[*?[]/g, "[$&]")
}
