// Databases that DuckDB attaches: PostgreSQL, MySQL, SQLite and DuckDB files. An address never holds a password when it
// comes from a plan: `withoutPassword` took it out when the address was first seen, and this process remembers it.

import { createHash } from "node:crypto"
import { resolve } from "node:path"
import { fail } from "../../errors.js"
import { secret } from "../../store/redact.js"
import { settingsFor, stores } from "../../store/settings.js"
import { localPath } from "../../store/uri.js"
import type { ExtensionName } from "./extensions.js"
import { quoteName, quoteText } from "./quote.js"

export interface Database {
  readonly name: string
  readonly sql: string
  readonly extension?: ExtensionName
}

/** The address as a plan may hold it; its password, if it has one, is kept in this process for it. */
export function withoutPassword(address: string): string {
  if (!/^(postgres(ql)?|mysql|mariadb):/i.test(address)) return resolve(localPath(fileOf(address)))
  const url = new URL(address)
  if (url.password === "") return address
  const password = secret(decodeURIComponent(url.password))
  url.password = ""
  stores.database({ scope: url.href, password })
  return url.href
}

export function databaseOf(address: string): Database {
  const name = `shardlab_db_${createHash("sha256").update(address).digest("hex").slice(0, 12)}`
  const attach = (text: string, type: string) =>
    `ATTACH IF NOT EXISTS ${quoteText(text)} AS ${quoteName(name)} (TYPE ${type})`
  if (/^postgres(ql)?:/i.test(address))
    return { name, sql: attach(postgresText(address), "postgres"), extension: "postgres_scanner" }
  if (/^(mysql|mariadb):/i.test(address))
    return { name, sql: attach(mysqlText(address), "mysql"), extension: "mysql_scanner" }
  const file = resolve(localPath(fileOf(address)))
  if (isDuckdb(file)) return { name, sql: attach(file, "duckdb") }
  if (/\.(sqlite3?|db3?|s3db)$/i.test(file))
    return { name, sql: attach(file, "sqlite"), extension: "sqlite_scanner" }
  const fix =
    "Give postgres://user@host/database, mysql://user@host/database, or a file that ends in .sqlite, .db or .duckdb."
  throw fail("BAD_VALUE", { where: "read.table", name: "database", value: address, fix })
}

/** `"public.orders"` is a schema and a table; quotes keep a dot: `"my.schema"."t"`. */
export function tableParts(table: string): string[] {
  return [...table.matchAll(/"((?:[^"]|"")*)"|([^.]+)/g)].map(
    found => found[1]?.replaceAll('""', '"') ?? found[2]!,
  )
}

export function tableName(address: string, table: string): string {
  return [databaseOf(address).name, ...tableParts(table)].map(quoteName).join(".")
}

export function isDuckdb(address: string): boolean {
  return /\.(duckdb|ddb)$/i.test(address)
}

export function isMysql(address: string): boolean {
  return /^(mysql|mariadb):/i.test(address)
}

function fileOf(address: string): string {
  return address.replace(/^(sqlite|duckdb):(\/\/)?/i, "")
}

function postgresText(address: string): string {
  const url = new URL(address)
  return keyValues(
    {
      host: url.searchParams.get("host") ?? decodeURIComponent(url.hostname),
      port: url.port,
      dbname: decodeURIComponent(url.pathname.slice(1)),
      ...login(url, address),
      sslmode: url.searchParams.get("sslmode") ?? undefined,
    },
    "'",
  )
}

function mysqlText(address: string): string {
  const url = new URL(address)
  const { user, password = process.env.MYSQL_PWD } = login(url, address)
  const socket = url.searchParams.get("socket") ?? undefined
  const database = decodeURIComponent(url.pathname.slice(1))
  return keyValues(
    { host: url.hostname, port: url.port, database, user, password: secret(password), socket },
    '"',
  )
}

function login(url: URL, address: string): { user?: string; password?: string } {
  const options = settingsFor("database", address)
  const user = options.user ?? (decodeURIComponent(url.username) || undefined)
  const password = options.password ?? (decodeURIComponent(url.password) || undefined)
  return { ...(user ? { user } : {}), ...(password ? { password: secret(password) } : {}) }
}

/** `host='x' user='y'`, as libpq and the MySQL extension take it. */
function keyValues(values: Record<string, string | undefined>, quote: string): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(
      ([key, value]) =>
        `${key}=${quote}${value!.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`)}${quote}`,
    )
    .join(" ")
}

/** A SQLite or DuckDB file has to be there: attaching would make an empty one. */
export function databaseFile(address: string): string | undefined {
  return /^(postgres(ql)?|mysql|mariadb):/i.test(address) ? undefined : resolve(localPath(fileOf(address)))
}
