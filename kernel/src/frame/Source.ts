// Where rows come from, as data: part of the plan's JSON, so a worker process can read the same thing.

/** `paths` may hold globs until an engine described the source; afterwards they are files. */
export interface Source {
  readonly format: "parquet" | "csv" | "json"
  readonly paths: readonly string[]
  readonly options: SourceOptions
  /** Only these rows of the one file: a row group. */
  readonly range?: { readonly first: number; readonly rows: number }
  /** Columns whose file type has no type of ours: they are read through a cast. Filled by the engine. */
  readonly cast?: readonly string[]
}

export interface SourceOptions {
  /** CSV: first line holds the names (default true). */
  readonly header?: boolean
  /** CSV: default a comma. */
  readonly delimiter?: string
  /** CSV: default a double quote. */
  readonly quote?: string
  /** CSV: text that means NULL besides the empty field. */
  readonly nullValue?: string
  /** CSV: what to do with lines of another length: `error` (default), `pad` with NULL, or `skip` the line. */
  readonly ragged?: "error" | "pad" | "skip"
}

export const sourceOptionNames: readonly (keyof SourceOptions)[] = [
  "header",
  "delimiter",
  "quote",
  "nullValue",
  "ragged",
]
