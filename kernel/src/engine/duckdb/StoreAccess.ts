// Makes one DuckDB instance able to reach what a plan reads and writes: loads extensions, sets secrets, attaches
// databases, starts the gateway. Everything once, and again only when a credential changed.

import type { DuckDBConnection } from "@duckdb/node-api"
import { fail, ShardlabError } from "../../errors.js"
import type { Source } from "../../frame/Source.js"
import { startGateway } from "../../store/gateway.js"
import { redact } from "../../store/redact.js"
import { storeKind } from "../../store/uri.js"
import { databaseOf } from "./databases.js"
import { type ExtensionName, extensionPath, formatExtensions, storeExtensions } from "./extensions.js"
import { quoteName, quoteText } from "./quote.js"
import { secretFor } from "./secrets.js"

type Borrow = <T>(work: (connection: DuckDBConnection) => Promise<T>) => Promise<T>

/** MySQL's extension of 1.5.5 makes plans that fail when it pushes an aggregation above a projection down. */
const settings: Partial<Record<ExtensionName, readonly string[]>> = {
  mysql_scanner: ["mysql_aggregate_pushdown_enabled = false", "mysql_order_pushdown_enabled = false"],
}

export class StoreAccess {
  readonly #loaded = new Map<ExtensionName, Promise<void>>()
  readonly #secrets = new Map<string, string>()
  readonly #attached = new Map<string, { readonly name: string; readonly ready: Promise<void> }>()

  constructor(
    private readonly borrow: Borrow,
    private readonly version: () => string,
    private readonly directory: string | undefined,
  ) {}

  /** Everything that reading the sources needs. */
  async open(sources: readonly Source[]): Promise<void> {
    for (const source of sources) {
      const what = `\`read.${source.format}\``
      for (const name of formatExtensions[source.format]) await this.load(name, what)
      if (source.format === "table") await this.attach(source.paths[0]!)
      else if (source.format !== "arrow") for (const uri of onePerPlace(source.paths)) await this.reach(uri)
    }
  }

  /** What one address needs. */
  async reach(uri: string): Promise<void> {
    const kind = storeKind(uri)
    if (kind === "file") return
    for (const name of storeExtensions[kind]) await this.load(name, `Reading \`${redact(uri)}\``)
    if (kind === "hdfs") await startGateway()
    const secret = secretFor(uri)
    if (secret === undefined || this.#secrets.get(secret.scope) === secret.sql) return
    await this.#run(secret.sql, secret.scope)
    this.#secrets.set(secret.scope, secret.sql)
  }

  load(name: ExtensionName, what: string): Promise<void> {
    const known = this.#loaded.get(name)
    if (known !== undefined) return known
    const loading = this.borrow(async connection => {
      const path = extensionPath(name, what, {
        version: this.version(),
        ...(this.directory === undefined ? {} : { directory: this.directory }),
      })
      await connection.run(`LOAD ${quoteText(path)}`)
      for (const setting of settings[name] ?? []) await connection.run(`SET GLOBAL ${setting}`)
    })
    this.#loaded.set(name, loading)
    loading.catch(() => this.#loaded.delete(name))
    return loading
  }

  /** Attaches a database, once. */
  async attach(address: string): Promise<void> {
    const database = databaseOf(address)
    const known = this.#attached.get(database.sql)
    if (known !== undefined) return known.ready
    const attaching = (async () => {
      if (database.extension !== undefined) await this.load(database.extension, `\`read.table\``)
      await this.#run(database.sql, address)
    })()
    this.#attached.set(database.sql, { name: database.name, ready: attaching })
    attaching.catch(() => this.#attached.delete(database.sql))
    return attaching
  }

  /** Lets every attached database go but one. */
  async detachOthers(address: string): Promise<void> {
    const kept = databaseOf(address)
    for (const [sql, { name }] of [...this.#attached]) {
      if (sql === kept.sql) continue
      this.#attached.delete(sql)
      // One that a query still reads stays attached: it is alive.
      await this.borrow(connection => connection.run(`DETACH DATABASE IF EXISTS ${quoteName(name)}`)).catch(
        () => {},
      )
    }
  }

  /** The statement holds credentials: its own error text may quote it. */
  async #run(sql: string, uri: string): Promise<void> {
    try {
      await this.borrow(connection => connection.run(sql))
    } catch (cause) {
      if (cause instanceof ShardlabError) throw cause
      const [first = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n")
      const problem = redact(first).replaceAll(sql, "***")
      throw fail("STORE_FAILED", { uri: redact(uri), problem, fix: "Check the address and the credentials." })
    }
  }
}

/** One address of each bucket or host: they share their credentials. */
function onePerPlace(uris: readonly string[]): string[] {
  return [...new Map(uris.map(uri => [/^[a-z0-9]+:\/\/[^/]*/i.exec(uri)?.[0] ?? "", uri])).values()]
}
