// What this machine's DuckDB can read: each address scheme and format with the extension it needs, loaded for real in an
// instance of its own. For `shardlab doctor`.

import { sourceFormats } from "../../frame/Source.js"
import { schemes } from "../../store/uri.js"
import {
  type ExtensionName,
  type ExtensionPlaces,
  findExtension,
  formatExtensions,
  storeExtensions,
  wheelOf,
} from "./extensions.js"
import { quoteText } from "./quote.js"

export interface Capability {
  /** `s3:`, `avro`, `postgres:` ... */
  readonly name: string
  readonly kind: "scheme" | "format" | "database"
  readonly works: boolean
  /** What pip has to install, or why a file that is there does not load. */
  readonly lacks: readonly string[]
}

const databases: readonly (readonly [string, ExtensionName])[] = [
  ["postgres:", "postgres_scanner"],
  ["mysql:", "mysql_scanner"],
  ["sqlite:", "sqlite_scanner"],
]

export async function capabilities(directory?: string): Promise<readonly Capability[]> {
  const lacking = await lackingExtensions(directory)
  const entry = (kind: Capability["kind"], name: string, needs: readonly ExtensionName[]): Capability => {
    const lacks = needs.flatMap(need => lacking.get(need) ?? [])
    return { kind, name, works: lacks.length === 0, lacks }
  }
  return [
    ...Object.entries(schemes).map(([scheme, store]) =>
      entry("scheme", `${scheme}:`, storeExtensions[store]),
    ),
    ...sourceFormats
      .filter(format => format !== "table")
      .map(format => entry("format", format, formatExtensions[format])),
    ...databases.map(([name, need]) => entry("database", name, [need])),
  ]
}

/** Extension to what is wrong with it; those that load are not in it. */
async function lackingExtensions(directory: string | undefined): Promise<Map<ExtensionName, string>> {
  const duckdb = await import("@duckdb/node-api")
  const instance = await duckdb.DuckDBInstance.create(":memory:", { autoinstall_known_extensions: "false" })
  const connection = await instance.connect()
  const places: ExtensionPlaces = {
    version: duckdb.version(),
    ...(directory === undefined ? {} : { directory }),
  }
  const names = [...Object.values(storeExtensions), ...Object.values(formatExtensions)].flat()
  const lacking = new Map<ExtensionName, string>()
  for (const name of new Set([...names, ...databases.map(([, need]) => need)])) {
    const { path } = findExtension(name, places)
    const wheel = `${wheelOf(name)}==${places.version.replace(/^v/, "")}`
    const problem = path === undefined ? wheel : await load(`LOAD ${quoteText(path)}`)
    if (problem !== undefined) lacking.set(name, problem)
  }
  connection.closeSync()
  instance.closeSync()
  return lacking

  async function load(sql: string): Promise<string | undefined> {
    try {
      await connection.run(sql)
      return undefined
    } catch (error) {
      return (error as Error).message.split("\n")[0]
    }
  }
}
