// The 22 queries of TPC-H as raw SQL on DuckDB over the same Parquet files: the answers and the times that ours are held
// against. The texts in sql/ are the specification's, with its validation parameters.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import { tables, tpchFile } from "../services/tpch.mjs"

export const queryNumbers = Array.from({ length: 22 }, (_, i) => i + 1)

/** The text of query `number` at a scale factor (one parameter depends on it). @param {number} number @param {number} scaleFactor */
export function queryText(number, scaleFactor) {
  const name = `q${String(number).padStart(2, "0")}.sql`
  const text = readFileSync(join(import.meta.dirname, "sql", name), "utf8")
  return text.replaceAll("${fraction}", (0.0001 / scaleFactor).toFixed(10))
}

/** A connection of its own in which the tables are views of the files.
 * @param {number} scaleFactor @param {Record<string, string>} settings */
export async function rawTpch(scaleFactor, settings = {}) {
  const instance = await DuckDBInstance.create(":memory:", settings)
  const connection = await instance.connect()
  for (const table of tables) {
    await connection.run(
      `create view ${table} as select * from read_parquet('${tpchFile(scaleFactor, table)}')`,
    )
  }
  return connection
}
