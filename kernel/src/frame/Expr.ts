// The one class behind every expression: builds expression nodes, method by method. Its methods are the union of what
// Column.ts lets each type have, so a wrong call does not compile; typing.ts refuses it at run time. Not evaluated here.

import { fail } from "../errors.js"
import type { Column, Columns, Expr, Order } from "./Column.js"
import { type ExprNode, exprText, type LiteralValue, literal } from "./ExprNode.js"
import type { AggregateName, FunctionName } from "./functions.js"
import type { Schema } from "./Schema.js"
import type { DataType, SchemaShape, SimpleKind, Unknown } from "./types.js"
import { simpleKinds, typeOf } from "./types.js"

type Argument = ExprImpl | LiteralValue

export class ExprImpl {
  constructor(readonly node: ExprNode) {}

  eq(other: Argument) {
    return this.#call("eq", other)
  }
  ne(other: Argument) {
    return this.#call("ne", other)
  }
  lt(other: Argument) {
    return this.#call("lt", other)
  }
  lte(other: Argument) {
    return this.#call("lte", other)
  }
  gt(other: Argument) {
    return this.#call("gt", other)
  }
  gte(other: Argument) {
    return this.#call("gte", other)
  }
  between(low: Argument, high: Argument) {
    return this.#call("between", low, high)
  }
  isIn(...values: Argument[]) {
    return values.length === 0 ? new ExprImpl(literal(false)) : this.#call("isIn", ...values)
  }
  isNull() {
    return this.#call("isNull")
  }
  isNotNull() {
    return this.#call("isNotNull")
  }
  and(other: Argument) {
    return this.#call("and", other)
  }
  or(other: Argument) {
    return this.#call("or", other)
  }
  not() {
    return this.#call("not")
  }
  add(other: Argument) {
    return this.#call("add", other)
  }
  sub(other: Argument) {
    return this.#call("sub", other)
  }
  mul(other: Argument) {
    return this.#call("mul", other)
  }
  div(other: Argument) {
    return this.#call("div", other)
  }
  mod(other: Argument) {
    return this.#call("mod", other)
  }
  neg() {
    return this.#call("neg")
  }
  abs() {
    return this.#call("abs")
  }
  round(digits = 0) {
    return this.#call("round", digits)
  }
  floor() {
    return this.#call("floor")
  }
  ceil() {
    return this.#call("ceil")
  }
  sqrt() {
    return this.#call("sqrt")
  }
  log() {
    return this.#call("log")
  }
  exp() {
    return this.#call("exp")
  }
  lower() {
    return this.#call("lower")
  }
  upper() {
    return this.#call("upper")
  }
  contains(part: Argument) {
    return this.#call("contains", part)
  }
  startsWith(part: Argument) {
    return this.#call("startsWith", part)
  }
  length() {
    return this.#call("length")
  }
  substring(start: Argument, length: Argument) {
    return this.#call("substring", start, length)
  }
  year() {
    return this.#call("year")
  }
  month() {
    return this.#call("month")
  }
  day() {
    return this.#call("day")
  }
  hour() {
    return this.#call("hour")
  }
  dayofweek() {
    return this.#call("dayofweek")
  }
  sum() {
    return this.#aggregate("sum")
  }
  mean() {
    return this.#aggregate("mean")
  }
  min() {
    return this.#aggregate("min")
  }
  max() {
    return this.#aggregate("max")
  }
  count() {
    return this.#aggregate("count")
  }
  countDistinct() {
    return this.#aggregate("countDistinct")
  }
  stddev() {
    return this.#aggregate("stddev")
  }
  first() {
    return this.#aggregate("first")
  }
  quantile(share: number) {
    if (!(share >= 0 && share <= 1)) {
      throw fail("BAD_VALUE", {
        where: "quantile",
        name: "share",
        value: share,
        fix: "Give a number from 0 to 1.",
      })
    }
    return this.#aggregate("quantile", { op: "literal", type: typeOf("float64"), value: share })
  }
  cast(kind: SimpleKind) {
    if (!simpleKinds.includes(kind)) {
      throw fail("BAD_VALUE", {
        where: "cast",
        name: "kind",
        value: kind,
        fix: `Kinds: ${simpleKinds.join(", ")}.`,
      })
    }
    return new ExprImpl({ op: "cast", input: this.node, to: typeOf(kind) })
  }
  alias(name: string) {
    return new ExprImpl({ op: "alias", input: this.node, name })
  }
  asc() {
    return new ExprImpl({ op: "order", input: this.node, direction: "asc" })
  }
  desc() {
    return new ExprImpl({ op: "order", input: this.node, direction: "desc" })
  }

  toString(): string {
    return exprText(this.node)
  }

  #call(name: FunctionName, ...rest: Argument[]): ExprImpl {
    return new ExprImpl({ op: "call", name, args: [this.node, ...rest.map(nodeOf)] })
  }

  #aggregate(name: AggregateName, ...rest: ExprNode[]): ExprImpl {
    return new ExprImpl({ op: "aggregate", name, args: [this.node, ...rest] })
  }
}

/** The node of an expression, or of a JavaScript value taken as a constant. */
export function nodeOf(value: unknown): ExprNode {
  if (value instanceof ExprImpl) return value.node
  const simple = value === null || ["string", "number", "bigint", "boolean"].includes(typeof value)
  if (simple || value instanceof Date || value instanceof Uint8Array) return literal(value as LiteralValue)
  const fix = "Use an expression (f.delay.gt(15), lit(1)) or a string, number, bigint, boolean, Date or null."
  throw fail("BAD_VALUE", { where: "expression", name: "value", value: describeValue(value), fix })
}

function describeValue(value: unknown): string {
  return value === undefined ? "undefined" : typeof value === "function" ? "a function" : `a ${typeof value}`
}

/** Types the class as what the compiler should see. */
export function column<T extends DataType>(node: ExprNode): Column<T> {
  return new ExprImpl(node) as unknown as Column<T>
}

/** The `f` of a lambda: one property a column; a name that is not there fails with the nearest one. */
export function columnsOf<S extends SchemaShape>(schema: Schema, operation: string): Columns<S> {
  return new Proxy(Object.create(null) as Columns<S>, {
    get(_, name) {
      if (typeof name === "symbol") return undefined
      schema.type(name, operation)
      return column({ op: "column", name })
    },
    has: (_, name) => typeof name === "string" && schema.has(name),
    ownKeys: () => schema.names,
    getOwnPropertyDescriptor: (_, name) =>
      schema.has(String(name))
        ? {
            enumerable: true,
            configurable: true,
            writable: false,
            value: column({ op: "column", name: String(name) }),
          }
        : undefined,
  })
}

export type AnyExpr = Expr<DataType>
export type { Order, Unknown }
