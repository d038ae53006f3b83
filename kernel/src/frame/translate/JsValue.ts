// A JavaScript value while a function is translated: the expression that computes it and what is known of it, so that the
// engine's answer is the one JavaScript would give. A value that is null where JavaScript would have thrown (a method of
// null) is not `nullable`: JavaScript never gets to see it.

import { type ExprNode, type LiteralValue, literal } from "../ExprNode.js"
import { type DataType, typeOf } from "../types.js"
import { refuse } from "./refuse.js"
import { cast, isNull, when } from "./sql.js"

export type JsValue = NumberValue | PlainValue | ConstantValue

interface Common {
  readonly node: ExprNode
  /** Of the expression. */
  readonly type: DataType
  /** JavaScript may see null here. */
  readonly nullable: boolean
}

/** `type` is Float64 unless it is a column as it stands. */
export interface NumberValue extends Common {
  readonly kind: "number"
  /** No value is further from zero. */
  readonly bound: number
  /** Every value is whole (or NaN or infinite, where those are possible). */
  readonly whole: boolean
  readonly nan: boolean
  /** Whether a zero has JavaScript's sign: `plus` it never is -0, `same` it has the sign, `lost` it may not have it. */
  readonly zero: "plus" | "same" | "lost"
}

export interface PlainValue extends Common {
  /** `opaque`: a column that can only be handed on. */
  readonly kind: "bigint" | "text" | "boolean" | "date" | "opaque"
}

/** Known when the function is translated. */
export interface ConstantValue {
  readonly kind: "constant"
  readonly value: LiteralValue | undefined
}

export type Kind = Exclude<JsValue["kind"], "constant"> | "null"

const bounds: Partial<Record<DataType["kind"], number>> = {
  int8: 2 ** 7,
  int16: 2 ** 15,
  int32: 2 ** 31,
  uint8: 2 ** 8,
  uint16: 2 ** 16,
  uint32: 2 ** 32,
}

/** A column as the function sees it in a row. */
export function columnValue(name: string, type: DataType, nullable: boolean): JsValue {
  const common = { node: { op: "column", name } as const, type, nullable }
  const bound = bounds[type.kind]
  if (bound !== undefined) return { ...common, kind: "number", bound, whole: true, nan: false, zero: "plus" }
  switch (type.kind) {
    case "float32":
    case "float64":
      return { ...common, kind: "number", bound: Infinity, whole: false, nan: true, zero: "same" }
    case "int64":
    case "uint64":
      return { ...common, kind: "bigint" }
    case "utf8":
      return { ...common, kind: "text" }
    case "boolean":
      return { ...common, kind: "boolean" }
    default:
      return { ...common, kind: ["date", "timestamp", "timestamptz"].includes(type.kind) ? "date" : "opaque" }
  }
}

export const constant = (value: LiteralValue | undefined): ConstantValue => ({ kind: "constant", value })

/** What is known of a computed number. */
type Facts = Partial<Pick<NumberValue, "bound" | "whole" | "nan" | "zero" | "nullable">>
export function number(node: ExprNode, facts: Facts = {}): NumberValue {
  const { bound = Infinity, whole = false, zero = "same", nullable = false } = facts
  const nan = facts.nan ?? bound === Infinity
  return { kind: "number", node, type: typeOf("float64"), nullable, bound, whole, nan, zero }
}
export function bool(node: ExprNode): PlainValue {
  return { kind: "boolean", node, type: typeOf("boolean"), nullable: false }
}
export function text(node: ExprNode, nullable = false): PlainValue {
  return { kind: "text", node, type: typeOf("utf8"), nullable }
}

export function kindOf(value: JsValue): Kind {
  if (value.kind !== "constant") return value.kind
  const { value: known } = value
  if (known === null || known === undefined) return "null"
  if (known instanceof Date) return "date"
  if (known instanceof Uint8Array) return "opaque"
  return ({ string: "text", number: "number", bigint: "bigint", boolean: "boolean" } as const)[
    typeof known as "string" | "number" | "bigint" | "boolean"
  ]
}

/** With the facts of a constant number filled in. */
export function asNumber(value: JsValue): NumberValue {
  if (value.kind === "number") {
    if (value.type.kind === "float64") return value
    return { ...value, node: cast(value.node, typeOf("float64")), type: typeOf("float64") }
  }
  if (value.kind !== "constant" || typeof value.value !== "number")
    throw refuse(`${kindOf(value)} is no number`)
  const known = value.value
  return number(float(known), {
    bound: Math.abs(known),
    whole: Number.isInteger(known),
    nan: Number.isNaN(known),
    zero: Object.is(known, -0) ? "same" : known === 0 ? "plus" : "same",
  })
}

/** As arithmetic takes it: null is 0. */
export function operand(value: JsValue): NumberValue {
  if (value.kind === "constant" && value.value === null) return asNumber(constant(0))
  const number = asNumber(value)
  return number.nullable
    ? { ...number, node: when(isNull(number.node), float(0), number.node), nullable: false }
    : number
}

/** The expression of any value that is no constant, or the constant as a literal. */
export function nodeOfValue(value: JsValue): ExprNode {
  if (value.kind !== "constant") return value.node
  const { value: known } = value
  if (typeof known === "number") return float(known)
  return literal(known ?? null)
}

/** A Float64 constant, also for a whole number: JavaScript has no other. */
export function float(value: number): ExprNode {
  const exact = Number.isFinite(value) && !Object.is(value, -0)
  return {
    op: "literal",
    type: typeOf("float64"),
    value: exact ? value : Object.is(value, -0) ? "-0.0" : String(value),
  }
}
