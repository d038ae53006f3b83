// Where rows come from, as data: part of the plan's JSON, so a worker process can read the same thing. Holds no
// credential: addresses are looked up in the process that reads.

export const sourceFormats = [
  "parquet",
  "csv",
  "json",
  "arrow",
  "avro",
  "excel",
  "delta",
  "iceberg",
  "table",
] as const
export type SourceFormat = (typeof sourceFormats)[number]

/** `paths` may hold globs until an engine described the source; afterwards they are files. For `delta` and `iceberg` the
 *  one path is the table's folder, for `table` the database's address. */
export interface Source {
  readonly format: SourceFormat
  readonly paths: readonly string[]
  readonly options: SourceOptions
  /** The folder whose `key=value` levels above the files are columns, for an engine that is not given the folder itself. */
  readonly root?: string
  /** Only these rows of the one file: a row group. */
  readonly range?: { readonly first: number; readonly rows: number }
  /** Columns whose file type has no type of ours: they are read through a cast. Filled by the engine. */
  readonly cast?: readonly string[]
}

export interface SourceOptions {
  /** Several files: `same` (default) fails when their columns differ, `merge` takes all columns by name. */
  readonly schema?: "same" | "merge"
  /** CSV and Excel: first line holds the names (default true). */
  readonly header?: boolean
  /** CSV: default a comma. */
  readonly delimiter?: string
  /** CSV: default a double quote. */
  readonly quote?: string
  /** CSV: text that means NULL besides the empty field. */
  readonly nullValue?: string
  /** CSV: what to do with lines of another length: `error` (default), `pad` with NULL, or `skip` the line. */
  readonly ragged?: "error" | "pad" | "skip"
  /** Excel: the sheet's name; default the first. */
  readonly sheet?: string
  /** Excel: cells, as in `A1:D20`. */
  readonly range?: string
  /** Delta and Iceberg: an older version of the table (Iceberg: snapshot id). */
  readonly version?: number | string
  /** Database: the table's name, with its schema when it needs one. Set by `read.table`. */
  readonly table?: string
}

/** The options that each format takes. */
export const sourceOptionNames: Readonly<Record<SourceFormat, readonly (keyof SourceOptions)[]>> = {
  parquet: ["schema"],
  csv: ["schema", "header", "delimiter", "quote", "nullValue", "ragged"],
  json: [],
  arrow: [],
  avro: ["schema"],
  excel: ["header", "sheet", "range"],
  delta: ["version"],
  iceberg: ["version"],
  table: [],
}

/** File endings that a folder is searched for. */
export const sourceEndings: Readonly<Record<SourceFormat, readonly string[]>> = {
  parquet: ["parquet"],
  csv: ["csv", "csv.gz", "csv.zst", "tsv"],
  json: ["json", "ndjson", "jsonl", "json.gz", "ndjson.gz", "jsonl.gz"],
  arrow: ["arrow", "arrows", "feather", "ipc"],
  avro: ["avro"],
  excel: ["xlsx"],
  delta: [],
  iceberg: [],
  table: [],
}
