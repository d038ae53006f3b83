// Writes a plan through DuckDB: the COPY statement of a format, into the hidden place that store/commit.ts then publishes.

import { fail } from "../../errors.js"
import type { WriteFormat, WriteTarget, Written } from "../../frame/Engine.js"
import { type CommitTarget, commitWrite, type Place } from "../../store/commit.js"
import { readOnly } from "../../store/httpStore.js"
import { storeKind } from "../../store/uri.js"
import { quoteName, quoteText } from "./quote.js"
import type { StoreAccess } from "./StoreAccess.js"
import { appendDelta, writeTable } from "./writeTable.js"

/** What writing takes from the engine. */
export interface WriteRun {
  /** Runs the statement that the callback makes of the plan's SQL; gives the rows written. */
  copy(statement: (sql: string) => string): Promise<number>
  /** Runs SQL without parameters, on the same connection. */
  run(sql: string): Promise<Record<string, unknown>[]>
  /** Writes an Arrow file on this machine. */
  arrow(file: string): Promise<number>
  readonly access: StoreAccess
}

export function writeTarget(target: WriteTarget, run: WriteRun): Promise<Written> {
  if (target.format === "table") return writeTable(target, run)
  if (target.format === "delta") return appendDelta(target, run)
  return writeFiles(target as WriteTarget & { format: FileFormat }, run)
}

type FileFormat = Exclude<WriteFormat, "table" | "delta">

const endings: Readonly<Record<FileFormat, string>> = {
  parquet: "parquet",
  csv: "csv",
  json: "json",
  arrow: "arrow",
  avro: "avro",
  excel: "xlsx",
}
/** Formats whose writers only know this machine's files. */
const localOnly: readonly WriteFormat[] = ["arrow", "excel", "avro"]

async function writeFiles(target: WriteTarget & { format: FileFormat }, run: WriteRun): Promise<Written> {
  const { format, path, mode, partitionBy } = target
  const where = `write.${format}`
  if (localOnly.includes(format) && partitionBy.length > 0) {
    const fix = "Write Parquet, CSV or JSON with partitions."
    throw fail("BAD_VALUE", { where, name: "partitionBy", value: "given, which this format has not", fix })
  }
  if (format === "avro" || format === "excel") await run.access.load(format, `\`${where}\``)
  if (storeKind(path) === "http") throw readOnly(path)
  const makesLocally = storeKind(path) === "hdfs" || localOnly.includes(format)
  if (!makesLocally) await run.access.reach(path)
  const commit: CommitTarget = {
    path,
    mode,
    ending: endings[format],
    partitioned: partitionBy.length > 0,
    makesLocally,
  }
  return commitWrite(commit, place =>
    format === "arrow" ? run.arrow(place.address) : run.copy(sql => copySql(sql, target, place)),
  )
}

function copySql(sql: string, { format, partitionBy }: WriteTarget, { address, pattern }: Place): string {
  const options = [`FORMAT ${format === "excel" ? "xlsx" : format}`]
  if (format === "csv" || format === "excel") options.push("HEADER true")
  if (partitionBy.length > 0) {
    options.push(`PARTITION_BY (${partitionBy.map(quoteName).join(", ")})`, "OVERWRITE_OR_IGNORE true")
    options.push(`FILENAME_PATTERN ${quoteText(pattern!)}`)
  }
  return `COPY (${sql}) TO ${quoteText(address)} (${options.join(", ")})`
}
