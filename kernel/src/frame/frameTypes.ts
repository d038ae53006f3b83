// How each operation changes a frame's schema, for the compiler. One mapped type each, because a chain of thirty steps
// over a hundred columns has to check within a second (test/bench/frameTypes.mjs).

import type { CastType, Columns, Expr } from "./Column.js"
import type { ColumnType } from "./constantTypes.js"
import type { LiteralValue } from "./ExprNode.js"
import type { AsOfDirection } from "./nodes/AsOfJoin.js"
import type { JoinType } from "./nodes/Join.js"
import type {
  Boolean as BooleanType,
  DataType,
  Float64,
  Int32,
  Int64,
  List,
  Nullable,
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

export type Typed<R> = { readonly [K in keyof R]: ColumnType<R[K]> }
export type With<S extends SchemaShape, R> = {
  readonly [K in keyof S | keyof R]: K extends keyof R ? ColumnType<R[K]> : K extends keyof S ? S[K] : never
}
export type Grouped<S extends SchemaShape, K extends keyof S, R> = {
  readonly [N in K | keyof R]: N extends keyof R ? ColumnType<R[N]> : N extends keyof S ? S[N] : never
}
export type Picked<S extends SchemaShape, K extends keyof S> = { readonly [N in K]: S[N] }
export type Dropped<S extends SchemaShape, K extends keyof S> = {
  readonly [N in keyof S as N extends K ? never : N]: S[N]
}
export type Renamed<S extends SchemaShape, M> = {
  readonly [N in keyof S as N extends keyof M ? (M[N] extends string ? M[N] : N) : N]: S[N]
}

/** Without the mark of NULLs. */
export type Present<T extends DataType> = T["kind"] extends SimpleKind ? TypeOfKind<T["kind"]> : T
export type Filled<S extends SchemaShape, V> = V extends { readonly [K in keyof S]?: unknown }
  ? { readonly [K in keyof S]: K extends keyof V ? Present<S[K]> : S[K] }
  : S
export type WithoutNulls<S extends SchemaShape, K extends keyof S> = {
  readonly [N in keyof S]: N extends K ? Present<S[N]> : S[N]
}
export type CastTo<S extends SchemaShape, M> = {
  readonly [N in keyof S]: N extends keyof M
    ? S[N] extends { readonly nullable: true }
      ? Nullable<CastType<M[N]>>
      : CastType<M[N]>
    : S[N]
}
export type Exploded<S extends SchemaShape, K extends keyof S, As extends string, Outer, Position> = Flat<
  { readonly [N in keyof S as N extends K ? As : N]: N extends K ? Element<S[N], Outer> : S[N] } & {
    readonly [N in Position & string]: Outer extends true ? Nullable<Int32> : Int32
  }
>
type Element<T, Outer> = T extends List<infer E> ? (Outer extends true ? Nullable<E> : E) : Unknown
export type Unpivoted<
  S extends SchemaShape,
  Id extends keyof S,
  V extends keyof S,
  Name extends string,
  Value extends string,
> = Flat<
  { readonly [N in Id]: S[N] } & { readonly [N in Name]: Utf8 } & { readonly [N in Value]: OneOf<S[V]> }
>
/** One type stays; several meet at run time. */
type OneOf<T extends DataType> = IsUnion<T> extends true ? Unknown : T
type IsUnion<T, All = T> = T extends unknown ? ([All] extends [T] ? false : true) : never
/** A group without a value's rows has NULL there. */
export type Pivoted<S extends SchemaShape, K extends keyof S, V, R> = Flat<
  { readonly [N in K]: S[N] } & (IsUnion<keyof R> extends true
    ? {
        readonly [N in `${V & (string | number | boolean)}_${keyof R & string}`]: N extends `${string}_${infer A extends keyof R & string}`
          ? Nullable<ColumnType<R[A]>>
          : Unknown
      }
    : { readonly [N in `${V & (string | number | boolean)}`]: Nullable<ColumnType<R[keyof R]>> })
>
/** Both sides' columns when the names meet by name; a column that one side lacks has NULLs. */
export type UnionByName<S extends SchemaShape, R extends SchemaShape> = Flat<
  { readonly [N in keyof S]: N extends keyof R ? S[N] : Nullable<S[N]> } & {
    readonly [N in Exclude<keyof R, keyof S>]: Nullable<R[N]>
  }
>

export interface JoinOptions<On, How extends JoinType, Suffix extends string> {
  /**
   * `"key"` on both sides, `["left", "right"]`, `{ left: "right", ... }` for several, or a condition over both sides:
   * `(l, r) => l.day.eq(r.day).and(l.price.gt(r.price))`. Prefer keys where both say the same: engines hash them.
   */
  readonly on: On
  /** Default `inner`. */
  readonly how?: How
  /** Added to a right column whose name the left side has (default `_right`). */
  readonly suffix?: Suffix
}
export interface AsOfOptions<S extends SchemaShape, R extends SchemaShape, On, Suffix extends string> {
  /** The ordered columns, left and right: `["at", "quotedAt"]`, or one name for both. */
  readonly time: JoinOn<S, R>
  /** Keys that have to be equal. */
  readonly on?: On
  /** Default `backward`: the last right row at or before the left one. `forward`: the first at or after it. */
  readonly direction?: AsOfDirection
  readonly suffix?: Suffix
}
export type JoinOn<S extends SchemaShape, R extends SchemaShape> =
  | (keyof S & keyof R & string)
  | readonly [keyof S & string, keyof R & string]
  | { readonly [K in keyof S & string]?: keyof R & string }
export type JoinCondition<S extends SchemaShape, R extends SchemaShape> = (
  left: Columns<S>,
  right: Columns<R>,
) => Expr<BooleanType | Unknown>
type Merged<On> = On extends string
  ? On
  : On extends readonly [infer L, infer R]
    ? L extends R
      ? L
      : never
    : never
/** An outer join fills the other side up with NULLs. */
type Outer<T extends DataType, How, Fills> = How extends Fills ? Nullable<T> : T
export type Joined<S extends SchemaShape, R extends SchemaShape, On, How, Suffix extends string> = How extends
  | "semi"
  | "anti"
  ? S
  : Flat<
      {
        readonly [K in keyof S]: K extends Merged<On> ? S[K] : Outer<S[K], How, "right" | "full">
      } & {
        readonly [K in keyof R as K extends Merged<On>
          ? never
          : K extends keyof S
            ? `${K & string}${Suffix}`
            : K]: Outer<R[K], How, "left" | "full">
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
