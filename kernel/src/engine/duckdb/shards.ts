// The real units of a source: a Parquet file's row groups with their statistics, or whole files. Read from the files'
// metadata once and kept while the file does not change; where a store knows which machines hold a part, a shard says so.
// A table of a DuckDB file is cut by its row numbers; one of another database, of Delta or of Iceberg is one shard: their
// readers do not tell how they split it.

import type { Scan } from "../../frame/nodes/Scan.js"
import type { Shard } from "../../frame/Shard.js"
import type { Source } from "../../frame/Source.js"
import type { Field } from "../../frame/types.js"
import { fromGateway } from "../../store/gateway.js"
import { inParallel } from "../../store/parallel.js"
import { storeFor } from "../../store/registry.js"
import type { BlockHosts, StoredFile } from "../../store/Store.js"
import { storeKind } from "../../store/uri.js"
import { databaseOf, isDuckdb, tableParts } from "./databases.js"
import type { FileIndex } from "./FileIndex.js"
import { quoteText } from "./quote.js"
import { escapeGlob } from "./sources.js"

export type Query = (sql: string) => Promise<Record<string, unknown>[]>
type FileShard = Omit<Shard, "id" | "source" | "fields"> & {
  readonly first: number
  /** NULLs a column, where the footer says it. */
  readonly nulls?: ReadonlyMap<string, number>
}

const tables = ["table", "delta", "iceberg"]
/** Rows that DuckDB stores together. */
const rowGroup = 122_880

export class ShardCatalog {
  readonly #files = new Map<string, Promise<readonly FileShard[]>>()

  constructor(
    private readonly query: Query,
    private readonly index: FileIndex,
  ) {}

  /** Of the files that a plan reads, where those are fewer. */
  async shards({ source, fields }: Scan, paths = source.paths): Promise<Omit<Shard, "id">[]> {
    if (tables.includes(source.format)) {
      const whole = { uri: source.paths[0]!, bytes: 0, range: {}, source, fields }
      const groups = source.range === undefined ? await this.#tableGroups(source) : []
      if (groups.length < 2) return [whole]
      return groups.map((range, i) => ({ ...whole, rowGroup: i, source: { ...source, range } }))
    }
    const files = await inParallel(paths, path => this.index.file(path))
    const all = await (source.format === "parquet" ? this.#parquet(files) : files.map(wholeFile))
    const shards = all.flat().map(({ first, nulls, ...shard }): Omit<Shard, "id"> => {
      const range = shard.rowGroup === undefined ? {} : { range: { first, rows: shard.rows! } }
      const cast = shard.rowGroup === undefined ? {} : castOf(source, shard.uri, fields)
      return { ...shard, source: { ...source, paths: [shard.uri], ...range, ...cast }, fields }
    })
    return source.range === undefined
      ? shards
      : shards.filter(shard => overlaps(shard.source.range, source.range!))
  }

  /** NULLs of each column by the footers of Parquet files; a column that one of them does not tell is left out. */
  async nulls({ paths }: Source): Promise<ReadonlyMap<string, number>> {
    const files = await inParallel(paths, path => this.index.file(path))
    const groups = (await this.#parquet(files)).flat()
    const counts = new Map(groups[0]?.nulls)
    for (const { nulls } of groups.slice(1)) {
      for (const [name, count] of counts) {
        const more = nulls?.get(name)
        if (more === undefined) counts.delete(name)
        else counts.set(name, count + more)
      }
    }
    return counts
  }

  /** Stretches of the row numbers of a DuckDB table, deleted rows among them; none of a view or another database. */
  async #tableGroups({ format, paths, options: { table } }: Source): Promise<Range[]> {
    if (format !== "table" || !isDuckdb(paths[0]!)) return []
    const [name, schema = "main"] = tableParts(table!).reverse()
    const [found] = await this.query(
      `SELECT estimated_size AS rows FROM duckdb_tables() WHERE database_name = ${quoteText(databaseOf(paths[0]!).name)}
         AND schema_name = ${quoteText(schema)} AND table_name = ${quoteText(name!)}`,
    )
    const count = Math.ceil(Number(found?.rows ?? 0) / rowGroup)
    // The last one takes what is added meanwhile.
    const rows = (i: number) => (i === count - 1 ? Number.MAX_SAFE_INTEGER - i * rowGroup : rowGroup)
    return Array.from({ length: count }, (_, i) => ({ first: i * rowGroup, rows: rows(i) }))
  }

  /** The footers of all files that are not known yet, in one query. */
  async #parquet(files: readonly StoredFile[]): Promise<(readonly FileShard[])[]> {
    const fresh = files.filter(file => !this.#files.has(keyOf(file)))
    if (fresh.length > 0) {
      const read = this.#rowGroups(fresh)
      for (const file of fresh) {
        const own = read.then(found => found.get(file.uri) ?? [])
        this.#files.set(keyOf(file), own)
        own.catch(() => this.#files.delete(keyOf(file)))
      }
    }
    return Promise.all(files.map(file => this.#files.get(keyOf(file))!))
  }

  async #rowGroups(files: readonly StoredFile[]): Promise<Map<string, FileShard[]>> {
    const list = files.map(({ uri }) => quoteText(escapeGlob(uri))).join(", ")
    const rows = await this.query(
      `SELECT file_name, row_group_id AS id, any_value(row_group_num_rows) AS rows,
         sum(total_compressed_size)::BIGINT AS bytes, min(data_page_offset)::BIGINT AS start,
         list(path_in_schema) AS names, list(stats_min_value) AS mins, list(stats_max_value) AS maxs,
         list(stats_null_count) AS nulls
       FROM parquet_metadata([${list}]) GROUP BY file_name, row_group_id ORDER BY file_name, row_group_id`,
    )
    const shards = new Map<string, FileShard[]>()
    const hosts = await hostsOf(files)
    for (const row of rows) {
      const uri = fromGateway(String(row.file_name))
      const before = shards.get(uri) ?? []
      const last = before.at(-1)
      const holding = holders(hosts.get(uri), Number(row.start))
      before.push({
        uri,
        rowGroup: Number(row.id),
        rows: Number(row.rows),
        bytes: Number(row.bytes),
        first: last === undefined ? 0 : last.first + last.rows!,
        range: ranges(row),
        nulls: nullCounts(row),
        ...(holding === undefined ? {} : { hosts: holding }),
      })
      shards.set(uri, before)
    }
    return shards
  }
}

/** The columns of the folders (`year=2024`): their types are those of all files, which one file does not tell. */
function castOf({ cast = [] }: Source, uri: string, fields: readonly Field[]): { cast?: readonly string[] } {
  const folders = new Set([...uri.matchAll(/([^/=]+)=[^/]*(?=\/)/g)].map(found => found[1]!))
  const isOfFolder = (name: string) => folders.has(name) || folders.has(encodeURIComponent(name))
  const found = fields.map(field => field.name).filter(name => isOfFolder(name) && !cast.includes(name))
  const all = [...cast, ...found]
  return all.length === 0 ? {} : { cast: all }
}

function keyOf({ uri, version }: StoredFile): string {
  return `${uri}\0${version}`
}

function wholeFile({ uri, bytes }: StoredFile): readonly FileShard[] {
  return [{ uri, bytes, range: {}, first: 0 }]
}

async function hostsOf(files: readonly StoredFile[]): Promise<Map<string, readonly BlockHosts[]>> {
  const told = files.filter(({ uri }) => storeKind(uri) === "hdfs")
  const blocks = await inParallel(told, ({ uri }) => storeFor(uri).hosts!(uri))
  return new Map(told.map(({ uri }, i) => [uri, blocks[i]!]))
}

/** Machines with the block in which a row group begins. */
function holders(blocks: readonly BlockHosts[] | undefined, start: number): readonly string[] | undefined {
  return blocks?.find(block => start >= block.start && start < block.start + block.bytes)?.hosts
}

function nullCounts(row: Record<string, unknown>): ReadonlyMap<string, number> {
  const [names, nulls] = [row.names as string[], row.nulls as (bigint | number | null)[]]
  return new Map(names.flatMap((name, i) => (nulls[i] == null ? [] : [[name, Number(nulls[i])] as const])))
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
