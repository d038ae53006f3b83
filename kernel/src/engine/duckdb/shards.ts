// The real units of a source: a Parquet file's row groups with their statistics, or whole files. Read from the files'
// metadata once and kept while the file does not change.

import { statSync } from "node:fs"
import type { Scan } from "../../frame/nodes/Scan.js"
import type { Shard } from "../../frame/Shard.js"
import { quoteText } from "./expressions.js"

export type Query = (sql: string) => Promise<Record<string, unknown>[]>
type FileShard = Omit<Shard, "id" | "source" | "fields"> & { readonly first: number }

export class ShardCatalog {
  readonly #files = new Map<string, Promise<readonly FileShard[]>>()

  constructor(private readonly query: Query) {}

  async shards(scan: Scan): Promise<Omit<Shard, "id">[]> {
    const { source, fields } = scan
    const all = await Promise.all(source.paths.map(path => this.#ofFile(path, source.format)))
    const shards = all.flat().map(({ first, ...shard }): Omit<Shard, "id"> => {
      const range = shard.rowGroup === undefined ? {} : { range: { first, rows: shard.rows! } }
      return { ...shard, source: { ...source, paths: [shard.uri], ...range }, fields }
    })
    return source.range === undefined
      ? shards
      : shards.filter(shard => overlaps(shard.source.range, source.range!))
  }

  #ofFile(path: string, format: string): Promise<readonly FileShard[]> {
    const { size, mtimeMs } = statSync(path)
    const key = `${path}\0${size}\0${mtimeMs}`
    const known =
      this.#files.get(key) ?? (format === "parquet" ? this.#rowGroups(path) : wholeFile(path, size))
    this.#files.set(key, known)
    known.catch(() => this.#files.delete(key))
    return known
  }

  async #rowGroups(path: string): Promise<readonly FileShard[]> {
    const rows = await this.query(
      `SELECT row_group_id AS id, any_value(row_group_num_rows) AS rows, sum(total_compressed_size)::BIGINT AS bytes,
         list(path_in_schema) AS names, list(stats_min_value) AS mins, list(stats_max_value) AS maxs
       FROM parquet_metadata(${quoteText(path.replace(/[*?[]/g, "[$&]"))}) GROUP BY row_group_id ORDER BY row_group_id`,
    )
    let first = 0
    return rows.map(row => {
      const shard = {
        uri: path,
        rowGroup: Number(row.id),
        rows: Number(row.rows),
        bytes: Number(row.bytes),
        first,
        range: ranges(row),
      }
      first += shard.rows
      return shard
    })
  }
}

async function wholeFile(path: string, size: number): Promise<readonly FileShard[]> {
  return [{ uri: path, bytes: size, range: {}, first: 0 }]
}

function ranges(row: Record<string, unknown>): Shard["range"] {
  const [names, mins, maxs] = [row.names, row.mins, row.maxs] as [
    string[],
    (string | null)[],
    (string | null)[],
  ]
  const known = names
    .map((name, i) => [name, mins[i], maxs[i]] as const)
    .filter(([, min, max]) => min != null && max != null)
  return Object.fromEntries(known.map(([name, min, max]) => [name, { min: min!, max: max! }]))
}

type Range = { readonly first: number; readonly rows: number }
function overlaps(a: Range | undefined, b: Range): boolean {
  return a !== undefined && a.first < b.first + b.rows && b.first < a.first + a.rows
}
