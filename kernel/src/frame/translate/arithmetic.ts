// JavaScript's numbers by the engine's: all arithmetic is in Float64, null counts as 0, and where an engine would fail or
// answer otherwise (division by zero, NaN in a comparison, half-way rounding) the cases are spelled out. Zeros: an engine
// keeps the sign of a zero in arithmetic, but not through whole-number functions; a division by such a zero is refused.

import type { ExprNode } from "../ExprNode.js"
import { literal } from "../ExprNode.js"
import { isInteger, typeOf } from "../types.js"
import {
  asNumber,
  bool,
  float,
  type JsValue,
  kindOf,
  type NumberValue,
  number,
  operand,
  type PlainValue,
} from "./JsValue.js"
import { refuse } from "./refuse.js"
import { and, call, cast, isNotNull, isNull, no, or, when, yes } from "./sql.js"

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%"

export function arithmetic(operator: ArithmeticOperator, left: JsValue, right: JsValue): JsValue {
  if (kindOf(left) === "bigint" || kindOf(right) === "bigint") return bigArithmetic(operator, left, right)
  const [a, b] = [numeric(left, operator), numeric(right, operator)]
  switch (operator) {
    case "+":
    case "-": {
      const bound = a.bound + b.bound
      const zero =
        a.zero === "plus" && b.zero === "plus"
          ? "plus"
          : a.zero === "lost" || b.zero === "lost"
            ? "lost"
            : "same"
      const nan = a.nan || b.nan || bound === Infinity
      return number(call(operator === "+" ? "add" : "sub", a.node, b.node), {
        bound,
        whole: a.whole && b.whole,
        nan,
        zero,
      })
    }
    case "*": {
      const bound = a.bound * b.bound
      const zero = a.zero === "lost" || b.zero === "lost" ? "lost" : "same"
      const nan = a.nan || b.nan || !Number.isFinite(a.bound) || !Number.isFinite(b.bound)
      return number(call("mul", a.node, b.node), { bound, whole: a.whole && b.whole, nan, zero })
    }
    case "/":
      return divide(a, b)
    case "%":
      return remainder(a, b)
  }
}

function numeric(value: JsValue, operator: string): NumberValue {
  const kind = kindOf(value)
  if (kind === "number" || kind === "null") return operand(value)
  throw refuse(`\`${operator}\` has ${article(kind)}`)
}

function divide(a: NumberValue, b: NumberValue): NumberValue {
  if (b.zero === "lost") throw refuse("it divides by a zero whose sign the engine does not keep")
  const constantDivisor = b.node.op === "literal" ? Number(b.node.value) : undefined
  const quotient = call("div", a.node, b.node)
  if (constantDivisor !== undefined && constantDivisor !== 0) {
    const bound = a.bound / Math.abs(constantDivisor)
    return number(quotient, { bound, nan: a.nan, zero: a.zero })
  }
  const isZero = call("eq", b.node, float(0))
  const byPlusZero = sign(a.node, Infinity)
  const byZero =
    b.zero === "plus" ? byPlusZero : when(isMinusZero(b.node), sign(a.node, -Infinity), byPlusZero)
  // The engine must not see the zero: an engine may evaluate a division before it looks at the condition.
  const safe = call("div", a.node, when(isZero, float(1), b.node))
  return number(when(isZero, byZero, safe), { nan: true, zero: a.zero })
}

/** What a number divided by zero gives: an infinity with its sign, or NaN for 0 and NaN. */
function sign(node: ExprNode, positive: number): ExprNode {
  const isPositive = and(call("gt", node, float(0)), call("lte", node, float(Infinity)))
  return {
    op: "case",
    branches: [
      { when: isPositive, value: float(positive) },
      { when: call("lt", node, float(0)), value: float(-positive) },
    ],
    otherwise: float(Number.NaN),
  }
}

/** All engines write it with its sign. */
function isMinusZero(node: ExprNode): ExprNode {
  return call("startsWith", cast(node, typeOf("utf8")), literal("-"))
}

function remainder(a: NumberValue, b: NumberValue): NumberValue {
  const known = b.node.op === "literal" ? Number(b.node.value) : undefined
  const whole = a.whole && b.whole
  if (known !== undefined && known !== 0)
    return number(call("mod", a.node, b.node), {
      bound: Math.min(a.bound, Math.abs(known)),
      whole,
      nan: a.nan || a.bound === Infinity,
      zero: "lost",
    })
  const isZero = call("eq", b.node, float(0))
  const safe = call("mod", a.node, when(isZero, float(1), b.node))
  return number(when(isZero, float(Number.NaN), safe), { bound: a.bound, nan: true, zero: "lost" })
}

function bigArithmetic(operator: ArithmeticOperator, left: JsValue, right: JsValue): JsValue {
  const [a, b] = [bigOperand(left, operator), bigOperand(right, operator)]
  const type = left.kind === "constant" ? (right as { type: NumberValue["type"] }).type : left.type!
  if (a.kind !== b.kind && a.kind !== "constant" && b.kind !== "constant")
    throw refuse("it mixes Int64 and UInt64")
  const name = { "+": "add", "-": "sub", "*": "mul", "/": "intDiv", "%": "mod" }[operator]
  return { kind: "bigint", node: call(name, a.node, b.node), type, nullable: false }
}

function bigOperand(value: JsValue, operator: string): { node: ExprNode; kind: string } {
  const kind = kindOf(value)
  if (kind !== "bigint")
    throw refuse(`\`${operator}\` has a bigint and ${article(kind)}, which JavaScript refuses`)
  return value.kind === "constant"
    ? { node: literal(value.value as bigint), kind: "constant" }
    : { node: value.node, kind: (value as { type: { kind: string } }).type.kind }
}

export function negate(value: JsValue): JsValue {
  if (kindOf(value) === "bigint") {
    const big = value as PlainValue
    return { ...big, node: call("neg", big.node), nullable: false }
  }
  const a = numeric(value, "-")
  return number(call("neg", a.node), { ...a, zero: "lost", nullable: false })
}

export type Comparison = "lt" | "lte" | "gt" | "gte"
const mirrored: Record<Comparison, Comparison> = { lt: "gt", lte: "gte", gt: "lt", gte: "lte" }
const compare: Record<Comparison, (a: number, b: number) => boolean> = {
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
}

/** `<`, `<=`, `>`, `>=` of numbers: null is 0, and nothing is true of NaN, which engines take for the largest number. */
export function compareNumbers(how: Comparison, left: JsValue, right: JsValue): JsValue {
  if (left.kind === "constant") return compareNumbers(mirrored[how], right, left)
  if (right.kind === "constant") return compareWith(how, left, Number(right.value ?? 0))
  const [a, b] = [operand(left), operand(right)]
  return bool(withoutNan(withoutNan(call(how, a.node, b.node), a), b))
}

/** With a constant the column stands alone, so that an engine can skip what cannot match. */
function compareWith(how: Comparison, value: JsValue, known: number): JsValue {
  if (Number.isNaN(known)) return bool(no)
  const { node, nullable, type, ...rest } = value as NumberValue
  const whole = rest.whole && Number.isSafeInteger(known)
  // An integer is compared as it stands, with a constant of its own type.
  const asItIs = rest.whole && isInteger(type)
  const test = call(
    how,
    asItIs ? node : asNumber(value).node,
    asItIs && whole ? literal(known) : float(known),
  )
  const sure =
    rest.nan && (how === "gt" || how === "gte") ? and(test, call("lte", node, float(Infinity))) : test
  if (!nullable) return bool(sure)
  return bool(compare[how](0, known) ? or(isNull(node), sure) : and(isNotNull(node), sure))
}

function withoutNan(test: ExprNode, value: NumberValue): ExprNode {
  return value.nan ? and(test, call("lte", value.node, float(Infinity))) : test
}

/** The same with bigints, which are never NaN; a bound in a number is taken as the bigint it is. */
export function compareBigints(how: Comparison, left: JsValue, right: JsValue): JsValue {
  if (left.kind === "constant") return compareBigints(mirrored[how], right, left)
  const big = left as PlainValue
  if (right.kind !== "constant") {
    if (kindOf(right) !== "bigint") throw refuse("it compares a bigint with a number")
    const other = right as PlainValue
    return bool(call(how, orZero(big), orZero(other)))
  }
  const known = right.value ?? 0
  if (typeof known !== "bigint" && !Number.isSafeInteger(known))
    throw refuse("it compares a bigint with a fraction")
  const test = call(how, big.node, literal(BigInt(known as number)))
  if (!big.nullable) return bool(test)
  const forNull = compare[how](0, Number(known))
  return bool(forNull ? or(isNull(big.node), test) : and(isNotNull(big.node), test))
}

function orZero({ node, nullable, type }: PlainValue): ExprNode {
  return nullable ? when(isNull(node), { op: "literal", type, value: "0" }, node) : node
}

/** `===` of two values of one kind that is not `null`. */
export function equalNumbers(left: JsValue, right: JsValue): ExprNode {
  const [a, b] = [asNumber(left), asNumber(right)]
  const isWhole = left.kind === "number" && isInteger(left.type) && right.kind === "constant"
  if (isWhole && Number.isSafeInteger(right.value))
    return call("eq", left.node, literal(right.value as number))
  if (right.kind === "constant" && Number.isNaN(right.value)) return no
  const test = call("eq", a.node, b.node)
  return a.nan && b.nan ? and(test, call("lte", a.node, float(Infinity))) : test
}

/** 2^52: from here on every number is whole. NaN counts as larger, so it is left alone too. */
const allWhole = 2 ** 52

/** `f` of numbers that may have a fraction; whole ones, infinities and NaN stay as they are. */
function wholeOf(value: JsValue, of: (node: ExprNode) => ExprNode): NumberValue {
  const a = operand(value)
  if (a.whole) return a
  const made = cast(of(a.node), typeOf("float64"))
  const { bound, nan } = a
  if (bound < allWhole) return number(made, { bound: bound + 1, whole: true, nan, zero: "lost" })
  const large = call("gte", call("abs", a.node), float(allWhole))
  const small = when(large, float(0), a.node)
  const node = when(large, a.node, cast(of(small), typeOf("float64")))
  return number(node, { bound, whole: true, nan, zero: "lost" })
}

const floor = (node: ExprNode) => call("floor", node)
const ceil = (node: ExprNode) => call("ceil", node)

/** `Math.floor(x)` and the others whose every digit is the same everywhere. */
export const mathFunctions: Readonly<Record<string, (...args: readonly JsValue[]) => JsValue>> = {
  abs: value => {
    const a = operand(value!)
    return number(call("abs", a.node), { ...a, zero: "plus", nullable: false })
  },
  floor: value => wholeOf(value!, floor),
  ceil: value => wholeOf(value!, ceil),
  trunc: value => wholeOf(value!, node => when(call("lt", node, float(0)), ceil(node), floor(node))),
  // Half goes up, also below zero: -2.5 becomes -2.
  round: value =>
    wholeOf(value!, node => {
      const below = cast(floor(node), typeOf("float64"))
      return when(call("gte", call("sub", node, below), float(0.5)), call("add", below, float(1)), below)
    }),
  sqrt: value => {
    const a = operand(value!)
    return number(call("sqrt", a.node), { bound: Math.sqrt(a.bound), nan: true, zero: a.zero })
  },
  sign: value => {
    const a = operand(value!)
    const branches = [
      { when: call("lt", a.node, float(0)), value: float(-1) },
      { when: and(call("gt", a.node, float(0)), call("lte", a.node, float(Infinity))), value: float(1) },
    ]
    return number(
      { op: "case", branches, otherwise: a.node },
      { bound: 1, whole: true, nan: a.nan, zero: a.zero },
    )
  },
  min: (...values) => values.map(operand).reduce((a, b) => smaller("lt", a, b)),
  max: (...values) => values.map(operand).reduce((a, b) => smaller("gt", a, b)),
}

function smaller(how: "lt" | "gt", a: NumberValue, b: NumberValue): NumberValue {
  const isNan = (value: NumberValue) => (value.nan ? call("gt", value.node, float(Infinity)) : undefined)
  const branches = [a, b].flatMap(value => {
    const test = isNan(value)
    return test === undefined ? [] : [{ when: test, value: value.node }]
  })
  const node: ExprNode = {
    op: "case",
    branches: [...branches, { when: call(how, a.node, b.node), value: a.node }],
    otherwise: b.node,
  }
  const zero = a.zero === "plus" && b.zero === "plus" ? "plus" : "lost"
  const bound = Math.max(a.bound, b.bound)
  return number(node, { bound, whole: a.whole && b.whole, nan: a.nan || b.nan, zero })
}

/** Any value as a condition. */
export function truthy(value: JsValue): ExprNode {
  if (value.kind === "constant") return value.value ? yes : no
  const { node, nullable } = value
  const present = (test: ExprNode) => (nullable ? and(isNotNull(node), test) : test)
  switch (value.kind) {
    case "boolean":
      return present(node)
    case "number": {
      const test = call("ne", asNumber(value).node, float(0))
      return present(value.nan ? and(test, call("lte", asNumber(value).node, float(Infinity))) : test)
    }
    case "bigint":
      return present(call("ne", node, literal(0n)))
    case "text":
      return present(call("ne", node, literal("")))
    default:
      return isNotNull(node)
  }
}

export function article(kind: string): string {
  return (
    { opaque: "a value that it can only hand on", null: "null" }[kind] ??
    (/^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`)
  )
}
