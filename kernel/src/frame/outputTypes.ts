// The schema that a user says a function will give: `{ delay: "int64", risk: "float64" }`, and what the compiler makes of
// it and of a function's own types.

import { didYouMean, fail } from "../errors.js"
import type { TypeOfValue } from "./frameTypes.js"
import type { RowBatch } from "./RowBatch.js"
import {
  type DataType,
  type Field,
  type RowOf,
  type SchemaShape,
  type SimpleKind,
  simpleKinds,
  type TypeOfKind,
  typeOf,
} from "./types.js"

/** A column's type by its name, or in full where it has parameters: `{ kind: "decimal", precision: 12, scale: 2 }`. */
export type OutputTypes = { readonly [column: string]: SimpleKind | DataType }
export type OutputSchema<K> = {
  readonly [N in keyof K]: K[N] extends SimpleKind ? TypeOfKind<K[N]> : K[N] extends DataType ? K[N] : never
}

type Awaitable<T> = T | Promise<T>
/** Rows as objects (an array, or yielded one by one), or columns as arrays. */
export type FunctionResult<K> = Awaitable<
  | Iterable<{ readonly [N in keyof K]: unknown }>
  | AsyncIterable<{ readonly [N in keyof K]: unknown }>
  | { readonly [N in keyof K]: ArrayLike<unknown> }
>
export type BatchFunction<S extends SchemaShape, K> = (batch: RowBatch<S>) => FunctionResult<K>
export type GroupFunction<S extends SchemaShape, Key extends keyof S, K> = (
  group: RowBatch<S>,
  key: Pick<RowOf<S>, Key>,
) => FunctionResult<K>

/** Columns that a row function hands on unchanged keep their type; of the others JavaScript's own type decides. */
export type MappedRows<S extends SchemaShape, R> = {
  readonly [N in keyof R]-?: N extends keyof S
    ? [NonNullable<R[N]>] extends [NonNullable<RowOf<S>[N]>]
      ? S[N]
      : TypeOfValue<NonNullable<R[N]>>
    : TypeOfValue<NonNullable<R[N]>>
}
/** The same where some columns' types are said. */
export type MappedRowsAs<S extends SchemaShape, R, K> = {
  readonly [N in keyof R | keyof K]: N extends keyof K
    ? OutputSchema<K>[N]
    : N extends keyof MappedRows<S, R>
      ? MappedRows<S, R>[N]
      : never
}

/** Checked when the frame is made, so that what follows knows the columns. */
export function outputFields(types: OutputTypes | undefined, where: string): Field[] {
  if (typeof types !== "object" || types === null || Object.keys(types).length === 0) {
    const fix = `Say which columns the function gives: ${where}(fn, { delay: "int64", risk: "float64" }).`
    throw fail("BAD_VALUE", { where, name: "schema", value: types ? "empty" : "missing", fix })
  }
  return Object.entries(types).map(([name, type]) => ({ name, type: outputType(name, type, where) }))
}

export function outputType(name: string, type: SimpleKind | DataType, where: string): DataType {
  if (typeof type === "object" && type !== null && typeof type.kind === "string") return type
  if (simpleKinds.includes(type as SimpleKind)) return typeOf(type as SimpleKind)
  const fix = `Kinds: ${simpleKinds.join(", ")}.${didYouMean(String(type), simpleKinds)}`
  throw fail("BAD_VALUE", { where, name: `schema.${name}`, value: JSON.stringify(type), fix })
}
