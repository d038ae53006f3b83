// Element by element: arithmetic, comparisons, logic, rounding, choice.

import type { Call, Folding, Operator, Tensor, Tf } from "../Operator.js"
import type { Known } from "../Value.js"
import { combine, mapKnown } from "./folds.js"

const unary = (run: (tf: Tf, x: Tensor) => Tensor): Operator => ({
  order: "same",
  run: ({ tf, x }) => run(tf, x),
})

/** Of one type with the first input: TensorFlow.js would widen whole numbers to broken ones. */
function binary(
  run: (tf: Tf, a: Tensor, b: Tensor, call: Call) => Tensor,
  fold?: (a: number, b: number) => number,
): Operator {
  return {
    order: "together",
    run: call => run(call.tf, call.tensor(0), call.tensor(1), call),
    ...(fold !== undefined && { fold: (call: Folding) => combine(call, fold) }),
  }
}

const compare = (
  run: (tf: Tf, a: Tensor, b: Tensor) => Tensor,
  fold: (a: number, b: number) => boolean,
): Operator => ({
  ...binary(run),
  fold: call => asBool(combine(call, (a, b) => Number(fold(a, b)))),
})

/** Any number of inputs, one after the other. */
const many = (
  run: (tf: Tf, a: Tensor, b: Tensor) => Tensor,
  fold?: (a: number, b: number) => number,
): Operator => ({
  order: "together",
  run: call => call.tensors().reduce((a, b) => run(call.tf, a, b)),
  ...(fold !== undefined && { fold: (call: Folding) => combine(call, fold) }),
})

function asBool(known: Known | undefined): Known | undefined {
  return known === undefined ? undefined : { ...known, type: "bool", data: Uint8Array.from(known.data) }
}

/** Towards zero, as ONNX divides whole numbers. */
function divide(tf: Tf, a: Tensor, b: Tensor): Tensor {
  if (a.dtype !== "int32" || b.dtype !== "int32") return tf.div(a, b)
  const whole = tf.floorDiv(tf.abs(a), tf.abs(b))
  return tf.mul(tf.mul(tf.sign(a), tf.sign(b)), whole).toInt()
}

function modulo(tf: Tf, a: Tensor, b: Tensor, call: Call): Tensor {
  if (call.number("fmod", 0) === 0) return tf.mod(a, b)
  const quotient = divide(tf, a, b)
  const whole = quotient.dtype === "int32" ? quotient : truncated(tf, quotient)
  return tf.sub(a, tf.mul(b, whole))
}

const truncated = (tf: Tf, x: Tensor) => tf.mul(tf.sign(x), tf.floor(tf.abs(x)))

export const elementwise: Readonly<Record<string, Operator>> = {
  Abs: unary((tf, x) => tf.abs(x)),
  Neg: { ...unary((tf, x) => tf.neg(x)), fold: call => mapKnown(call, value => -value) },
  Sign: unary((tf, x) => tf.sign(x)),
  Exp: unary((tf, x) => tf.exp(x)),
  Log: unary((tf, x) => tf.log(x)),
  Sqrt: unary((tf, x) => tf.sqrt(x)),
  Reciprocal: unary((tf, x) => tf.reciprocal(x)),
  Floor: { ...unary((tf, x) => tf.floor(x)), fold: call => mapKnown(call, Math.floor) },
  Ceil: { ...unary((tf, x) => tf.ceil(x)), fold: call => mapKnown(call, Math.ceil) },
  Round: unary((tf, x) => tf.round(x)),
  Sin: unary((tf, x) => tf.sin(x)),
  Cos: unary((tf, x) => tf.cos(x)),
  Tan: unary((tf, x) => tf.tan(x)),
  Asin: unary((tf, x) => tf.asin(x)),
  Acos: unary((tf, x) => tf.acos(x)),
  Atan: unary((tf, x) => tf.atan(x)),
  Sinh: unary((tf, x) => tf.sinh(x)),
  Cosh: unary((tf, x) => tf.cosh(x)),
  Asinh: unary((tf, x) => tf.asinh(x)),
  Acosh: unary((tf, x) => tf.acosh(x)),
  Atanh: unary((tf, x) => tf.atanh(x)),
  Erf: unary((tf, x) => tf.erf(x)),
  IsNaN: unary((tf, x) => tf.isNaN(x)),
  IsInf: {
    order: "same",
    run: call => {
      const { tf, x } = call
      const [up, down] = [call.number("detect_positive", 1), call.number("detect_negative", 1)]
      const infinite = tf.isInf(x)
      if (up && down) return infinite
      if (!up && !down) return tf.logicalAnd(infinite, tf.logicalNot(infinite))
      return tf.logicalAnd(infinite, up ? tf.greater(x, 0) : tf.less(x, 0))
    },
  },
  Not: {
    ...unary((tf, x) => tf.logicalNot(x)),
    fold: call => asBool(mapKnown(call, value => Number(value === 0))),
  },
  Add: binary(
    (tf, a, b) => tf.add(a, b),
    (a, b) => a + b,
  ),
  Sub: binary(
    (tf, a, b) => tf.sub(a, b),
    (a, b) => a - b,
  ),
  Mul: binary(
    (tf, a, b) => tf.mul(a, b),
    (a, b) => a * b,
  ),
  Div: binary(divide, (a, b) => Math.trunc(a / b)),
  Mod: binary(modulo, (a, b) => a - b * Math.floor(a / b)),
  Pow: binary((tf, a, b) => tf.cast(tf.pow(a, b), a.dtype as "float32")),
  Equal: compare(
    (tf, a, b) => tf.equal(a, b),
    (a, b) => a === b,
  ),
  Less: compare(
    (tf, a, b) => tf.less(a, b),
    (a, b) => a < b,
  ),
  LessOrEqual: compare(
    (tf, a, b) => tf.lessEqual(a, b),
    (a, b) => a <= b,
  ),
  Greater: compare(
    (tf, a, b) => tf.greater(a, b),
    (a, b) => a > b,
  ),
  GreaterOrEqual: compare(
    (tf, a, b) => tf.greaterEqual(a, b),
    (a, b) => a >= b,
  ),
  And: compare(
    (tf, a, b) => tf.logicalAnd(a, b),
    (a, b) => a !== 0 && b !== 0,
  ),
  Or: compare(
    (tf, a, b) => tf.logicalOr(a, b),
    (a, b) => a !== 0 || b !== 0,
  ),
  Xor: compare(
    (tf, a, b) => tf.logicalXor(a, b),
    (a, b) => (a !== 0) !== (b !== 0),
  ),
  Max: many((tf, a, b) => tf.maximum(a, b), Math.max),
  Min: many((tf, a, b) => tf.minimum(a, b), Math.min),
  Sum: many((tf, a, b) => tf.add(a, b)),
  Mean: {
    order: "together",
    run: call =>
      call.tf.div(
        call.tensors().reduce((a, b) => call.tf.add(a, b)),
        call.count,
      ),
  },
  Where: {
    order: "together",
    run: call => {
      const { tf } = call
      const [pick, a, b] = [call.tensor(0), call.tensor(1), call.tensor(2)]
      const shape = [a, b].reduce(
        (known, x) => tf.broadcast_util.assertAndGetBroadcastShape(known, x.shape),
        pick.shape,
      )
      return tf.where(tf.broadcastTo(pick, shape), tf.broadcastTo(a, shape), tf.broadcastTo(b, shape))
    },
    fold: call => {
      const [pick, a, b] = [call.known(0)!, call.known(1)!, call.known(2)!]
      const longest = [pick, a, b].toSorted((one, other) => other.data.length - one.data.length)[0]!
      const parts = [pick, a, b].filter(({ data }) => data.length > 1)
      if (parts.some(({ shape }) => String(shape) !== String(longest.shape))) return undefined
      const at = ({ data }: Known, i: number) => data[data.length === 1 ? 0 : i]!
      const data = Float64Array.from(longest.data, (_, i) => (at(pick, i) ? at(a, i) : at(b, i)))
      return { kind: "known", type: a.type, shape: longest.shape, data }
    },
  },
}
