// Spark's column types and ours, both ways. A type that we lack comes as text, through a cast in the query.

import type { MessageInitShape } from "@bufbuild/protobuf"
import { fail } from "../../errors.js"
import {
  type DataType,
  type Field,
  type SimpleKind,
  simpleKinds,
  typeName,
  typeOf,
} from "../../frame/types.js"
import type { DataTypeSchema, DataType as SparkType } from "./gen/spark/connect/types_pb.js"

type SparkInit = MessageInitShape<typeof DataTypeSchema>
type SparkCase = NonNullable<SparkType["kind"]["case"]>

const simple: Partial<Record<SparkCase, SimpleKind>> = {
  boolean: "boolean",
  byte: "int8",
  short: "int16",
  integer: "int32",
  long: "int64",
  float: "float32",
  double: "float64",
  string: "utf8",
  char: "utf8",
  varChar: "utf8",
  binary: "binary",
  date: "date",
  timestamp: "timestamptz",
  timestampNtz: "timestamp",
}
/** The names of SQL, for casts and schemas. Spark has no unsigned integers. */
const sqlNames: Partial<Record<SimpleKind, string>> = {
  boolean: "BOOLEAN",
  int8: "TINYINT",
  int16: "SMALLINT",
  int32: "INT",
  int64: "BIGINT",
  float32: "FLOAT",
  float64: "DOUBLE",
  utf8: "STRING",
  binary: "BINARY",
  date: "DATE",
  timestamp: "TIMESTAMP_NTZ",
  timestamptz: "TIMESTAMP",
}

/** Our type of a Spark column, and whether the query has to cast to it. */
export function fromSpark(type: SparkType | undefined): { readonly type: DataType; readonly cast: boolean } {
  const kind = type?.kind
  const named = kind?.case === undefined ? undefined : simple[kind.case]
  if (named !== undefined) return { type: typeOf(named), cast: false }
  switch (kind?.case) {
    case "decimal": {
      const { precision = 10, scale = 0 } = kind.value
      return { type: { kind: "decimal", precision, scale }, cast: false }
    }
    case "array": {
      const item = fromSpark(kind.value.elementType)
      return item.cast ? asText : { type: { kind: "list", item: item.type }, cast: false }
    }
    case "map": {
      const [key, value] = [fromSpark(kind.value.keyType), fromSpark(kind.value.valueType)]
      return key.cast || value.cast
        ? asText
        : { type: { kind: "map", key: key.type, value: value.type }, cast: false }
    }
    case "struct": {
      const fields = kind.value.fields.map(({ name, dataType }) => ({ name, ...fromSpark(dataType) }))
      if (fields.some(field => field.cast)) return asText
      return {
        type: { kind: "struct", fields: fields.map(({ name, type: of }) => ({ name, type: of })) },
        cast: false,
      }
    }
    default:
      return asText
  }
}
const asText = { type: typeOf("utf8"), cast: true } as const

/** The columns of a schema as Spark tells it. */
export function columnsOf(schema: SparkType | undefined): readonly (Field & { readonly cast: boolean })[] {
  if (schema?.kind.case !== "struct") return []
  return schema.kind.value.fields.map(({ name, dataType }) => ({ name, ...fromSpark(dataType) }))
}

/** `DECIMAL(10,2)`, `ARRAY<STRING>`: for casts. @throws TYPE_MISMATCH for types that Spark lacks. */
export function sparkSql(type: DataType): string {
  switch (type.kind) {
    case "decimal":
      return `DECIMAL(${type.precision},${type.scale})`
    case "list":
      return `ARRAY<${sparkSql(type.item)}>`
    case "map":
      return `MAP<${sparkSql(type.key)}, ${sparkSql(type.value)}>`
    case "struct":
      return `STRUCT<${type.fields.map(({ name, type: of }) => `${quoteName(name)}: ${sparkSql(of)}`).join(", ")}>`
    case "unknown":
      throw lacking(type)
    default: {
      const name = sqlNames[type.kind]
      if (name === undefined) throw lacking(type)
      return name
    }
  }
}

/** `a INT, b STRING`: a schema in Spark's DDL. */
export function ddl(fields: readonly Field[]): string {
  return fields.map(({ name, type }) => `${quoteName(name)} ${sparkSql(type)}`).join(", ")
}

/** The type as a message, for NULLs. @throws TYPE_MISMATCH for types that Spark lacks. */
export function sparkType(type: DataType): SparkInit {
  switch (type.kind) {
    case "decimal":
      return { kind: { case: "decimal", value: { precision: type.precision, scale: type.scale } } }
    case "list":
      return { kind: { case: "array", value: { elementType: sparkType(type.item), containsNull: true } } }
    case "map": {
      const value = {
        keyType: sparkType(type.key),
        valueType: sparkType(type.value),
        valueContainsNull: true,
      }
      return { kind: { case: "map", value } }
    }
    case "struct": {
      const fields = type.fields.map(({ name, type: of }) => ({
        name,
        dataType: sparkType(of),
        nullable: true,
      }))
      return { kind: { case: "struct", value: { fields } } }
    }
    default: {
      const found = Object.entries(simple).find(([, kind]) => kind === type.kind)?.[0]
      if (found === undefined) throw lacking(type)
      return { kind: { case: found, value: {} } } as SparkInit
    }
  }
}

export function quoteName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``
}

function lacking(type: DataType): Error {
  const known = simpleKinds.filter(kind => sqlNames[kind] !== undefined)
  const problem = `Spark has no type ${typeName(type)}`
  return fail("TYPE_MISMATCH", {
    operation: "spark",
    problem,
    fix: `Cast to one of: ${known.join(", ")}. DuckDB has it.`,
  })
}
