// `read`: makes frames from files, shards and JavaScript rows. Made by whoever has an engine: `createReader(engine)`.

import { didYouMean, fail } from "../errors.js"
import { DataFrame } from "./DataFrame.js"
import type { Engine } from "./Engine.js"
import type { KindsSchema, RowsSchema } from "./frameTypes.js"
import { localRows } from "./localRows.js"
import { Scan } from "./nodes/Scan.js"
import type { Shard } from "./Shard.js"
import { type Source, type SourceOptions, sourceOptionNames } from "./Source.js"
import type { AnySchema, SchemaShape, SimpleKind } from "./types.js"

type Paths = string | readonly string[]
type LooseFrame<S extends SchemaShape> = Promise<DataFrame<S>>

export interface Reader {
  /** A file, several, or a glob (`data/*.parquet`). Fails when there is none, naming the nearest file. */
  parquet<S extends SchemaShape = AnySchema>(paths: Paths): LooseFrame<S>
  /** Types are detected; a line of another length is an error unless `ragged` says otherwise. */
  csv<S extends SchemaShape = AnySchema>(paths: Paths, options?: SourceOptions): LooseFrame<S>
  /** An array of objects, or one object a line. */
  json<S extends SchemaShape = AnySchema>(paths: Paths): LooseFrame<S>
  /** Exactly the rows of one shard of `frame.shards()`, in this or in another process. */
  shard<S extends SchemaShape = AnySchema>(shard: Shard): DataFrame<S>
  /** JavaScript objects. Numbers become Float64, bigint Int64, Date Timestamp; `types` says otherwise, and is needed
   *  for columns without a value. For thousands of rows. */
  rows<R extends Record<string, unknown>>(rows: readonly R[]): DataFrame<RowsSchema<R>>
  rows<const K extends Record<string, SimpleKind>>(
    rows: readonly object[],
    types: K,
  ): DataFrame<KindsSchema<K>>
}

export function createReader(engine: Engine): Reader {
  const file =
    (format: Source["format"]) =>
    async <S extends SchemaShape>(paths: Paths, options: SourceOptions = {}): LooseFrame<S> => {
      checkOptions(`read.${format}`, options, format === "csv" ? sourceOptionNames : [])
      const list = typeof paths === "string" ? [paths] : paths
      const { source, fields } = await engine.describe({ format, paths: list, options })
      return new DataFrame<S>(new Scan(source, fields), engine)
    }
  return {
    parquet: file("parquet"),
    csv: file("csv"),
    json: file("json"),
    shard: shard => new DataFrame(new Scan(shard.source, shard.fields), engine),
    rows: ((rows: readonly Record<string, unknown>[], types?: Record<string, SimpleKind>) =>
      new DataFrame(localRows(rows, types), engine)) as Reader["rows"],
  }
}

function checkOptions(where: string, options: SourceOptions, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    throw fail("UNKNOWN_OPTION", {
      where,
      name,
      nearest: didYouMean(name, known),
      known: known.join(", ") || "none",
    })
  }
  const { ragged, delimiter } = options
  if (ragged !== undefined && !["error", "pad", "skip"].includes(ragged)) {
    throw fail("BAD_VALUE", { where, name: "ragged", value: ragged, fix: 'Give "error", "pad" or "skip".' })
  }
  if (delimiter !== undefined && delimiter.length !== 1) {
    throw fail("BAD_VALUE", {
      where,
      name: "delimiter",
      value: JSON.stringify(delimiter),
      fix: "Give one character.",
    })
  }
}
