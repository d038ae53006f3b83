// What Dask has of the operations: complete over the plan's nodes, so the compiler asks about each new one. The second word
// of a lack says which engines have it.

import type { WriteFormat } from "../../frame/Engine.js"
import type { PlanOp } from "../../frame/nodes/plan.js"
import type { SourceFormat } from "../../frame/Source.js"

export interface Lack {
  /** Completes "dask has no ...". */
  readonly what: string
  readonly has: string
  readonly why: string
}

export const operations: { readonly [Op in PlanOp]: "has" | Lack } = {
  scan: "has",
  local: "has",
  range: "has",
  stored: "has",
  filter: "has",
  project: "has",
  aggregate: "has",
  sort: "has",
  limit: "has",
  tail: "has",
  distinct: "has",
  sample: "has",
  explode: "has",
  unpivot: "has",
  repartition: "has",
  hint: "has",
  cache: "has",
  observe: "has",
  join: "has",
  asOfJoin: "has",
  setOperation: "has",
  sql: { what: "SQL", has: "duckdb, spark", why: "dask.dataframe has no SQL." },
  mapBatches: { what: "`mapBatches`", has: "duckdb", why: "Its workers are Python." },
  mapGroups: { what: "`mapGroups`", has: "duckdb", why: "Its workers are Python." },
}

/** The functions of the catalog that Dask lacks. */
export const lackingFunctions: Readonly<Record<string, string>> = {
  hash: "pandas hashes by SipHash, not by Spark's Murmur3.",
  xxhash64: "pandas hashes by SipHash, not by xxHash.",
}

const others = "duckdb, spark"
export const formats: { readonly [F in SourceFormat]: "has" | Lack } = {
  parquet: "has",
  csv: "has",
  json: "has",
  arrow: "has",
  avro: { what: "`read.avro`", has: others, why: "pyarrow reads no Avro." },
  excel: { what: "`read.excel`", has: "duckdb", why: "pyarrow reads no Excel." },
  delta: { what: "`read.delta`", has: others, why: "It would need a package of its own on every worker." },
  iceberg: {
    what: "`read.iceberg`",
    has: others,
    why: "It would need a package of its own on every worker.",
  },
  table: { what: "`read.table` of a database", has: "duckdb", why: "Workers have no database drivers." },
}

export const writeFormats: { readonly [F in WriteFormat]: "has" | Lack } = {
  parquet: "has",
  csv: "has",
  json: { what: "`write.json`", has: others, why: "pyarrow writes no JSON." },
  arrow: { what: "`write.arrow`", has: "duckdb", why: "Each partition writes a file; write Parquet." },
  avro: { what: "`write.avro`", has: others, why: "pyarrow writes no Avro." },
  excel: { what: "`write.excel`", has: "duckdb", why: "pyarrow writes no Excel." },
  delta: { what: "`write.delta`", has: others, why: "It would need a package of its own on every worker." },
  table: { what: "`write.table` of a database", has: "duckdb", why: "Workers have no database drivers." },
}

/** Where Dask's result is another than Spark's, and why; differences.md shows it and the conformance tests read it. */
export const differences: Readonly<Record<string, string>> = {
  approxCountDistinct: "Exact here: a group's values are in one partition anyway.",
  approxQuantile: "Exact and interpolated here, for the same reason.",
}
