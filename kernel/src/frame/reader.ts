// `read`: makes frames from files, shards and JavaScript rows. Made by whoever has an engine: `createReader(engine)`.

import { checkOptions, fail } from "../errors.js"
import { DataFrame } from "./DataFrame.js"
import type { Engine } from "./Engine.js"
import type { KindsSchema, RowsSchema } from "./frameTypes.js"
import { localRows } from "./localRows.js"
import { Range } from "./nodes/Range.js"
import { Scan } from "./nodes/Scan.js"
import { Stored } from "./nodes/Stored.js"
import type { Shard } from "./Shard.js"
import { type SourceFormat, type SourceOptions, sourceOptionNames } from "./Source.js"
import type { AnySchema, Int64, SchemaShape, SimpleKind } from "./types.js"

type Paths = string | readonly string[]
type LooseFrame<S extends SchemaShape> = Promise<DataFrame<S>>

type Only<K extends keyof SourceOptions> = Pick<SourceOptions, K>
export type CsvOptions = Only<"schema" | "header" | "delimiter" | "quote" | "nullValue" | "ragged">
export type ExcelOptions = Only<"header" | "sheet" | "range">

/** Paths are files, folders, globs (`data/*.parquet`), or addresses of a store: s3://, gs://, az://, hdfs://, https://. */
export interface Reader {
  /** Fails when there is no file, naming the nearest, and when files differ in their columns (unless `schema: "merge"`). */
  parquet<S extends SchemaShape = AnySchema>(paths: Paths, options?: Only<"schema">): LooseFrame<S>
  /** Types are detected; a line of another length is an error unless `ragged` says otherwise. */
  csv<S extends SchemaShape = AnySchema>(paths: Paths, options?: CsvOptions): LooseFrame<S>
  /** An array of objects, or one object a line. */
  json<S extends SchemaShape = AnySchema>(paths: Paths): LooseFrame<S>
  /** Arrow IPC: Feather files (version 2) and streams. */
  arrow<S extends SchemaShape = AnySchema>(paths: Paths): LooseFrame<S>
  avro<S extends SchemaShape = AnySchema>(paths: Paths, options?: Only<"schema">): LooseFrame<S>
  /** One sheet of a workbook (.xlsx). */
  excel<S extends SchemaShape = AnySchema>(path: string, options?: ExcelOptions): LooseFrame<S>
  /** A Delta table's folder, as of its newest version or a given one. */
  delta<S extends SchemaShape = AnySchema>(folder: string, options?: Only<"version">): LooseFrame<S>
  /** An Iceberg table's folder or metadata file. */
  iceberg<S extends SchemaShape = AnySchema>(folder: string, options?: Only<"version">): LooseFrame<S>
  /** A table or view of the engine by name. */
  table<S extends SchemaShape = AnySchema>(name: string): LooseFrame<S>
  /** A table of a database: `read.table("postgres://user@host/shop", "public.orders")`; also mysql:// and a SQLite or
   *  DuckDB file. Passwords come from the environment (PGPASSWORD, MYSQL_PWD, ~/.pgpass) or `stores.database`. */
  table<S extends SchemaShape = AnySchema>(database: string, table: string): LooseFrame<S>
  /** Exactly the rows of one shard of `frame.shards()`, in this or in another process. */
  shard<S extends SchemaShape = AnySchema>(shard: Shard): DataFrame<S>
  /** Whole numbers up to (not including) `end`, in a column `id`. */
  range(end: number): DataFrame<{ id: Int64 }>
  range(start: number, end: number, step?: number): DataFrame<{ id: Int64 }>
  /** JavaScript objects. Numbers become Float64, bigint Int64, Date Timestamp; `types` says otherwise, and is needed
   *  for columns without a value. For thousands of rows. */
  rows<R extends Record<string, unknown>>(rows: readonly R[]): DataFrame<RowsSchema<R>>
  rows<const K extends Record<string, SimpleKind>>(
    rows: readonly object[],
    types: K,
  ): DataFrame<KindsSchema<K>>
}

export function createReader(engine: Engine): Reader {
  const source = async <S extends SchemaShape>(
    format: SourceFormat,
    paths: Paths,
    options: SourceOptions,
  ): LooseFrame<S> => {
    const list = typeof paths === "string" ? [paths] : paths
    const { source, fields } = await engine.describe({ format, paths: list, options })
    return new DataFrame<S>(new Scan(source, fields), engine)
  }
  const file =
    (format: SourceFormat) =>
    async <S extends SchemaShape>(paths: Paths, options: SourceOptions = {}): LooseFrame<S> => {
      checkValues(`read.${format}`, options, sourceOptionNames[format])
      return source(format, paths, options)
    }
  return {
    parquet: file("parquet"),
    csv: file("csv"),
    json: file("json"),
    arrow: file("arrow"),
    avro: file("avro"),
    excel: file("excel"),
    delta: file("delta"),
    iceberg: file("iceberg"),
    table: async <S extends SchemaShape>(name: string, table?: string): LooseFrame<S> =>
      table === undefined
        ? new DataFrame<S>(new Stored("table", name, await engine.describeTable(name)), engine)
        : source("table", name, { table }),
    shard: (shard: Shard) => new DataFrame(new Scan(shard.source, shard.fields), engine),
    range: ((start: number, end?: number, step?: number) => {
      const range = end === undefined ? new Range(0, start, 1, "id") : new Range(start, end, step ?? 1, "id")
      return new DataFrame(range, engine)
    }) as Reader["range"],
    rows: ((rows: readonly Record<string, unknown>[], types?: Record<string, SimpleKind>) =>
      new DataFrame(localRows(rows, types), engine)) as Reader["rows"],
  }
}

function checkValues(where: string, options: SourceOptions, known: readonly string[]): void {
  checkOptions(where, options, known)
  const { ragged, delimiter, schema } = options
  if (schema !== undefined && !["same", "merge"].includes(schema)) {
    throw fail("BAD_VALUE", { where, name: "schema", value: schema, fix: 'Give "same" or "merge".' })
  }
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
