// Elementwise kernels: arithmetic, comparison, activations and their gradients.

import {
  add,
  binary,
  broadcastInDim,
  compare,
  convert,
  divide,
  fill,
  maximum,
  minimum,
  multiply,
  select,
  subtract,
  unary,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import type { Direction, UnaryOp } from "../../ir/ops.js"
import { type DType, isFloat } from "../../ir/types.js"
import type { AB, KernelTable, X } from "./table.js"

const seluScale = 1.0507009873554805
const seluAlpha = 1.6732632423543772

const floating = (x: Node) => (isFloat(x.type.dtype) ? x : convert(x, "f32"))
/** What tfjs does with numbers that are not floats: computes in floats, and stores in the type of the input. */
function stored(y: Node, dtype: DType): Node {
  if (isFloat(dtype)) return convert(y, dtype)
  const held = isFloat(y.type.dtype) ? select(unary("is_finite", y), y, fill(0, y)) : y
  return dtype === "i1" ? convert(convert(held, "i32"), "i1") : convert(held, dtype)
}
const throughFloats =
  (f: (x: Node) => Node) =>
  ({ x }: X) =>
    isFloat(x.type.dtype) ? f(x) : stored(f(convert(x, "f32")), x.type.dtype)
const map = (op: UnaryOp) => throughFloats(x => unary(op, x))
/** The few that give floats whatever they are given. */
const toFloats = (op: UnaryOp) => (inputs: X) => unary(op, floating(inputs.x))

/** Arithmetic on booleans is that of 0 and 1. */
const numeric = (x: Node) => (x.type.dtype === "i1" ? convert(x, "i32") : x)
const onNumbers =
  (f: (a: Node, b: Node) => Node) =>
  ({ a, b }: AB) => {
    const y = f(numeric(a), numeric(b))
    return a.type.dtype === "i1" && b.type.dtype === "i1" ? stored(y, "i1") : y
  }
const onNumber = (op: UnaryOp) => (inputs: X) => stored(unary(op, numeric(inputs.x)), inputs.x.type.dtype)
/** Rounding, which integers do not need. */
const whole = (op: UnaryOp) => (inputs: X) => (isFloat(inputs.x.type.dtype) ? unary(op, inputs.x) : inputs.x)
const test = (direction: Direction) => (inputs: AB) => compare(direction, inputs.a, inputs.b)
const zero = (x: Node) => fill(0, x)

/** Division rounding down. tfjs gives integers whatever it divides, and 0 for a division by 0. */
function floorDivide(a: Node, b: Node): Node {
  if (isFloat(a.type.dtype)) {
    const quotient = unary("floor", divide(a, b))
    return convert(select(unary("is_finite", quotient), quotient, fill(0, quotient)), "i32")
  }
  const quotient = divide(a, b)
  const rest = binary("remainder", a, b)
  const inexact = compare("NE", rest, zero(rest))
  const signsDiffer = compare("NE", compare("LT", rest, zero(rest)), compare("LT", b, zero(b)))
  const down = select(binary("and", inexact, signsDiffer), subtract(quotient, fill(1, quotient)), quotient)
  return select(compare("EQ", b, zero(b)), zero(down), down)
}

/** The remainder with the divisor's sign, in tfjs's own steps. */
function modulo(a: Node, b: Node): Node {
  const rest = binary("remainder", a, b)
  const negative = (x: Node) => compare("LT", x, zero(x))
  const wrapped = binary("remainder", add(rest, b), b)
  const y = select(compare("EQ", negative(a), negative(b)), rest, wrapped)
  return isFloat(y.type.dtype) ? y : select(compare("EQ", b, zero(b)), zero(y), y)
}

/** The larger or smaller one, and NaN if either is: XLA's CPU compiler loses one side's NaN in its own. */
function extreme(direction: Direction) {
  return ({ a, b }: AB) => {
    const found = select(compare(direction, a, b), a, b)
    return isFloat(a.type.dtype) ? select(compare("NE", a, a), a, found) : found
  }
}

export function elu(x: Node): Node {
  return select(compare("GE", x, zero(x)), x, unary("exponential_minus_one", x))
}

export function leakyRelu(x: Node, alpha: number): Node {
  return select(compare("LT", x, zero(x)), multiply(x, fill(alpha, x)), x)
}

export function prelu(x: Node, alpha: Node): Node {
  return select(compare("LT", x, zero(x)), multiply(x, alpha), x)
}

export const relu = (x: Node) => maximum(x, zero(x))
export const relu6 = (x: Node) => minimum(maximum(x, zero(x)), fill(6, x))

function selu(x: Node): Node {
  const negative = multiply(fill(seluScale * seluAlpha, x), unary("exponential_minus_one", x))
  return select(compare("GE", x, zero(x)), multiply(fill(seluScale, x), x), negative)
}

/** log(1 + e^x) without overflow: max(x, 0) + log1p(e^-|x|). */
function softplus(x: Node): Node {
  const small = unary("log_plus_one", unary("exponential", unary("negate", unary("abs", x))))
  return add(maximum(x, zero(x)), small)
}

export const elementwise: KernelTable = {
  Add: ({ a, b }: AB) => add(a, b),
  Sub: onNumbers(subtract),
  Multiply: ({ a, b }: AB) => multiply(a, b),
  RealDiv: ({ a, b }: AB) => divide(floating(a), floating(b)),
  FloorDiv: ({ a, b }: AB) => floorDivide(numeric(a), numeric(b)),
  Mod: onNumbers(modulo),
  Maximum: extreme("GT"),
  Minimum: extreme("LT"),
  Pow: onNumbers((a, b) => binary("power", a, b)),
  Atan2: ({ a, b }: AB) => stored(binary("atan2", floating(a), floating(b)), a.type.dtype),
  SquaredDifference: onNumbers((a, b) => {
    const difference = subtract(a, b)
    return multiply(difference, difference)
  }),
  AddN: (inputs: Record<string, Node>) => Object.values(inputs).reduce(add),

  Equal: test("EQ"),
  NotEqual: test("NE"),
  Greater: test("GT"),
  GreaterEqual: test("GE"),
  Less: test("LT"),
  LessEqual: test("LE"),
  BitwiseAnd: ({ a, b }: AB) => binary("and", a, b),
  LogicalAnd: ({ a, b }: AB) => binary("and", convert(a, "i1"), convert(b, "i1")),
  LogicalOr: ({ a, b }: AB) => binary("or", convert(a, "i1"), convert(b, "i1")),
  LogicalNot: ({ x }: X) => unary("not", convert(x, "i1")),
  IsFinite: ({ x }: X) => unary("is_finite", floating(x)),
  IsNan: ({ x }: X) => compare("NE", x, x),
  IsInf: ({ x }: X) => {
    const size = unary("abs", floating(x))
    return compare("EQ", size, fill(Number.POSITIVE_INFINITY, size))
  },
  Select({ condition, t, e }: { condition: Node; t: Node; e: Node }) {
    const test = convert(condition, "i1")
    const ofRows = test.type.shape.length === 1 && t.type.shape.length > 1
    return select(ofRows ? broadcastInDim(test, t.type.shape, [0]) : test, t, e)
  },

  Abs: onNumber("abs"),
  Neg: onNumber("negate"),
  Sign: ({ x }: X) => {
    const y = onNumber("sign")({ x })
    return isFloat(x.type.dtype) ? select(compare("NE", x, x), zero(x), y) : y
  },
  Ceil: whole("ceil"),
  Floor: whole("floor"),
  Round: whole("round_nearest_even"),
  Exp: toFloats("exponential"),
  Expm1: map("exponential_minus_one"),
  Log: map("log"),
  Log1p: map("log_plus_one"),
  Sqrt: map("sqrt"),
  Rsqrt: map("rsqrt"),
  Square: ({ x }: X) => multiply(x, x),
  Reciprocal: throughFloats(x => divide(fill(1, x), x)),
  Sin: map("sine"),
  Cos: map("cosine"),
  Tan: map("tan"),
  Sinh: map("sinh"),
  Cosh: map("cosh"),
  Tanh: map("tanh"),
  Asin: map("asin"),
  Acos: map("acos"),
  Atan: map("atan"),
  Asinh: map("asinh"),
  Acosh: map("acosh"),
  Atanh: map("atanh"),
  Erf: map("erf"),
  Sigmoid: map("logistic"),

  Relu: ({ x }: X) => relu(x),
  Relu6: ({ x }: X) => relu6(x),
  Elu: throughFloats(elu),
  Selu: throughFloats(selu),
  Softplus: throughFloats(softplus),
  LeakyRelu: ({ x }: X, { alpha }: { alpha: number }) => leakyRelu(floating(x), alpha),
  Prelu: ({ x, alpha }: X & { alpha: Node }) => prelu(floating(x), floating(alpha)),
  Step: ({ x }: X, { alpha }: { alpha: number }) => {
    const steps = select(compare("GT", x, zero(x)), fill(1, x), fill(alpha, x))
    return select(compare("NE", x, x), x, steps)
  },
  EluGrad: ({ dy, y }: { dy: Node; y: Node }) =>
    select(compare("GE", y, zero(y)), dy, multiply(dy, add(y, fill(1, y)))),
  ClipByValue: ({ x }: X, { clipValueMin, clipValueMax }: { clipValueMin: number; clipValueMax: number }) =>
    minimum(maximum(x, fill(clipValueMin, x)), fill(clipValueMax, x)),
}
