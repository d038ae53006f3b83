// One DuckDB instance of this process and its connections. The native module loads and the instance starts at first use;
// `close` frees both. Whoever takes a connection gives it back, unless its query was stopped half-way: then it is closed.

import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api"

export type DuckdbModule = typeof import("@duckdb/node-api")

export interface InstanceOptions {
  /** As DuckDB writes it: `"4GB"`. Default: 80 % of the machine. Beyond it, large operators spill to disk. */
  readonly memoryLimit?: string
  /** Threads of one query; default: all cores. */
  readonly threads?: number
  /** Where extensions that are already on this machine lie. None is ever downloaded. */
  readonly extensionDirectory?: string
}

export class Connections {
  #started: Promise<DuckDBInstance> | undefined
  #module: DuckdbModule | undefined
  readonly #idle: DuckDBConnection[] = []

  constructor(private readonly options: InstanceOptions) {}

  /** Only after a connection was taken. */
  get duckdb(): DuckdbModule {
    return this.#module!
  }

  async take(): Promise<DuckDBConnection> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    this.#started ??= this.#start()
    const connection = await (await this.#started).connect()
    await connection.run(
      "SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET TimeZone = 'UTC'",
    )
    return connection
  }

  /** False before the first use and after `close`. */
  get open(): boolean {
    return this.#started !== undefined
  }

  giveBack(connection: DuckDBConnection): void {
    if (this.#started === undefined) connection.closeSync()
    else this.#idle.push(connection)
  }

  /** Work on a connection that is given back after it. */
  readonly borrow = async <T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
    const connection = await this.take()
    try {
      return await work(connection)
    } finally {
      this.giveBack(connection)
    }
  }

  async close(): Promise<void> {
    const instance = await this.#started
    this.#started = undefined
    for (const connection of this.#idle.splice(0)) connection.closeSync()
    instance?.closeSync()
  }

  async #start(): Promise<DuckDBInstance> {
    this.#module = await import("@duckdb/node-api")
    const { memoryLimit, threads, extensionDirectory } = this.options
    const settings: Record<string, string> = { autoinstall_known_extensions: "false" }
    if (memoryLimit !== undefined) settings.memory_limit = memoryLimit
    if (threads !== undefined) settings.threads = String(threads)
    if (extensionDirectory !== undefined) settings.extension_directory = extensionDirectory
    return this.#module.DuckDBInstance.create(":memory:", settings)
  }
}
