// Matrix products, with the bias and activation that tfjs fuses into them.

import { add, broadcastTo, dotGeneral, reshape, unary } from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import { broadcastShapes } from "../../ir/types.js"
import { elu, leakyRelu, prelu, relu, relu6 } from "./elementwise.js"
import type { AB, KernelTable } from "./table.js"

interface MatMulAttrs {
  readonly transposeA: boolean
  readonly transposeB: boolean
}

export interface FusedInputs {
  readonly bias?: Node
  readonly preluActivationWeights?: Node
}

export interface FusedAttrs {
  readonly activation?: "linear" | "relu" | "prelu" | "relu6" | "elu" | "leakyrelu" | "sigmoid"
  readonly leakyreluAlpha?: number
}

/** What follows a fused product or convolution. */
export function finish(y: Node, inputs: FusedInputs, attrs: FusedAttrs): Node {
  const biased = inputs.bias === undefined ? y : add(y, inputs.bias)
  const activation = attrs.activation ?? "linear"
  switch (activation) {
    case "linear":
      return biased
    case "relu":
      return relu(biased)
    case "relu6":
      return relu6(biased)
    case "elu":
      return elu(biased)
    case "sigmoid":
      return unary("logistic", biased)
    case "leakyrelu":
      return leakyRelu(biased, attrs.leakyreluAlpha ?? 0.2)
    case "prelu":
      return prelu(biased, inputs.preluActivationWeights!)
    default:
      return activation satisfies never
  }
}

export function matMul(a: Node, b: Node, { transposeA, transposeB }: MatMulAttrs): Node {
  const batch = broadcastShapes(a.type.shape.slice(0, -2), b.type.shape.slice(0, -2))
  const [left, right] = [batched(a, batch), batched(b, batch)]
  const rank = batch.length
  const axes = batch.map((_, i) => i)
  return dotGeneral(left, right, {
    batch: [axes, axes],
    contract: [[rank + (transposeA ? 0 : 1)], [rank + (transposeB ? 1 : 0)]],
  })
}

/** tfjs gives plain matrices a batch axis of 1; without it XLA has a plain product. */
function batched(x: Node, batch: readonly number[]): Node {
  return broadcastTo(x, [...batch, ...x.type.shape.slice(-2)])
}

function product({ a, b }: AB, attrs: MatMulAttrs): Node {
  if (a.type.shape.length < 2 || b.type.shape.length < 2)
    throw new RangeError(`matMul takes matrices, not [${a.type.shape}] and [${b.type.shape}]`)
  const flat = [a, b].every(x => x.type.shape.slice(0, -2).every(size => size === 1))
  if (!flat) return matMul(a, b, attrs)
  const rank = Math.max(a.type.shape.length, b.type.shape.length)
  const y = matMul(reshape(a, a.type.shape.slice(-2)), reshape(b, b.type.shape.slice(-2)), attrs)
  return reshape(y, [...new Array<number>(rank - 2).fill(1), ...y.type.shape])
}

export const linear: KernelTable = {
  BatchMatMul: product,
  _FusedMatMul: (inputs: AB & FusedInputs, attrs: MatMulAttrs & FusedAttrs) =>
    finish(product(inputs, attrs), inputs, attrs),
}
