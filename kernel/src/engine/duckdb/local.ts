// Puts the rows of a `local` node into a table of the engine, so that queries read them like any other.

import type { DuckDBConnection } from "@duckdb/node-api"
import { localBatch } from "../../frame/localBatch.js"
import type { Local } from "../../frame/nodes/Local.js"
import { appendBatch } from "./appendBatch.js"
import { quoteName } from "./quote.js"
import { duckdbType } from "./types.js"

type Module = typeof import("@duckdb/node-api")

export async function loadLocal(
  connection: DuckDBConnection,
  table: string,
  node: Local,
  duckdb: Module,
): Promise<void> {
  const columns = node.fields.map(({ name, type }) => `${quoteName(name)} ${duckdbType(type)}`)
  await connection.run(`CREATE TABLE ${table} (${columns.join(", ")})`)
  const appender = await connection.createAppender(table)
  appendBatch(appender, localBatch(node), node.fields, duckdb)
  appender.closeSync()
}
