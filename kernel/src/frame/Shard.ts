// One real unit of a source: a row group of a Parquet file or of a DuckDB table, or a whole file. Plain data: it travels to a pool worker,
// which reads exactly these rows with `read.shard`.

import type { Source } from "./Source.js"
import type { Field } from "./types.js"

export interface Shard {
  /** Position in the list. */
  readonly id: number
  readonly uri: string
  /** Row group in the file; absent when the shard is the whole file or table. */
  readonly rowGroup?: number
  /** Absent when only reading the file would tell (CSV, JSON). */
  readonly rows?: number
  /** Compressed bytes of the row group, or the file's size. */
  readonly bytes: number
  /** Smallest and largest value a column by the file's own statistics, as text; absent columns have none. */
  readonly range: Readonly<Record<string, { readonly min: string; readonly max: string }>>
  /** Machines that hold it, where the store tells (HDFS). */
  readonly hosts?: readonly string[]
  /** How to read it again, and what columns come. */
  readonly source: Source
  readonly fields: readonly Field[]
}
