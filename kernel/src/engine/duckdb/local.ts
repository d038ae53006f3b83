// Puts the rows of a `local` node into a table of the engine, so that queries read them like any other.

import type { DuckDBConnection } from "@duckdb/node-api"
import type { Local } from "../../frame/nodes/Local.js"
import type { DataType } from "../../frame/types.js"
import { unscaled } from "./appendBatch.js"
import { quoteName } from "./quote.js"
import { duckdbType } from "./types.js"

type Module = typeof import("@duckdb/node-api")
type Encoded = string | number | boolean | null

const chunkRows = 2048

export async function loadLocal(
  connection: DuckDBConnection,
  table: string,
  node: Local,
  duckdb: Module,
): Promise<void> {
  const columns = node.fields.map(({ name, type }) => `${quoteName(name)} ${duckdbType(type)}`)
  await connection.run(`CREATE TABLE ${table} (${columns.join(", ")})`)
  const appender = await connection.createAppender(table)
  const types = Array.from({ length: node.fields.length }, (_, i) => appender.columnType(i))
  for (let start = 0; start < node.rows; start += chunkRows) {
    const chunk = duckdb.DuckDBDataChunk.create(types)
    const values = node.columns.map((column, i) =>
      column.slice(start, start + chunkRows).map(value => nativeValue(value, node.fields[i]!.type, duckdb)),
    )
    chunk.setColumns(values as never)
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

function nativeValue(value: Encoded, type: DataType, duckdb: Module): unknown {
  if (value === null) return null
  switch (type.kind) {
    case "int64":
    case "uint64":
      return BigInt(value)
    case "float32":
    case "float64":
      return Number(value)
    case "date":
      return new duckdb.DuckDBDateValue(Number(value))
    case "timestamp":
      return new duckdb.DuckDBTimestampValue(BigInt(value))
    case "timestamptz":
      return new duckdb.DuckDBTimestampTZValue(BigInt(value))
    case "decimal":
      return new duckdb.DuckDBDecimalValue(unscaled(String(value), type.scale), type.precision, type.scale)
    case "binary":
      return new duckdb.DuckDBBlobValue(Buffer.from(String(value), "base64"))
    default:
      return value
  }
}
