// What the compiler knows of expressions: `Expr<T>` and the methods each kind of column has, so that completion after
// `f.origin.` shows text functions and `f.origin.gt(15)` does not compile. Types only; the one class is in Expr.ts.

import type { ExprNode } from "./ExprNode.js"
import type {
  Boolean as BooleanType,
  DataType,
  Date as DateType,
  Float64,
  Int32,
  Int64,
  IntegerType,
  NumericType,
  SchemaShape,
  SimpleKind,
  TemporalType,
  Timestamp,
  TypeOfKind,
  Unknown,
  Utf8,
  ValueOf,
} from "./types.js"

declare const exprType: unique symbol
declare const isOrder: unique symbol

/** A sort key: `desc("minutes")`, `f.delay.asc()`. */
export interface Order {
  readonly [isOrder]: true
  readonly node: ExprNode
}

type Numeric = NumericType | Unknown
type Temporal = TemporalType | Unknown

/** What can stand beside an expression of type T: another of its family, or a JavaScript value. */
export type Operand<T extends DataType> = T extends Unknown
  ? Expr<DataType> | ValueOf<Unknown>
  : T extends NumericType
    ? Expr<Numeric> | number | bigint
    : T extends TemporalType
      ? Expr<Temporal> | globalThis.Date
      : Expr<T | Unknown> | ValueOf<T>

/** A lazy expression whose value has type T. Nothing runs when one is made. */
export interface Expr<T extends DataType> {
  readonly [exprType]: T
  readonly node: ExprNode
  eq(other: Operand<T>): Column<BooleanType>
  ne(other: Operand<T>): Column<BooleanType>
  lt(other: Operand<T>): Column<BooleanType>
  lte(other: Operand<T>): Column<BooleanType>
  gt(other: Operand<T>): Column<BooleanType>
  gte(other: Operand<T>): Column<BooleanType>
  /** Both ends included. */
  between(low: Operand<T>, high: Operand<T>): Column<BooleanType>
  isIn(...values: readonly Operand<T>[]): Column<BooleanType>
  isNull(): Column<BooleanType>
  isNotNull(): Column<BooleanType>
  /** Fails on a value that does not fit (ANSI); fractions are cut off. */
  cast<K extends SimpleKind>(kind: K): Column<TypeOfKind<K>>
  /** Names the column that this becomes. */
  alias(name: string): Column<T>
  asc(): Order
  desc(): Order
  count(): Column<Int64>
  countDistinct(): Column<Int64>
  min(): Column<T>
  max(): Column<T>
  first(): Column<T>
}

export interface BooleanColumn<T extends DataType = BooleanType> extends Expr<T> {
  and(other: Expr<BooleanType | Unknown> | boolean): Column<BooleanType>
  or(other: Expr<BooleanType | Unknown> | boolean): Column<BooleanType>
  not(): Column<BooleanType>
}

export interface NumericColumn<T extends DataType> extends Expr<T> {
  add<const O extends NumberOperand>(other: O): Column<Arithmetic<T, O>>
  sub<const O extends NumberOperand>(other: O): Column<Arithmetic<T, O>>
  mul<const O extends NumberOperand>(other: O): Column<Arithmetic<T, O>>
  /** Always Float64. Dividing by zero fails (ANSI). */
  div(other: NumberOperand): Column<Float64>
  mod<const O extends NumberOperand>(other: O): Column<Arithmetic<T, O>>
  neg(): Column<T>
  abs(): Column<T>
  /** Half away from zero; 0 decimals unless given. */
  round(digits?: number): Column<T>
  floor(): Column<Int64>
  ceil(): Column<Int64>
  sqrt(): Column<Float64>
  /** Natural; NULL for zero and below. */
  log(): Column<Float64>
  exp(): Column<Float64>
  sum(): Column<SumOf<T>>
  mean(): Column<Float64>
  /** Exact, interpolated; `share` from 0 to 1. */
  quantile(share: number): Column<Float64>
  /** Of the sample. */
  stddev(): Column<Float64>
}

export interface TextColumn<T extends DataType = Utf8> extends Expr<T> {
  lower(): Column<Utf8>
  upper(): Column<Utf8>
  contains(part: Operand<Utf8>): Column<BooleanType>
  startsWith(part: Operand<Utf8>): Column<BooleanType>
  length(): Column<Int32>
  /** `start` counts from 1, as in SQL. */
  substring(start: Operand<Int32>, length: Operand<Int32>): Column<Utf8>
}

export interface TimeColumn<T extends DataType> extends Expr<T> {
  year(): Column<Int32>
  month(): Column<Int32>
  day(): Column<Int32>
  hour(): Column<Int32>
  /** 1 is Sunday. */
  dayofweek(): Column<Int32>
}

/** Every method, while the type is not known. */
export interface LooseColumn
  extends BooleanColumn<Unknown>,
    NumericColumn<Unknown>,
    TextColumn<Unknown>,
    TimeColumn<Unknown> {}

/** `Expr<T>` with the methods of T. */
export type Column<T extends DataType> = [T] extends [Unknown]
  ? LooseColumn
  : [T] extends [NumericType]
    ? NumericColumn<T>
    : [T] extends [Utf8]
      ? TextColumn<T>
      : [T] extends [BooleanType]
        ? BooleanColumn<T>
        : [T] extends [DateType | Timestamp]
          ? TimeColumn<T>
          : Expr<T>

/** The `f` of `f => f.delay.gt(15)`: the columns as properties. */
export type Columns<S extends SchemaShape> = { readonly [K in keyof S]: Column<S[K]> }

export type NumberOperand = Expr<Numeric> | number | bigint

/** The rule of `arithmeticType` in functions.ts, for the compiler. A `number` whose value it cannot see stays loose. */
export type Arithmetic<T extends DataType, O> =
  O extends Expr<infer U>
    ? [U] extends [Unknown]
      ? Unknown
      : Wider<T, U>
    : T extends Unknown
      ? Unknown
      : T extends IntegerType
        ? O extends bigint
          ? T
          : WithNumber<T, O>
        : T extends { kind: "decimal" }
          ? Float64
          : T

type WithNumber<T extends DataType, O> = O extends number
  ? number extends O
    ? Unknown
    : `${O}` extends `${bigint}`
      ? T
      : Float64
  : Unknown

type Wider<T extends DataType, U extends DataType> = [T] extends [Unknown]
  ? Unknown
  : "decimal" extends T["kind"] | U["kind"]
    ? Float64
    : T["kind"] extends U["kind"]
      ? T
      : T extends IntegerType
        ? U extends IntegerType
          ? Int64
          : Float64
        : Float64

export type SumOf<T extends DataType> = T extends Unknown
  ? Unknown
  : T extends IntegerType
    ? Int64
    : T extends { kind: "decimal" }
      ? T
      : Float64

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
            : Unknown
