// Elementwise kernels: arithmetic, comparison, activations and their gradients.

import {
  add,
  binary,
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
import { isFloat } from "../../ir/types.js"
import type { AB, KernelTable, X } from "./table.js"

const seluScale = 1.0507009873554805
const seluAlpha = 1.6732632423543772

const floating = (x: Node) => (isFloat(x.type.dtype) ? x : convert(x, "f32"))
const map = (op: UnaryOp) => (inputs: X) => unary(op, floating(inputs.x))
const test = (direction: Direction) => (inputs: AB) => compare(direction, inputs.a, inputs.b)
const zero = (x: Node) => fill(0, x)

/** Division rounding down, and the remainder that goes with it (the divisor's sign), as tfjs has them. */
function floorDivide(a: Node, b: Node): Node {
  if (isFloat(a.type.dtype)) return unary("floor", divide(a, b))
  const quotient = divide(a, b)
  const rest = binary("remainder", a, b)
  const inexact = compare("NE", rest, zero(rest))
  const signsDiffer = compare("NE", compare("LT", rest, zero(rest)), compare("LT", b, zero(b)))
  return select(binary("and", inexact, signsDiffer), subtract(quotient, fill(1, quotient)), quotient)
}

function modulo(a: Node, b: Node): Node {
  const rest = binary("remainder", a, b)
  const wrong = binary(
    "and",
    compare("NE", rest, zero(rest)),
    compare("NE", compare("LT", rest, zero(rest)), compare("LT", b, zero(b))),
  )
  return select(wrong, add(rest, b), rest)
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
  Sub: ({ a, b }: AB) => subtract(a, b),
  Multiply: ({ a, b }: AB) => multiply(a, b),
  RealDiv: ({ a, b }: AB) => divide(floating(a), floating(b)),
  FloorDiv: ({ a, b }: AB) => floorDivide(a, b),
  Mod: ({ a, b }: AB) => modulo(a, b),
  Maximum: ({ a, b }: AB) => maximum(a, b),
  Minimum: ({ a, b }: AB) => minimum(a, b),
  Pow: ({ a, b }: AB) => binary("power", a, b),
  Atan2: ({ a, b }: AB) => binary("atan2", a, b),
  SquaredDifference: ({ a, b }: AB) => {
    const difference = subtract(a, b)
    return multiply(difference, difference)
  },
  AddN: (inputs: Record<string, Node>) => Object.values(inputs).reduce(add),

  Equal: test("EQ"),
  NotEqual: test("NE"),
  Greater: test("GT"),
  GreaterEqual: test("GE"),
  Less: test("LT"),
  LessEqual: test("LE"),
  LogicalAnd: ({ a, b }: AB) => binary("and", convert(a, "i1"), convert(b, "i1")),
  LogicalOr: ({ a, b }: AB) => binary("or", convert(a, "i1"), convert(b, "i1")),
  LogicalNot: ({ x }: X) => unary("not", convert(x, "i1")),
  IsFinite: ({ x }: X) => unary("is_finite", floating(x)),
  IsNan: ({ x }: X) => compare("NE", x, x),
  IsInf: ({ x }: X) => compare("EQ", unary("abs", x), fill(Number.POSITIVE_INFINITY, x)),
  Select: ({ condition, t, e }: { condition: Node; t: Node; e: Node }) =>
    select(convert(condition, "i1"), t, e),

  Abs: ({ x }: X) => unary("abs", x),
  Neg: ({ x }: X) => unary("negate", x),
  Sign: ({ x }: X) => unary("sign", x),
  Ceil: map("ceil"),
  Floor: map("floor"),
  Round: map("round_nearest_even"),
  Exp: map("exponential"),
  Expm1: map("exponential_minus_one"),
  Log: map("log"),
  Log1p: map("log_plus_one"),
  Sqrt: map("sqrt"),
  Rsqrt: map("rsqrt"),
  Square: ({ x }: X) => multiply(x, x),
  Reciprocal: ({ x }: X) => divide(fill(1, floating(x)), floating(x)),
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
  Elu: ({ x }: X) => elu(x),
  Selu: ({ x }: X) => selu(x),
  Softplus: ({ x }: X) => softplus(x),
  LeakyRelu: ({ x }: X, { alpha }: { alpha: number }) => leakyRelu(x, alpha),
  Prelu: ({ x, alpha }: X & { alpha: Node }) => prelu(x, alpha),
  Step: ({ x }: X, { alpha }: { alpha: number }) => {
    const steps = select(compare("GT", x, zero(x)), fill(1, x), fill(alpha, x))
    return select(compare("NE", x, x), x, steps)
  },
  EluGrad: ({ dy, y }: { dy: Node; y: Node }) =>
    select(compare("GE", y, zero(y)), dy, multiply(dy, add(y, fill(1, y)))),
  ClipByValue: ({ x }: X, { clipValueMin, clipValueMax }: { clipValueMin: number; clipValueMax: number }) =>
    minimum(maximum(x, fill(clipValueMin, x)), fill(clipValueMax, x)),
}
