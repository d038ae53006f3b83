// What the compiler knows of constants written in code, as literals.ts treats them at run time: a number or NULL takes the
// type of what it meets, and has one of its own where it meets nothing. Types only; texts and Booleans are plain columns.

import type {
  Arithmetic,
  Column,
  Expr,
  IntegerColumn,
  Like,
  LooseColumn,
  NumberOperand,
  NumericColumn,
  TypeOf,
  Wider,
} from "./Column.js"
import type { Float64, Int32, Int64, IntegerType, Nullable, Unknown } from "./types.js"

declare const constantType: unique symbol

/** Marks an expression that takes the type of what it meets; alone it is a C. */
interface Meeting<C> {
  readonly [constantType]: C
}

/** A number. Its other methods stay loose: in `lit(1).coalesce(f.gate)` it is an Int16. */
export type Constant<C> = ConstantMethods<C> &
  ([C] extends [IntegerType] ? IntegerColumn<Unknown> : NumericColumn<Unknown>)

interface ConstantMethods<C> extends Meeting<C> {
  /** Sum of two. */
  add<const O extends NumberOperand>(other: O): Column<ConstantArithmetic<C, O>>
  /** Difference. */
  sub<const O extends NumberOperand>(other: O): Column<ConstantArithmetic<C, O>>
  /** Product. */
  mul<const O extends NumberOperand>(other: O): Column<ConstantArithmetic<C, O>>
  /** Remainder with the sign of the dividend; by zero is an error. */
  mod<const O extends NumberOperand>(other: O): Column<ConstantArithmetic<C, O>>
}

/** What `lit` gives. A `number` whose value the compiler cannot see stays loose. */
export type LiteralColumn<V> = [V] extends [number]
  ? number extends V
    ? LooseColumn
    : Constant<NumberType<V>>
  : [V] extends [bigint]
    ? Constant<Int64>
    : [V] extends [null]
      ? LooseColumn & Meeting<Nullable<Int32>>
      : Column<TypeOf<V>>

/** The type of a new column: an expression's, or that of a constant which meets nothing. */
export type ColumnType<E> = E extends Meeting<infer C> ? C : E extends Expr<infer T> ? T : LiteralType<E>
type LiteralType<V> = V extends number
  ? number extends V
    ? Unknown
    : NumberType<V>
  : V extends null
    ? Nullable<Int32>
    : TypeOf<V>

/** By the digits, as JavaScript prints them; ten or more of them may be too large for Int32. */
type NumberType<V extends number> = `${V}` extends `${bigint}` ? WholeType<`${V}`> : Float64
type WholeType<Text> = Text extends `-${infer Digits}`
  ? WholeType<Digits>
  : Text extends `${infer _1}${infer _2}${infer _3}${infer _4}${infer _5}${infer _6}${infer _7}${infer _8}${infer _9}${infer _10}${infer _}`
    ? Int32 | Int64
    : Int32

/** `column.add(constant)` */
export type WithConstant<T, O> =
  O extends Meeting<infer C>
    ? [T] extends [Unknown]
      ? Unknown
      : T extends IntegerType
        ? C extends Float64
          ? Float64
          : Like<C, T>
        : Like<C, T>
    : Unknown

/** `constant.add(other)` */
type ConstantArithmetic<C, O> =
  O extends Expr<infer U>
    ? [U] extends [Unknown]
      ? O extends Meeting<infer D>
        ? Like<D, Wider<C, D>>
        : Unknown
      : C extends Float64
        ? U extends IntegerType
          ? Like<U, Float64>
          : U
        : U
    : O extends bigint
      ? Wider<C, Int64>
      : O extends number
        ? number extends O
          ? Unknown
          : Wider<C, NumberType<O>>
        : Unknown

/** `fn.add(left, other)`, where the left one can be a constant too. */
export type ArithmeticOf<L, O> =
  L extends Meeting<infer C>
    ? ConstantArithmetic<C, O>
    : L extends Expr<infer T>
      ? Like<T, Arithmetic<T, O>>
      : L extends bigint
        ? ConstantArithmetic<Int64, O>
        : L extends number
          ? number extends L
            ? Unknown
            : ConstantArithmetic<NumberType<L>, O>
          : Unknown
