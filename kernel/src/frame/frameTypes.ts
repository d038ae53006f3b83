// How each operation changes a frame's schema, for the compiler. One mapped type each, because a chain of thirty steps
// over a hundred columns has to check within a second (test/bench/frameTypes.mjs).

import type { Columns, Expr, TypeOf } from "./Column.js"
import type { LiteralValue } from "./ExprNode.js"
import type { JoinType } from "./nodes/Join.js"
import type {
  Boolean as BooleanType,
  DataType,
  Float64,
  Int64,
  SchemaShape,
  SimpleKind,
  Timestamp,
  TypeOfKind,
  Unknown,
  Utf8,
} from "./types.js"

/** `{ minutes: mean(f.delay), n: count() }` */
export type NewColumns = { readonly [name: string]: Expr<DataType> | LiteralValue }
export type Condition<S extends SchemaShape> =
  | Expr<BooleanType | Unknown>
  | ((f: Columns<S>) => Expr<BooleanType | Unknown>)

export type Typed<R> = { readonly [K in keyof R]: TypeOf<R[K]> }
export type With<S extends SchemaShape, R> = {
  readonly [K in keyof S | keyof R]: K extends keyof R ? TypeOf<R[K]> : K extends keyof S ? S[K] : never
}
export type Grouped<S extends SchemaShape, K extends keyof S, R> = {
  readonly [N in K | keyof R]: N extends keyof R ? TypeOf<R[N]> : N extends keyof S ? S[N] : never
}
export type Picked<S extends SchemaShape, K extends keyof S> = { readonly [N in K]: S[N] }
export type Dropped<S extends SchemaShape, K extends keyof S> = {
  readonly [N in keyof S as N extends K ? never : N]: S[N]
}
export type Renamed<S extends SchemaShape, M> = {
  readonly [N in keyof S as N extends keyof M ? (M[N] extends string ? M[N] : N) : N]: S[N]
}

export interface JoinOptions<On, How extends JoinType, Suffix extends string> {
  /** `"key"` on both sides, `["left", "right"]`, or `{ left: "right", ... }` for several. */
  readonly on: On
  /** Default `inner`. */
  readonly how?: How
  /** Added to a right column whose name the left side has (default `_right`). */
  readonly suffix?: Suffix
}
export type JoinOn<S extends SchemaShape, R extends SchemaShape> =
  | (keyof S & keyof R & string)
  | readonly [keyof S & string, keyof R & string]
  | { readonly [K in keyof S & string]?: keyof R & string }
type Merged<On> = On extends string
  ? On
  : On extends readonly [infer L, infer R]
    ? L extends R
      ? L
      : never
    : never
export type Joined<S extends SchemaShape, R extends SchemaShape, On, How, Suffix extends string> = How extends
  | "semi"
  | "anti"
  ? S
  : Flat<
      S & {
        readonly [K in keyof R as K extends Merged<On>
          ? never
          : K extends keyof S
            ? `${K & string}${Suffix}`
            : K]: R[K]
      }
    >
type Flat<T> = { readonly [K in keyof T]: T[K] } extends infer F extends SchemaShape ? F : never

/** The column type that `read.rows` gives a JavaScript value. */
export type TypeOfValue<V> = V extends number
  ? Float64
  : V extends bigint
    ? Int64
    : V extends string
      ? Utf8
      : V extends boolean
        ? BooleanType
        : V extends Date
          ? Timestamp
          : Unknown
export type RowsSchema<R> = { readonly [K in keyof R]-?: TypeOfValue<NonNullable<R[K]>> }
export type KindsSchema<K> = { readonly [N in keyof K]: K[N] extends SimpleKind ? TypeOfKind<K[N]> : never }
