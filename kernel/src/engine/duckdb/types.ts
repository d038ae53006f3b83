// DuckDB's column types and ours. A type that we lack comes as text, or as the nearest of ours, through a cast in the scan.

import { fail } from "../../errors.js"
import type { DataType, SimpleKind } from "../../frame/types.js"
import { typeOf } from "../../frame/types.js"
import { quoteName } from "./quote.js"

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
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
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
}

interface Converted {
  readonly type: DataType
  /** True when the scan has to cast to it. */
  readonly cast: boolean
}

/** Our type of a DuckDB column. `sql` is DuckDB's own name of the type. */
export function fromDuckdb(sql: string): Converted {
  const kind = simple[sql]
  if (kind !== undefined) return { type: typeOf(kind), cast: false }
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(sql)
  if (decimal) {
    return {
      type: { kind: "decimal", precision: Number(decimal[1]), scale: Number(decimal[2]) },
      cast: false,
    }
  }
  const array = /^(.*)\[(\d*)\]$/.exec(sql)
  if (array) {
    const item = fromDuckdb(array[1]!)
    return { type: { kind: "list", item: item.type }, cast: item.cast || array[2] !== "" }
  }
  if (sql.startsWith("MAP(")) {
    const [key, value] = splitTypes(sql.slice(4, -1)).map(fromDuckdb)
    return { type: { kind: "map", key: key!.type, value: value!.type }, cast: key!.cast || value!.cast }
  }
  if (sql.startsWith("STRUCT(")) return structType(sql.slice(7, -1))
  return widened[sql] === undefined
    ? { type: typeOf("utf8"), cast: true }
    : { type: widened[sql], cast: true }
}

function structType(inside: string): Converted {
  const fields = splitTypes(inside).map(text => {
    const [, quoted, plain, type] = /^(?:"((?:[^"]|"")*)"|(\S+))\s+(.*)$/s.exec(text)!
    return { name: quoted === undefined ? plain! : quoted.replaceAll('""', '"'), ...fromDuckdb(type!) }
  })
  return {
    type: { kind: "struct", fields: fields.map(({ name, type }) => ({ name, type })) },
    cast: fields.some(field => field.cast),
  }
}

/** At the commas outside brackets and quotes. */
function splitTypes(text: string): string[] {
  const parts: string[] = []
  let [depth, quoted, start] = [0, false, 0]
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') quoted = !quoted
    if (quoted) continue
    if (character === "(") depth++
    if (character === ")") depth--
    if (character !== "," || depth > 0) continue
    parts.push(text.slice(start, at).trim())
    start = at + 1
  }
  return [...parts, text.slice(start).trim()]
}

/** The SQL name of a type, for casts and tables. */
export function duckdbType(type: DataType): string {
  switch (type.kind) {
    case "decimal":
      return `DECIMAL(${type.precision}, ${type.scale})`
    case "list":
      return `${duckdbType(type.item)}[]`
    case "map":
      return `MAP(${duckdbType(type.key)}, ${duckdbType(type.value)})`
    case "struct":
      return `STRUCT(${type.fields.map(field => `${quoteName(field.name)} ${duckdbType(field.type)}`).join(", ")})`
    case "unknown": {
      const fix = "Keep the column as it is."
      throw fail("TYPE_MISMATCH", { operation: "duckdb", problem: "a type is unknown", fix })
    }
    default:
      return toSql[type.kind]
  }
}
