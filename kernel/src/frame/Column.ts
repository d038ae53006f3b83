// What the compiler knows of expressions: `Expr<T>` and the methods each kind of column has, so that completion after
// `f.origin.` shows text functions and `f.origin.gt(15)` does not compile. Types only; the one class is in Expr.ts, and
// the methods of the catalog's functions are in gen/methods.ts. Type parameters stand for a DataType without saying so: the
// compiler would prove it of every method's result, which took it a minute and three gigabytes.

import type { WithConstant } from "./constantTypes.js"
import type { ExprNode, LiteralValue } from "./ExprNode.js"
import type {
  BinaryMethods,
  BooleanMethods,
  ExprMethods,
  IntegerMethods,
  ListMethods,
  MapMethods,
  NumericMethods,
  TextMethods,
  TimeMethods,
} from "./gen/methods.js"
import type {
  Binary,
  Boolean as BooleanType,
  DataType,
  Date as DateType,
  Decimal,
  Float64,
  Int64,
  IntegerType,
  List,
  MapOf,
  Nullable,
  NumericType,
  SchemaShape,
  SimpleKind,
  Struct,
  TemporalType,
  Timestamp,
  TimestampTz,
  TypeOfKind,
  Unknown,
  Utf8,
  ValueOf,
} from "./types.js"
import type { TypeLike, TypeOfLike } from "./typeValues.js"

declare const exprType: unique symbol
declare const isOrder: unique symbol

/** A lazy expression whose value has type T. Nothing runs when one is made. */
export interface Expr<T> {
  readonly [exprType]: T
  readonly node: ExprNode
}

/** A sort key: `desc("minutes")`, `f.delay.asc()`. */
export interface Order {
  readonly [isOrder]: true
  readonly node: ExprNode
}

export type Numeric = NumericType | Unknown
export type Integer = IntegerType | Unknown
export type Temporal = TemporalType | Unknown

/** What can stand where any value is expected. */
export type Argument = Expr<DataType> | LiteralValue
export type NumberOperand = Expr<Numeric> | number | bigint
export type IntegerOperand = Expr<Integer> | number | bigint

/** What can stand beside an expression of type T: another of its family, or a JavaScript value. */
export type Operand<T> = T extends Unknown
  ? Argument
  : T extends NumericType
    ? NumberOperand
    : T extends TemporalType
      ? Expr<Temporal> | globalThis.Date
      : T extends Utf8
        ? Expr<Utf8 | Unknown> | string
        : T extends BooleanType
          ? Expr<BooleanType | Unknown> | boolean
          : T extends Binary
            ? Expr<Binary | Unknown> | Uint8Array
            : T extends DataType
              ? Expr<T | Unknown> | ValueOf<T>
              : never

/** The window of `over`. Columns by name or as expressions; offsets from the current row, both ends included. */
export interface WindowSpec {
  readonly partitionBy?: WindowKey | readonly WindowKey[]
  readonly orderBy?: WindowKey | Order | readonly (WindowKey | Order)[]
  /** `[-2, 0]`: this row and the two before. Default: up to the current row when there is an order, else all. */
  readonly rows?: readonly [start: number | "unbounded", end: number | "unbounded"]
  /** The same in the unit of the one order key. */
  readonly range?: readonly [start: number | "unbounded", end: number | "unbounded"]
}
type WindowKey = string | Expr<DataType>

/** The methods of every column. */
export interface AnyColumn<T> extends Expr<T>, ExprMethods<T> {
  /** Fails on a value that does not fit (ANSI); fractions are cut off. `cast({ decimal: [12, 2] })` for decimals. */
  cast<const K extends CastTarget>(to: K): Column<Like<T, CastType<K>>>
  /** Like `cast`, with NULL for a value that does not fit. */
  tryCast<const K extends CastTarget>(to: K): Column<Nullable<CastType<K>>>
  /** Names the column that this becomes. */
  alias(name: string): Column<T>
  asc(options?: { readonly nulls?: "first" | "last" }): Order
  desc(options?: { readonly nulls?: "first" | "last" }): Order
  /** An aggregation or a ranking over the rows around each row: `f.delay.mean().over({ partitionBy: "origin" })`. */
  over(window: WindowSpec): Column<T>
}

export type CastTarget = SimpleKind | { readonly decimal: readonly [precision: number, scale: number] }
export type CastType<K> = K extends SimpleKind ? TypeOfKind<K> : Decimal

export interface BooleanColumn<T = BooleanType> extends AnyColumn<T>, BooleanMethods<T> {}
export interface NumericColumn<T> extends AnyColumn<T>, NumericMethods<T> {}
export interface IntegerColumn<T> extends NumericColumn<T>, IntegerMethods<T> {}
export interface TextColumn<T = Utf8> extends AnyColumn<T>, TextMethods<T> {
  /**
   * JSON text as a struct, list or map of this type: `fromJson({ id: "int64", tags: types.list("utf8") })`. A value that
   * does not fit is NULL, and with it a list or map that it is in. Malformed text is a struct of NULLs, or a NULL list or map;
   * blank text is NULL.
   */
  fromJson<const K extends TypeLike>(type: K): Column<Nullable<TypeOfLike<K>>>
}
/** Functions whose result no signature of the catalog could spell. */
export interface TypedFunctions {
  /** JSON text as a struct, list or map: see `fromJson` of a text column. */
  fromJson<const K extends TypeLike>(
    text: Expr<Utf8 | Unknown> | string,
    type: K,
  ): Column<Nullable<TypeOfLike<K>>>
}
export interface TimeColumn<T> extends AnyColumn<T>, TimeMethods<T> {}
export interface BinaryColumn<T> extends AnyColumn<T>, BinaryMethods<T> {}
export interface ListColumn<T, E> extends AnyColumn<T>, ListMethods<T, E> {}
export interface MapColumn<T, K, V> extends AnyColumn<T>, MapMethods<T, K, V> {}
export interface StructColumn<T, F> extends AnyColumn<T> {
  /** A field by name. */
  field<K extends keyof F & string>(name: K): Column<Like<T, F[K]>>
}

/** Every method, while the type is not known. */
export interface LooseColumn
  extends BooleanColumn<Unknown>,
    IntegerColumn<Unknown>,
    TextColumn<Unknown>,
    TimeColumn<Unknown>,
    BinaryColumn<Unknown>,
    ListColumn<Unknown, Unknown>,
    MapColumn<Unknown, Unknown, Unknown> {
  field(name: string): Column<Unknown>
}

/** `Expr<T>` with the methods of T. */
export type Column<T> = [T] extends [Unknown]
  ? LooseColumn
  : [T] extends [IntegerType]
    ? IntegerColumn<T>
    : [T] extends [NumericType]
      ? NumericColumn<T>
      : [T] extends [Utf8]
        ? TextColumn<T>
        : [T] extends [BooleanType]
          ? BooleanColumn<T>
          : [T] extends [DateType | Timestamp | TimestampTz]
            ? TimeColumn<T>
            : [T] extends [Binary]
              ? BinaryColumn<T>
              : [T] extends [List<infer E>]
                ? ListColumn<T, E>
                : [T] extends [MapOf<infer K, infer V>]
                  ? MapColumn<T, K, V>
                  : [T] extends [Struct<infer F>]
                    ? StructColumn<T, F>
                    : AnyColumn<T>

/** The `f` of `f => f.delay.gt(15)`: the columns as properties. */
export type Columns<S extends SchemaShape> = { readonly [K in keyof S]: Column<S[K]> }

/** R, and NULL where T can be. */
export type Like<T, R> = T extends { readonly nullable: true } ? Nullable<R> : R
export type ItemOf<T> = T extends List<infer E> ? E : Unknown

/** The rule of `arithmetic` in functions/resultRules.ts, for the compiler. A `number` whose value it cannot see stays loose. */
export type Arithmetic<T, O> =
  O extends Expr<infer U>
    ? [U] extends [Unknown]
      ? WithConstant<T, O>
      : Like<U, Wider<T, U>>
    : T extends Unknown
      ? Unknown
      : T extends IntegerType
        ? O extends bigint
          ? T
          : WithNumber<T, O>
        : T

type WithNumber<T, O> = O extends number
  ? number extends O
    ? Unknown
    : `${O}` extends `${bigint}`
      ? T
      : Float64
  : Unknown

export type Wider<T, U> = [T] extends [Unknown]
  ? Unknown
  : KindOf<T> extends KindOf<U>
    ? T
    : "decimal" extends KindOf<T> | KindOf<U>
      ? [T | U] extends [IntegerType | Decimal]
        ? Decimal
        : Float64
      : T extends IntegerType
        ? U extends IntegerType
          ? Int64
          : Float64
        : Float64

type KindOf<T> = T extends { readonly kind: infer K } ? K : never

export type SumOf<T> = T extends Unknown
  ? Unknown
  : T extends IntegerType
    ? Int64
    : T extends Decimal
      ? Decimal
      : Float64
/** floor and ceil. */
export type Whole<T> = T extends Unknown ? Unknown : T extends Decimal ? Decimal : Int64
/** dateTrunc. */
export type Instant<T> = T extends DateType ? Timestamp : T

/** The type of an expression or of a JavaScript value in its place. */
export type TypeOf<E> =
  E extends Expr<infer T>
    ? T
    : E extends string
      ? Utf8
      : E extends boolean
        ? BooleanType
        : E extends bigint
          ? Int64
          : E extends globalThis.Date
            ? Timestamp
            : E extends Uint8Array
              ? Binary
              : Unknown
