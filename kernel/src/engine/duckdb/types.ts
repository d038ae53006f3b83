// DuckDB's column types and ours. A type that we lack comes as text, through a cast in the scan.

import { fail } from "../../errors.js"
import type { DataType, SimpleKind } from "../../frame/types.js"
import { typeOf } from "../../frame/types.js"

const simple: Record<string, SimpleKind> = {
  BOOLEAN: "boolean",
  TINYINT: "int8",
  SMALLINT: "int16",
  INTEGER: "int32",
  BIGINT: "int64",
  UTINYINT: "uint8",
  USMALLINT: "uint16",
  UINTEGER: "uint32",
  UBIGINT: "uint64",
  FLOAT: "float32",
  DOUBLE: "float64",
  VARCHAR: "utf8",
  DATE: "date",
  TIMESTAMP: "timestamp",
  BLOB: "binary",
}
const toSql = Object.fromEntries(Object.entries(simple).map(([sql, kind]) => [kind, sql])) as Record<
  SimpleKind,
  string
>

/** Types that become one of ours by a cast without loss of what we can show. */
const widened: Record<string, DataType> = {
  HUGEINT: { kind: "decimal", precision: 38, scale: 0 },
  UHUGEINT: { kind: "decimal", precision: 38, scale: 0 },
  TIMESTAMP_S: typeOf("timestamp"),
  TIMESTAMP_MS: typeOf("timestamp"),
  TIMESTAMP_NS: typeOf("timestamp"),
  "TIMESTAMP WITH TIME ZONE": typeOf("timestamp"),
}

/** Our type of a DuckDB column, and whether the scan has to cast to it. `sql` is DuckDB's own name of the type. */
export function fromDuckdb(sql: string): { type: DataType; cast: boolean } {
  const kind = simple[sql]
  if (kind !== undefined) return { type: typeOf(kind), cast: false }
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(sql)
  if (decimal)
    return {
      type: { kind: "decimal", precision: Number(decimal[1]), scale: Number(decimal[2]) },
      cast: false,
    }
  if (sql.endsWith("[]")) {
    const item = fromDuckdb(sql.slice(0, -2))
    return item.cast ? asText : { type: { kind: "list", item: item.type }, cast: false }
  }
  if (sql.startsWith("STRUCT(")) return { type: { kind: "struct", fields: [] }, cast: false }
  return widened[sql] === undefined ? asText : { type: widened[sql], cast: true }
}
const asText = { type: typeOf("utf8"), cast: true } as const

/** The SQL name of a type, for casts and tables. */
export function duckdbType(type: DataType): string {
  if (type.kind === "decimal") return `DECIMAL(${type.precision}, ${type.scale})`
  if (type.kind === "list") return `${duckdbType(type.item)}[]`
  if (type.kind === "struct" || type.kind === "unknown") {
    throw fail("TYPE_MISMATCH", {
      operation: "duckdb",
      problem: `cannot cast to ${type.kind}`,
      fix: "Keep the column as it is.",
    })
  }
  return toSql[type.kind]
}
