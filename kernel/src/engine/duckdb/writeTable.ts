// Writes a plan into a table that keeps its own transactions: a database's, or a Delta table. All rows or none.

import { didYouMean, fail } from "../../errors.js"
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
  const exists = await tableExists(name, address, run)
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

/** DuckDB looks through every attached database for a name that it misses, and fails when one of them is down: then the
 *  others are let go, and asked for again when they are next used. */
async function tableExists(name: string, address: string, run: WriteRun): Promise<boolean> {
  const look = () => run.run(`FROM ${name} LIMIT 0`)
  try {
    await look().catch(async error => {
      if (!/connect/i.test(String(error))) throw error
      await run.access.detachOthers(address)
      return look()
    })
    return true
  } catch (error) {
    if (/does not exist/.test(String(error))) return false
    throw error
  }
}

/** A commit of the table's own log. */
export async function appendDelta({ path }: WriteTarget, run: WriteRun): Promise<Written> {
  const folder = fullAddress(path).replace(/(?<=.)\/+$/, "")
  await run.access.load("delta", "`write.delta`")
  await run.access.reach(folder)
  const id = Date.now().toString(36)
  const [name, rows] = [quoteName(`shardlab_delta_${id}`), quoteName(`shardlab_rows_${id}`)]
  // The extension of 1.5.5 fails on prepared statements, so the rows with their parameters are made first.
  await run.copy(sql => `CREATE TEMP TABLE ${rows} AS ${sql}`)
  try {
    await run.run(`ATTACH ${quoteText(folder)} AS ${name} (TYPE delta)`)
    const columns = await deltaColumns(name, rows, run)
    const [made] = await run.run(`INSERT INTO ${name} SELECT ${columns.join(", ")} FROM ${rows}`)
    return { path: folder, rows: Number(made!.Count) }
  } finally {
    await run.run(`DETACH DATABASE IF EXISTS ${name}; DROP TABLE ${rows}`)
  }
}

/** The rows' columns in the order and with the types of the table, because the extension takes them by position. */
async function deltaColumns(table: string, rows: string, run: WriteRun): Promise<string[]> {
  const own = new Set((await run.run(`DESCRIBE ${rows}`)).map(row => String(row.column_name)))
  const wanted = await run.run(`DESCRIBE ${table}`)
  const names = wanted.map(row => String(row.column_name))
  const extra = [...own].find(name => !names.includes(name))
  if (extra !== undefined) {
    const nearest = didYouMean(extra, names)
    throw fail("UNKNOWN_COLUMN", {
      operation: "write.delta",
      name: extra,
      nearest,
      columns: names.join(", "),
    })
  }
  return wanted.map(row => {
    const name = String(row.column_name)
    return `CAST(${own.has(name) ? quoteName(name) : "NULL"} AS ${row.column_type}) AS ${quoteName(name)}`
  })
}
