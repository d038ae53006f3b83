// Statements on a connection: run to the end, described without running, explained.

import type { DuckDBConnection } from "@duckdb/node-api"
import type { ExplainMode } from "../../frame/Engine.js"
import { explainStatement } from "./explain.js"
import type { Statement } from "./planSql.js"

type Row = Record<string, unknown>

/** As node-api takes a statement. */
export function bound({ sql, params }: Statement): [string, (string | number | bigint | boolean)[]] {
  return [sql, [...params]]
}

export async function allRows(connection: DuckDBConnection, statement: Statement): Promise<Row[]> {
  return (await connection.runAndReadAll(...bound(statement))).getRowObjectsJS()
}

export async function explainRows(
  connection: DuckDBConnection,
  { sql, params }: Statement,
  mode: ExplainMode,
): Promise<Row[]> {
  const output = mode === "extended" ? "all" : "physical_only"
  await connection.run(`SET explain_output = '${output}'`)
  try {
    return await allRows(connection, { sql: explainStatement(sql, mode), params })
  } finally {
    await connection.run("RESET explain_output")
  }
}

/** Names and DuckDB types of a statement's columns, without running it. */
export async function columnTypes(
  connection: DuckDBConnection,
  statement: Statement,
): Promise<{ name: string; type: string }[]> {
  const prepared = await connection.prepare(statement.sql)
  try {
    const indices = Array.from({ length: prepared.columnCount }, (_, i) => i)
    const resolved = indices.every(i => prepared.columnTypeId(i) !== unresolved)
    if (resolved)
      return indices.map(i => ({ name: prepared.columnName(i), type: String(prepared.columnType(i)) }))
    const result = await connection.run(
      ...bound({ ...statement, sql: `SELECT * FROM (${statement.sql}\n) LIMIT 0` }),
    )
    return result.columnNames().map((name, i) => ({ name, type: String(result.columnType(i)) }))
  } finally {
    prepared.destroySync()
  }
}
/** DuckDB's type number of a column whose type hangs on a parameter's value. */
const unresolved = 0
