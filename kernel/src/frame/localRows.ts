// JavaScript objects into a plan node: finds each column's type from its values and puts them in the plan's JSON form.

import { fail } from "../errors.js"
import { type LiteralValue, literal } from "./ExprNode.js"
import { Local } from "./nodes/Local.js"
import { type DataType, type Field, isInteger, type SimpleKind, typeOf } from "./types.js"

type Encoded = string | number | boolean | null

export function localRows(
  rows: readonly Record<string, unknown>[],
  types?: Record<string, SimpleKind>,
): Local {
  const names = types ? Object.keys(types) : [...new Set(rows.flatMap(row => Object.keys(row)))]
  if (names.length === 0) {
    throw fail("BAD_VALUE", {
      where: "read.rows",
      name: "rows",
      value: "empty",
      fix: 'Give the types: read.rows([], { a: "int64" }).',
    })
  }
  const fields = names.map(
    (name): Field => ({ name, type: types ? typeOf(types[name]!) : inferred(name, rows) }),
  )
  return new Local(
    fields,
    fields.map(({ name, type }) => rows.map(row => encode(row[name], name, type))),
  )
}

function inferred(name: string, rows: readonly Record<string, unknown>[]): DataType {
  const kinds = new Set(rows.map(row => kindOf(row[name], name)).filter(kind => kind !== undefined))
  if (kinds.size === 1) return typeOf([...kinds][0]!)
  const value = kinds.size === 0 ? "without a value" : `of several kinds (${[...kinds].join(", ")})`
  throw fail("BAD_VALUE", {
    where: "read.rows",
    name,
    value,
    fix: 'Say what it is: read.rows(rows, { a: "int64" }).',
  })
}

function kindOf(value: unknown, name: string): SimpleKind | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === "number") return "float64"
  if (typeof value === "bigint") return "int64"
  if (typeof value === "string") return "utf8"
  if (typeof value === "boolean") return "boolean"
  if (value instanceof Date) return "timestamp"
  if (value instanceof Uint8Array) return "binary"
  throw fail("BAD_VALUE", {
    where: "read.rows",
    name,
    value: `a ${typeof value}`,
    fix: "Use numbers, bigint, strings, booleans, Date, Uint8Array or null.",
  })
}

function encode(value: unknown, name: string, type: DataType): Encoded {
  if (value === null || value === undefined) return null
  const problem = () =>
    fail("BAD_VALUE", { where: "read.rows", name, value: String(value), fix: `It is not a ${type.kind}.` })
  if (isInteger(type)) {
    const whole = typeof value === "bigint" || Number.isSafeInteger(value)
    if (!whole) throw problem()
    return type.kind === "int64" || type.kind === "uint64" ? String(value) : Number(value)
  }
  if (type.kind === "date" && value instanceof Date) return String(Math.floor(value.getTime() / 86_400_000))
  if (type.kind === "float32" || type.kind === "float64") {
    if (typeof value !== "number") throw problem()
    return Number.isFinite(value) ? value : String(value)
  }
  if (kindOf(value, name) !== type.kind) throw problem()
  return literal(value as LiteralValue).value
}
