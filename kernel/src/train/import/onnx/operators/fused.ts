// com.microsoft: what onnxruntime's optimiser makes of the parts of an encoder. Floats; the quantised ones are in quantised.ts.

import type { Call, Operator, Tensor } from "../Operator.js"
import { gelu } from "./activation.js"
import { matMul } from "./linear.js"

const biased = (call: Call): Tensor => (call.given(1) ? call.tf.add(call.x, call.tensor(1)) : call.x)

/** Sum of a layer's input, what it gave and a bias, normalised over the last axis; the sum is the fourth output. */
function skipNorm(call: Call, byMean: boolean): Tensor[] {
  const { tf } = call
  const bias = call.optional(byMean ? 4 : 3)
  const both = tf.add(call.x, call.tensor(1))
  const sum = bias === undefined ? both : tf.add(both, bias)
  const mean = tf.mean(sum, -1, true)
  const around = byMean ? tf.sub(sum, mean) : sum
  const deviation = tf.rsqrt(tf.add(tf.mean(tf.square(around), -1, true), call.number("epsilon", 1e-12)))
  const scaled = tf.mul(tf.mul(around, deviation), call.tensor(2))
  const shift = byMean ? call.optional(3) : undefined
  const result = shift === undefined ? scaled : tf.add(scaled, shift)
  return [result, mean, deviation, sum].slice(0, Math.max(1, call.outputs))
}

function fusedMatMul(call: Call): Tensor {
  const { tf, x } = call
  if (call.number("transBatchA", 0) !== 0 || call.number("transBatchB", 0) !== 0)
    throw new TypeError("transBatchA or transBatchB is set")
  const turned = (tensor: Tensor, name: string) => {
    if (call.number(name, 0) === 0) return tensor
    const perm = tensor.shape.map((_, i) => i)
    return tf.transpose(tensor, [...perm.slice(0, -2), perm.at(-1)!, perm.at(-2)!])
  }
  return tf.mul(matMul(tf, turned(x, "transA"), turned(call.tensor(1), "transB")), call.number("alpha", 1))
}

export const fused: Readonly<Record<string, Operator>> = {
  "com.microsoft.Gelu": { order: "same", run: call => gelu(call.tf, call.x, false) },
  "com.microsoft.BiasGelu": { order: "file", run: call => gelu(call.tf, biased(call), false) },
  "com.microsoft.FastGelu": { order: "file", run: call => gelu(call.tf, biased(call), true) },
  "com.microsoft.QuickGelu": {
    order: "same",
    run: call => call.tf.mul(call.x, call.tf.sigmoid(call.tf.mul(call.x, call.number("alpha", 1.702)))),
  },
  "com.microsoft.FusedMatMul": { order: "file", run: fusedMatMul },
  "com.microsoft.SkipLayerNormalization": { order: "file", run: call => skipNorm(call, true) },
  "com.microsoft.SkipSimplifiedLayerNormalization": { order: "file", run: call => skipNorm(call, false) },
}
