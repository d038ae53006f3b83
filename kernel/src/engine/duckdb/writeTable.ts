// Writes a plan into a table that keeps its own transactions: a database's, or a Delta table. All rows or none.

import { fail } from "../../errors.js"
import type { WriteTarget, Written } from "../../frame/Engine.js"
import { fullAddress } from "../../store/files.js"
import { redact } from "../../store/redact.js"
import { databaseOf, isMysql, tableName, tableParts, withoutPassword } from "./databases.js"
import { quoteName, quoteText } from "./quote.js"
import type { WriteRun } from "./write.js"

export async function writeTable({ path, mode, table = "" }: WriteTarget, run: WriteRun): Promise<Written> {
  const address = withoutPassword(path)
  await run.access.attach(address)
  const name = tableName(address, table)
  const exists = await tableExists(address, table, run)
  if (exists && mode === "error") throw fail("TARGET_EXISTS", { path: `${redact(address)} ${table}` })
  if (exists && mode === "ignore") return { path: address, rows: 0 }
  if (exists && mode === "overwrite" && isMysql(address)) return replaceInMysql(address, table, run)
  await run.run("BEGIN")
  try {
    if (exists && mode === "overwrite") await run.run(`DROP TABLE ${name}`)
    const rows =
      exists && mode === "append"
        ? await run.copy(sql => `INSERT INTO ${name} BY NAME ${sql}`)
        : await create(name, run)
    await run.run("COMMIT")
    return { path: address, rows }
  } catch (error) {
    await run.run("ROLLBACK").catch(() => {}) // the connection says why in `error`
    throw error
  }
}

async function create(name: string, run: WriteRun): Promise<number> {
  await run.copy(sql => `CREATE TABLE ${name} AS SELECT * FROM (${sql}\n) LIMIT 0`)
  return run.copy(sql => `INSERT INTO ${name} ${sql}`)
}

/** MySQL ends a transaction at each CREATE or DROP, but swaps the names of tables in one step. */
async function replaceInMysql(address: string, table: string, run: WriteRun): Promise<Written> {
  const database = databaseOf(address).name
  const side = `${table}_shardlab_${Date.now().toString(36)}`
  const plain = (name: string) =>
    tableParts(name)
      .map(part => `\`${part.replaceAll("`", "``")}\``)
      .join(".")
  const execute = (sql: string) => run.run(`CALL mysql_execute(${quoteText(database)}, ${quoteText(sql)})`)
  try {
    const rows = await create(tableName(address, side), run)
    await execute(
      `RENAME TABLE ${plain(table)} TO ${plain(`${side}_old`)}, ${plain(side)} TO ${plain(table)}`,
    )
    await execute(`DROP TABLE ${plain(`${side}_old`)}`)
    await run.run("CALL mysql_clear_cache()")
    return { path: address, rows }
  } catch (error) {
    await execute(`DROP TABLE IF EXISTS ${plain(side)}`)
    throw error
  }
}

async function tableExists(address: string, table: string, run: WriteRun): Promise<boolean> {
  const parts = tableParts(table)
  const schema = parts.length > 1 ? ` AND schema_name = ${quoteText(parts.at(-2)!)}` : ""
  const found = await run.run(
    `SELECT 1 FROM duckdb_tables() WHERE database_name = ${quoteText(databaseOf(address).name)} AND table_name = ${quoteText(parts.at(-1)!)}${schema}`,
  )
  return found.length > 0
}

/** A commit of the table's own log. */
export async function appendDelta({ path }: WriteTarget, run: WriteRun): Promise<Written> {
  const folder = fullAddress(path).replace(/(?<=.)\/+$/, "")
  await run.access.load("delta", "`write.delta`")
  await run.access.reach(folder)
  const name = quoteName(`shardlab_delta_${Date.now().toString(36)}`)
  await run.run(`ATTACH ${quoteText(folder)} AS ${name} (TYPE delta)`)
  try {
    const rows = await run.copy(sql => `INSERT INTO ${name} BY NAME ${sql}`)
    return { path: folder, rows }
  } finally {
    await run.run(`DETACH ${name}`).catch(() => {})
  }
}
