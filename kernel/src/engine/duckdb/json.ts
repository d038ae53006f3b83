// JSON text to typed values and back, by Spark's rules: DuckDB's own functions take a text "1" for a number, cut fractions,
// fail on malformed text, and write NULL fields. A type becomes SQL, field by field.

import type { DataType, Field } from "../../frame/types.js"
import { quoteName, quoteText } from "./quote.js"
import { duckdbType } from "./types.js"

/** A struct, list or map read from text; see `fromJson` in frame/Column.ts. */
export function fromJsonSql(text: string, to: DataType): string {
  const read = new Reading("j", "")
  const value = rootValue(read, to)
  const json = `CASE WHEN json_valid(${text}) THEN CAST(${text} AS JSON) END`
  // A lambda names the parsed text, so that it stands in the SQL once.
  return `(CASE WHEN trim(${text}) <> '' THEN list_transform([${json}], lambda j: ${value})[1] END)`
}

/** Text that is no object is a struct of NULLs; a single object is a list of one struct. */
function rootValue(read: Reading, to: DataType): string {
  if (to.kind === "struct") return structSql(read.only("OBJECT"), to.fields)
  if (to.kind !== "list" || to.item.kind !== "struct") return valueSql(read, to)
  const one = `CASE WHEN ${read.type} = 'OBJECT' THEN [${structSql(read, to.item.fields)}]`
  return `${one} ELSE ${valueSql(read, to)} END`
}

/** A place in a JSON value: a variable and the pointer below it. */
class Reading {
  constructor(
    private readonly root: string,
    private readonly pointer: string,
    private readonly depth = 0,
  ) {}

  get json(): string {
    return this.pointer === "" ? this.root : `json_extract(${this.root}, ${quoteText(this.pointer)})`
  }
  get text(): string {
    return this.pointer === ""
      ? `json_extract_string(${this.root}, '$')`
      : `json_extract_string(${this.root}, ${quoteText(this.pointer)})`
  }
  get type(): string {
    return this.pointer === ""
      ? `json_type(${this.root})`
      : `json_type(${this.root}, ${quoteText(this.pointer)})`
  }
  field(name: string): Reading {
    const step = name.replaceAll("~", "~0").replaceAll("/", "~1")
    return new Reading(this.root, `${this.pointer}/${step}`, this.depth)
  }
  /** The same place where it has this type, else none. */
  only(type: string): Reading {
    return new Reading(`(CASE WHEN ${this.type} = '${type}' THEN ${this.json} END)`, "", this.depth)
  }
  /** The elements of a list, as a variable of a lambda. */
  element(): Reading {
    return new Reading(`e${this.depth}`, "", this.depth + 1)
  }
}

function valueSql(read: Reading, to: DataType): string {
  switch (to.kind) {
    case "struct":
      return `CASE WHEN ${read.type} = 'OBJECT' THEN ${structSql(read, to.fields)} END`
    case "list":
      return `CASE WHEN ${read.type} = 'ARRAY' THEN ${itemsSql(`CAST(${read.json} AS JSON[])`, read, to.item)} END`
    case "map": {
      const keys = `list_distinct(json_keys(${read.json}))`
      const pointer = "'/' || replace(replace(k, '~', '~0'), '/', '~1')"
      const values = `list_transform(${keys}, lambda k: json_extract(${read.json}, ${pointer}))`
      // A NULL list of values makes a NULL map.
      return `CASE WHEN ${read.type} = 'OBJECT' THEN map(${keys}, ${itemsSql(values, read, to.value)}) END`
    }
    case "boolean":
      return `CASE WHEN ${read.type} = 'BOOLEAN' THEN CAST(${read.json} AS BOOLEAN) END`
    case "utf8":
      return `CASE ${read.type} WHEN 'NULL' THEN NULL WHEN 'VARCHAR' THEN ${read.text} ELSE CAST(json(${read.json}) AS VARCHAR) END`
    case "binary":
      return `CASE WHEN ${read.type} = 'VARCHAR' THEN TRY(from_base64(${read.text})) END`
    case "float32":
    case "float64":
      return floatSql(read, duckdbType(to))
    case "decimal": {
      const number = `(${numeric(read)} OR ${read.type} = 'VARCHAR' AND regexp_full_match(${read.text}, '[-+0-9.eE]+'))`
      return `CASE WHEN ${number} THEN TRY_CAST(${read.text} AS ${duckdbType(to)}) END`
    }
    case "date":
      return `CASE WHEN ${read.type} = 'VARCHAR' THEN CAST(TRY_CAST(${read.text} AS TIMESTAMP) AS DATE) END`
    case "timestamp": {
      const zone = "(Z|UTC|[+-]\\d\\d(:?\\d\\d)?)$"
      const local = `NOT regexp_matches(${read.text}, '\\d.*\\d.*:.*${zone}')`
      return `CASE WHEN ${read.type} = 'VARCHAR' AND ${local} THEN TRY_CAST(${read.text} AS TIMESTAMP) END`
    }
    case "timestamptz":
      return `CASE WHEN ${read.type} = 'VARCHAR' THEN TRY_CAST(${read.text} AS TIMESTAMPTZ) WHEN ${whole(read)} THEN to_timestamp(CAST(${read.json} AS BIGINT)) END`
    default:
      return `CASE WHEN ${whole(read)} THEN TRY_CAST(${read.json} AS ${duckdbType(to)}) END`
  }
}

const whole = (read: Reading) => `${read.type} IN ('BIGINT', 'UBIGINT')`
const numeric = (read: Reading) => `${read.type} IN ('BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT', 'UHUGEINT')`

/** What JSON has no number for comes as text. */
function floatSql(read: Reading, type: string): string {
  const named = [
    ["NaN", "nan"],
    ["Infinity", "inf"],
    ["+Infinity", "inf"],
    ["INF", "inf"],
    ["+INF", "inf"],
    ["-Infinity", "-inf"],
    ["-INF", "-inf"],
  ].map(([word, value]) => `WHEN '${word}' THEN CAST('${value}' AS ${type})`)
  return `CASE WHEN ${numeric(read)} THEN TRY_CAST(${read.json} AS ${type}) WHEN ${read.type} = 'VARCHAR' THEN CASE ${read.text} ${named.join(" ")} END END`
}

function structSql(read: Reading, fields: readonly Field[]): string {
  const made = fields.map(({ name, type }) => `${quoteName(name)} := ${valueSql(read.field(name), type)}`)
  return `struct_pack(${made.join(", ")})`
}

/** A list with an element that does not fit is NULL: then more values are NULL than there are JSON nulls. */
function itemsSql(items: string, read: Reading, type: DataType): string {
  const each = read.element()
  const value = `lambda ${each.json}: ${valueSql(each, type)}`
  const misfit = `lambda ${each.json}: ${each.type} <> 'NULL' AND (${valueSql(each, type)}) IS NULL`
  return `(CASE WHEN len(list_filter(${items}, ${misfit})) = 0 THEN list_transform(${items}, ${value}) END)`
}

/** A value as JSON text: no spaces, NULL fields of structs left out, times with milliseconds. */
export function toJsonSql(value: string, type: DataType, depth = 0): string {
  switch (type.kind) {
    case "struct": {
      const parts = type.fields.map(({ name, type: of }) => {
        const field = `struct_extract(${value}, ${quoteText(name)})`
        return `${quoteText(`${JSON.stringify(name)}:`)} || ${toJsonSql(field, of, depth)}`
      })
      return `(CASE WHEN ${value} IS NOT NULL THEN '{' || concat_ws(',', ${parts.join(", ")}) || '}' END)`
    }
    case "list":
      return joined(value, `coalesce(${toJsonSql(`x${depth}`, type.item, depth + 1)}, 'null')`, "[]", depth)
    case "map": {
      const entry = `x${depth}`
      const key = `CAST(to_json(CAST(${entry}.key AS VARCHAR)) AS VARCHAR)`
      const text = `coalesce(${toJsonSql(`${entry}.value`, type.value, depth + 1)}, 'null')`
      return joined(`map_entries(${value})`, `${key} || ':' || ${text}`, "{}", depth)
    }
    case "float32":
    case "float64":
      return `(CASE WHEN isfinite(${value}) THEN CAST(${value} AS VARCHAR) WHEN isnan(${value}) THEN '"NaN"' WHEN ${value} > 0 THEN '"Infinity"' WHEN ${value} < 0 THEN '"-Infinity"' END)`
    case "date":
      return `('"' || CAST(${value} AS VARCHAR) || '"')`
    case "timestamp":
      return `('"' || strftime(${value}, '%Y-%m-%dT%H:%M:%S.%g') || '"')`
    case "timestamptz":
      return `('"' || strftime(${value} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') || '"')`
    case "binary":
      return `('"' || to_base64(${value}) || '"')`
    case "utf8":
      return `CAST(to_json(${value}) AS VARCHAR)`
    default:
      return `CAST(${value} AS VARCHAR)`
  }
}

function joined(list: string, each: string, [open, close]: string | [string, string], depth: number): string {
  const items = `list_transform(${list}, lambda x${depth}: ${each})`
  return `(CASE WHEN ${list} IS NOT NULL THEN '${open}' || coalesce(array_to_string(${items}, ','), '') || '${close}' END)`
}
