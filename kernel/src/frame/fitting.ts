// Values that a user's function gives, as a column of a type holds them; whatever would lose something does not fit. A
// column holds a date as days and a boolean as 0 or 1 (ColumnBatch.ts); inside lists, maps and structs values stay in the
// form that `collect` gives, Date and boolean.

import { scaled, unscaled } from "./decimalText.js"
import type { DataType, Decimal, TypeKind } from "./types.js"

/** Gives what the column holds; undefined: it does not fit. Never asked about null. */
type Fit = (value: unknown) => unknown

export function fitting(type: DataType): Fit {
  switch (type.kind) {
    case "list":
      return listFit(insideFit(type.item))
    case "map":
      return mapFit(insideFit(type.key), insideFit(type.value))
    case "struct":
      return structFit(type.fields.map(({ name, type: of }) => [name, insideFit(of)] as const))
    case "decimal":
      return decimalFit(type)
    default:
      return columnFits[type.kind] ?? same
  }
}

const same: Fit = value => value
const between =
  (low: number, high: number): Fit =>
  value => {
    const number = typeof value === "bigint" ? Number(value) : value
    return Number.isInteger(number) && (number as number) >= low && (number as number) <= high
      ? number
      : undefined
  }
const bigBetween =
  (low: bigint, high: bigint): Fit =>
  value => {
    const big = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value
    return typeof big === "bigint" && big >= low && big <= high ? big : undefined
  }
const float: Fit = value => (typeof value === "number" ? value : undefined)
const micros: Fit = value =>
  typeof value === "bigint" ? value : isDate(value) ? BigInt(value.getTime()) * 1000n : undefined

const columnFits: Partial<Record<TypeKind, Fit>> = {
  boolean: value =>
    typeof value === "boolean" ? Number(value) : value === 0 || value === 1 ? value : undefined,
  int8: between(-128, 127),
  int16: between(-32_768, 32_767),
  int32: between(-(2 ** 31), 2 ** 31 - 1),
  int64: bigBetween(-(2n ** 63n), 2n ** 63n - 1n),
  uint8: between(0, 255),
  uint16: between(0, 65_535),
  uint32: between(0, 2 ** 32 - 1),
  uint64: bigBetween(0n, 2n ** 64n - 1n),
  float32: float,
  float64: float,
  utf8: value => (typeof value === "string" ? value : undefined),
  date: value =>
    isDate(value) ? Math.floor(value.getTime() / 86_400_000) : Number.isInteger(value) ? value : undefined,
  timestamp: micros,
  timestamptz: micros,
  binary: value => (value instanceof Uint8Array ? value : undefined),
}

const date: Fit = value => (isDate(value) ? value : undefined)
const insideFits: Partial<Record<TypeKind, Fit>> = {
  boolean: value => (typeof value === "boolean" ? value : undefined),
  date,
  timestamp: date,
  timestamptz: date,
}

/** NULL fits everywhere inside. */
function insideFit(type: DataType): Fit {
  const fit = insideFits[type.kind] ?? fitting(type)
  return value => (value === null || value === undefined ? null : fit(value))
}

function listFit(fit: Fit): Fit {
  return value => (isList(value) ? allOrNone(Array.from(value, fit)) : undefined)
}

function mapFit(keyFit: Fit, valueFit: Fit): Fit {
  return map => {
    if (!(map instanceof Map)) return undefined
    const entries = [...map].map(([key, value]) => [keyFit(key), valueFit(value)] as const)
    return entries.some(([key, value]) => key == null || value === undefined) ? undefined : new Map(entries)
  }
}

function structFit(fields: readonly (readonly [string, Fit])[]): Fit {
  return value => {
    if (!isObject(value)) return undefined
    const made = fields.map(([name, fit]) => [name, fit(value[name])] as const)
    return made.some(([, inner]) => inner === undefined) ? undefined : Object.fromEntries(made)
  }
}

/** Gives text with as many digits behind the point as the type has. */
function decimalFit({ precision, scale }: Decimal): Fit {
  return value => {
    if (!["string", "bigint", "number"].includes(typeof value)) return undefined
    const text = String(value)
    if (!/^-?\d+(\.\d+)?$/.test(text)) return undefined
    const digits = unscaled(text, scale)
    const negative = digits < 0n
    const whole = String(negative ? -digits : digits)
    return whole.length <= precision ? scaled(whole, scale, negative) : undefined
  }
}

export interface Misfit {
  /** `tags[2]`, `point.x`. */
  readonly path: string
  readonly value: unknown
  readonly type: DataType
}

/** Of a value that does not fit: the part of it that is to blame. */
export function innermostMisfit(value: unknown, type: DataType, path: string): Misfit {
  const part = parts(value, type, path).find(
    ({ value: inner, type: of }) => insideFit(of)(inner) === undefined,
  )
  return part === undefined ? { path, value, type } : innermostMisfit(part.value, part.type, part.path)
}

function parts(value: unknown, type: DataType, path: string): Misfit[] {
  if (type.kind === "list" && isList(value))
    return Array.from(value, (item, i) => ({ path: `${path}[${i}]`, value: item, type: type.item }))
  if (type.kind === "struct" && isObject(value))
    return type.fields.map(field => ({
      path: `${path}.${field.name}`,
      value: value[field.name],
      type: field.type,
    }))
  if (type.kind === "map" && value instanceof Map)
    return [...value].flatMap(([key, item]) => [
      { path: `${path}'s key`, value: key, type: type.key },
      { path: `${path}.get(${describe(key)})`, value: item, type: type.value },
    ])
  return []
}

function allOrNone(values: readonly unknown[]): readonly unknown[] | undefined {
  return values.includes(undefined) ? undefined : values
}

function isDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime())
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null
}

/** A value in a message. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value)
  if (typeof value === "bigint") return `${value}n`
  if (typeof value !== "object") return String(value)
  return Array.isArray(value) ? "an array" : `a ${value.constructor?.name ?? "object"}`
}
