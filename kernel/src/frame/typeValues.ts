// Column types as a user writes them down: `"int64"`, `types.list("utf8")`, `{ id: "int64", place: { lat: "float64" } }` for
// a struct. Not the types themselves (types.ts) and nothing of an engine.

import { didYouMean, fail } from "../errors.js"
import {
  type DataType,
  type Decimal,
  type List,
  type MapOf,
  type SimpleKind,
  type Struct,
  simpleKinds,
  type TypeOfKind,
  typeOf,
} from "./types.js"

/** A type by its name, one that `types` made, or fields of a struct. */
export type TypeLike = SimpleKind | List | MapOf | Struct | Decimal | { readonly [field: string]: TypeLike }
export type TypeOfLike<K> = K extends SimpleKind
  ? TypeOfKind<K>
  : K extends List | MapOf | Struct | Decimal
    ? K
    : Struct<{ readonly [N in keyof K]: TypeOfLike<K[N]> }>

/** Types with parameters, wherever a type is asked for: `mapBatches(fn, { tags: types.list("utf8") })`. */
export const types = {
  list: <const K extends TypeLike>(item: K): List<TypeOfLike<K>> => ({
    kind: "list",
    item: dataType(item, "types.list") as TypeOfLike<K>,
  }),
  map: <const K extends SimpleKind, const V extends TypeLike>(
    key: K,
    value: V,
  ): MapOf<TypeOfKind<K>, TypeOfLike<V>> => ({
    kind: "map",
    key: dataType(key, "types.map") as TypeOfKind<K>,
    value: dataType(value, "types.map") as TypeOfLike<V>,
  }),
  struct: <const F extends { readonly [field: string]: TypeLike }>(
    fields: F,
  ): Struct<{ readonly [N in keyof F]: TypeOfLike<F[N]> }> =>
    structType(fields, "types.struct") as Struct<{ readonly [N in keyof F]: TypeOfLike<F[N]> }>,
  /** At most 38 digits, `scale` of them behind the point. */
  decimal: (precision: number, scale: number): Decimal => decimalType(precision, scale, "types.decimal"),
}

/** @throws BAD_VALUE for what is no type, with the nearest name. */
export function dataType(like: TypeLike, where: string): DataType {
  if (typeof like === "string") return simpleType(like, where)
  if (typeof like !== "object" || like === null) throw noType(String(like), where)
  return isMade(like) ? like : structType(like, where)
}

export function decimalType(precision: number, scale: number, where: string): Decimal {
  if (precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision)
    return { kind: "decimal", precision, scale }
  const value = `[${precision}, ${scale}]`
  const fix = "At most 38 digits, and a scale up to them."
  throw fail("BAD_VALUE", { where, name: "decimal", value, fix })
}

/** A struct may have a field `kind`, but that is no list and no map: those have their parts as well. */
function isMade(like: object): like is List | MapOf | Struct | Decimal {
  const { kind, item, key, value, fields, precision } = like as Record<string, unknown>
  const parts: Record<string, boolean> = {
    list: isType(item),
    map: isType(key) && isType(value),
    struct: Array.isArray(fields),
    decimal: typeof precision === "number",
  }
  return typeof kind === "string" && parts[kind] === true
}

const isType = (value: unknown) => typeof value === "object" && value !== null && "kind" in value

function structType(given: { readonly [field: string]: TypeLike }, where: string): Struct {
  const fields = Object.entries(given).map(([name, type]) => ({ name, type: dataType(type, where) }))
  if (fields.length > 0) return { kind: "struct", fields }
  throw fail("BAD_VALUE", { where, name: "type", value: "a struct without fields", fix: "Name its fields." })
}

function simpleType(kind: string, where: string): DataType {
  if ((simpleKinds as readonly string[]).includes(kind)) return typeOf(kind as SimpleKind)
  throw noType(`"${kind}"`, where, didYouMean(kind, simpleKinds))
}

function noType(value: string, where: string, nearest = ""): Error {
  const fix = `Kinds: ${simpleKinds.join(", ")}; types.list, types.map, types.struct and types.decimal make others.${nearest}`
  return fail("BAD_VALUE", { where, name: "type", value, fix })
}
