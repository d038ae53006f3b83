// Arrow IPC files and streams as tables of the engine: record batches go, one at a time, into a table in a database file
// of this process's own, so memory stays bounded by a batch. A file is loaded once, and again when it changes.

import { createHash } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import type { FileHandle } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import zlib from "node:zlib"
import type { DuckDBConnection } from "@duckdb/node-api"
import { fail } from "../../errors.js"
import { RandomAccess } from "../../store/randomAccess.js"
import { redact } from "../../store/redact.js"
import type { StoredFile } from "../../store/Store.js"
import { columnOf } from "./arrowValues.js"
import { decodeLz4 } from "./lz4.js"
import { quoteName, quoteText } from "./quote.js"

type Module = typeof import("@duckdb/node-api")
type Borrow = <T>(work: (connection: DuckDBConnection) => Promise<T>) => Promise<T>

const database = "shardlab_arrow"
const chunkRows = 2048

/** The table that holds a file. */
export function arrowTable(uri: string): string {
  return `${database}.${quoteName(`t${createHash("sha256").update(uri).digest("hex").slice(0, 16)}`)}`
}

/** The tables of one engine. */
export class ArrowTables {
  readonly #versions = new Map<string, { readonly version: string; readonly loading: Promise<void> }>()
  #folder: string | undefined

  constructor(
    private readonly borrow: Borrow,
    private readonly duckdb: () => Module,
  ) {}

  load(file: StoredFile): Promise<void> {
    const known = this.#versions.get(file.uri)
    if (known?.version === file.version) return known.loading
    const loading = (known?.loading ?? Promise.resolve()).catch(() => {}).then(() => this.#load(file))
    this.#versions.set(file.uri, { version: file.version, loading })
    loading.catch(() => this.#versions.delete(file.uri))
    return loading
  }

  close(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
    this.#versions.clear()
  }

  #load(file: StoredFile): Promise<void> {
    return this.borrow(async connection => {
      if (this.#folder === undefined) {
        this.#folder = mkdtempSync(join(tmpdir(), "shardlab-arrow-"))
        await connection.run(`ATTACH ${quoteText(join(this.#folder, "tables.duckdb"))} AS ${database}`)
      }
      try {
        await fill(connection, file, this.duckdb())
      } catch (cause) {
        await connection.run(`DROP TABLE IF EXISTS ${arrowTable(file.uri)}`)
        if (cause instanceof Error && "code" in cause && "hint" in cause) throw cause
        const problem = `not readable as Arrow IPC (${cause instanceof Error ? cause.message : String(cause)})`
        const fix =
          "Feather version 1 is not supported: write it again as version 2, uncompressed or with LZ4."
        throw fail("STORE_FAILED", { uri: redact(file.uri), problem, fix }, cause)
      }
    })
  }
}

async function fill(connection: DuckDBConnection, file: StoredFile, duckdb: Module): Promise<void> {
  const { uri } = file
  const arrow = await import("apache-arrow")
  registerCodecs(arrow)
  const reader = await arrow.RecordBatchReader.from(new RandomAccess(file) as unknown as FileHandle)
  await reader.open()
  const columns = reader.schema.fields.map(field => columnOf(field.type, duckdb))
  const list = reader.schema.fields.map((field, i) => `${quoteName(field.name)} ${columns[i]!.sql}`)
  const table = arrowTable(uri)
  await connection.run(`CREATE OR REPLACE TABLE ${table} (${list.join(", ")})`)
  const name = table.slice(database.length + 2, -1)
  const appender = await connection.createAppender(name, "main", database)
  const types = columns.map((_, i) => appender.columnType(i))
  for await (const batch of reader) {
    const fillers = columns.map((column, i) => column.filler(batch.getChildAt(i)!))
    for (let start = 0; start < batch.numRows; start += chunkRows) {
      const rows = Math.min(chunkRows, batch.numRows - start)
      const chunk = duckdb.DuckDBDataChunk.create(types, rows)
      fillers.forEach((fillColumn, i) => {
        const vector = chunk.getColumnVector(i)
        fillColumn(vector, start, rows)
        vector.flush()
      })
      appender.appendDataChunk(chunk)
    }
    appender.flushSync()
  }
  appender.closeSync()
}

/** The library decompresses by what is registered. Zstandard is in Node from 22.15 on. */
function registerCodecs({ compressionRegistry, CompressionType }: typeof import("apache-arrow")): void {
  const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (data: Uint8Array) => Uint8Array }
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decodeLz4 })
  compressionRegistry.set(CompressionType.ZSTD, {
    decode(data: Uint8Array): Uint8Array {
      if (zstdDecompressSync !== undefined) return zstdDecompressSync(data)
      throw new Error(`Zstandard needs Node 22.15, this is ${process.version}`)
    },
  })
}
