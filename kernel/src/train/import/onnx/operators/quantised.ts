// Quantised operators: between floats and whole numbers (QDQ), and on whole numbers (QLinear..., ...Integer), as
// onnxruntime's quantiser writes both, with those of com.microsoft.

import type { Call, Operator, Tensor, Tf } from "../Operator.js"
import { convolved } from "./convolution.js"
import { alongAxis, dequantized, gridAt, lifted, quantized, rangeOf } from "./integers.js"
import { matMul } from "./linear.js"
import { averaged } from "./pooling.js"

const axisOf = (call: Call) => call.axis(call.number("axis", 1))

function quantize(call: Call): Tensor {
  const axis = axisOf(call)
  const grid = {
    scale: alongAxis(call, call.tensor(1), axis)!,
    zero: alongAxis(call, call.optional(2), axis),
  }
  return quantized(call.tf, call.x, grid, rangeOf(call))
}

function dequantize(call: Call): Tensor {
  const axis = axisOf(call)
  return dequantized(call.tf, call.x, {
    scale: alongAxis(call, call.tensor(1), axis)!,
    zero: alongAxis(call, call.optional(2), axis),
  })
}

/** To bytes by the smallest and the largest number there is, zero among them. */
function dynamic({ tf, x }: Call): Tensor[] {
  const [low, high] = [tf.minimum(tf.min(x), 0), tf.maximum(tf.max(x), 0)]
  const range = tf.sub(high, low)
  const scale = tf.where(tf.greater(range, 0), tf.div(range, 255), tf.onesLike(range))
  const zero = tf.cast(tf.round(tf.clipByValue(tf.neg(tf.div(low, scale)), 0, 255)), "int32")
  return [quantized(tf, x, { scale, zero }, [0, 255]), scale, zero]
}

/** One number, or one an output channel, which a kernel has first. */
function ofKernel({ tf }: Call, values: Tensor | undefined, rank: number): Tensor | undefined {
  if (values === undefined || values.size === 1) return values && tf.reshape(values, [])
  return tf.reshape(values, [-1, ...Array.from({ length: rank - 1 }, () => 1)])
}

function convInteger(call: Call): Tensor {
  const { tf } = call
  const kernel = call.tensor(1)
  const [x, w] = [
    lifted(tf, call.x, call.optional(2)),
    lifted(tf, kernel, ofKernel(call, call.optional(3), kernel.rank)),
  ]
  return whole(tf, convolved(call, x, w, undefined))
}

const whole = (tf: Tf, x: Tensor) => tf.cast(tf.round(x), "int32")

function qLinearConv(call: Call): Tensor {
  const { tf } = call
  const kernel = call.tensor(3)
  const w = lifted(tf, kernel, ofKernel(call, call.optional(5), kernel.rank))
  const bias = call.optional(8)
  const sum = convolved(call, lifted(tf, call.x, call.optional(2)), w, bias && tf.cast(bias, "float32"))
  const real = tf.mul(sum, tf.mul(call.tensor(1), call.tensor(4)))
  return quantized(tf, real, gridAt(call, 6), rangeOf(call))
}

/** The left operand's numbers are one a row, the right one's one a column. */
const byRow = ({ tf }: Call, values: Tensor | undefined) =>
  values !== undefined && values.rank === 1 && values.size > 1 ? tf.expandDims(values, -1) : values

function matMulInteger(call: Call): Tensor {
  const { tf } = call
  const a = lifted(tf, call.x, byRow(call, call.optional(2)))
  return whole(tf, matMul(tf, a, lifted(tf, call.tensor(1), call.optional(3))))
}

function qLinearMatMul(call: Call): Tensor {
  const { tf } = call
  const a = dequantized(tf, call.x, {
    scale: byRow(call, call.tensor(1))!,
    zero: byRow(call, call.optional(2)),
  })
  const b = dequantized(tf, call.tensor(3), gridAt(call, 4))
  return quantized(tf, matMul(tf, a, b), gridAt(call, 6), rangeOf(call))
}

/** `A B + C`, whole numbers in, and out where there is an output scale. */
function qGemm(call: Call): Tensor {
  const { tf } = call
  const [a, b] = [lifted(tf, call.x, call.optional(2)), lifted(tf, call.tensor(3), call.optional(5))]
  const product = tf.matMul(a, b, call.number("transA", 0) !== 0, call.number("transB", 0) !== 0)
  const bias = call.optional(6)
  const sum = bias === undefined ? product : tf.add(product, tf.cast(bias, "float32"))
  const real = tf.mul(tf.mul(sum, tf.mul(call.tensor(1), call.tensor(4))), call.number("alpha", 1))
  return call.given(7) ? quantized(tf, real, gridAt(call, 7), rangeOf(call)) : real
}

/** Floats times whole numbers that are made on the way; or whole numbers whose product is made floats at once. */
function matMulToFloat(call: Call, madeHere: boolean): Tensor {
  const { tf } = call
  if (madeHere) {
    const [a, scale, zero] = dynamic(call)
    const left = dequantized(tf, a!, { scale: scale!, zero })
    return biased(call, matMul(tf, left, dequantized(tf, call.tensor(1), gridAt(call, 2))), 4)
  }
  const left = dequantized(tf, call.x, {
    scale: byRow(call, call.tensor(2))!,
    zero: byRow(call, call.optional(4)),
  })
  const right = dequantized(tf, call.tensor(1), { scale: call.tensor(3), zero: call.optional(5) })
  return biased(call, matMul(tf, left, right), 6)
}

function biased(call: Call, x: Tensor, i: number): Tensor {
  const bias = call.optional(i)
  return bias === undefined ? x : call.tf.add(x, bias)
}

const pairwise = (run: (tf: Tf, a: Tensor, b: Tensor) => Tensor): Operator => ({
  order: "together",
  typedBy: 7,
  run: call => {
    const { tf } = call
    const real = run(
      tf,
      dequantized(tf, call.x, gridAt(call, 1)),
      dequantized(tf, call.tensor(3), gridAt(call, 4)),
    )
    return quantized(tf, real, gridAt(call, 6), rangeOf(call))
  },
})

/** Of one input: its grid in inputs 1 and 2, that of the output in 3 and 4. */
const single = (order: Operator["order"], run: (call: Call, x: Tensor) => Tensor): Operator => ({
  order,
  typedBy: 4,
  run: call => {
    const real = run(call, dequantized(call.tf, call.x, gridAt(call, 1)))
    return quantized(call.tf, real, gridAt(call, 3), rangeOf(call))
  },
})

/** Output scale and zero point, then three inputs a part. */
function qLinearConcat(call: Call): Tensor {
  const { tf } = call
  const parts = Array.from({ length: (call.count - 2) / 3 }, (_, i) =>
    dequantized(tf, call.tensor(2 + 3 * i), gridAt(call, 3 + 3 * i)),
  )
  const axis = call.axis(call.number("axis", 0), parts[0]!.rank)
  return quantized(tf, tf.concat(parts, axis), gridAt(call, 0), rangeOf(call))
}

/** Images are channels last here, whatever the node calls them. */
function noChannelsLast(call: Call): void {
  if (call.number("channels_last", 0) !== 0) throw new TypeError("channels_last is set")
}

const quantizeLinear: Operator = { order: "axes", typedBy: 2, run: quantize }
const dequantizeLinear: Operator = { order: "axes", run: dequantize }

export const quantised: Readonly<Record<string, Operator>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: { order: "same", run: dynamic },
  ConvInteger: { order: "last", run: convInteger },
  QLinearConv: { order: "last", typedBy: 7, run: qLinearConv },
  MatMulInteger: { order: "file", run: matMulInteger },
  QLinearMatMul: { order: "file", typedBy: 7, run: qLinearMatMul },
  "com.microsoft.QuantizeLinear": quantizeLinear,
  "com.microsoft.DequantizeLinear": dequantizeLinear,
  "com.microsoft.QGemm": { order: "file", typedBy: 8, run: qGemm },
  "com.microsoft.DynamicQuantizeMatMul": { order: "file", run: call => matMulToFloat(call, true) },
  "com.microsoft.MatMulIntegerToFloat": { order: "file", run: call => matMulToFloat(call, false) },
  "com.microsoft.QLinearAdd": pairwise((tf, a, b) => tf.add(a, b)),
  "com.microsoft.QLinearMul": pairwise((tf, a, b) => tf.mul(a, b)),
  "com.microsoft.QLinearConcat": { order: "together", typedBy: 1, run: qLinearConcat },
  "com.microsoft.QLinearSigmoid": single("same", ({ tf }, x) => tf.sigmoid(x)),
  "com.microsoft.QLinearLeakyRelu": single("same", (call, x) =>
    call.tf.leakyRelu(x, call.number("alpha", 0.01)),
  ),
  "com.microsoft.QLinearSoftmax": single("file", (call, x) => {
    if (call.axis(call.number("axis", -1)) !== x.rank - 1) throw new TypeError("its axis is not the last one")
    return call.tf.softmax(x)
  }),
  "com.microsoft.QLinearGlobalAveragePool": single("last", (call, x) => {
    noChannelsLast(call)
    return call.tf.mean(
      x,
      x.shape.slice(1, -1).map((_, i) => i + 1),
      true,
    )
  }),
  "com.microsoft.QLinearAveragePool": single("last", (call, x) => {
    noChannelsLast(call)
    return averaged(call, x)
  }),
}
