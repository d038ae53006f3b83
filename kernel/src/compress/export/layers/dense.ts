// Dense layers. After a Flatten of channels-first numbers the kernel's rows are put into that order, which costs nothing
// at run time.

import { type LayerCall, type LayerRow, row } from "../LayerCall.js"
import { type Folded, isFolded, type Value } from "../Value.js"
import { permuted, reshaped, type Weight } from "../Weight.js"
import { activate } from "./activation.js"

interface DenseConfig {
  readonly activation: string
}

const dense = row<DenseConfig>(call => {
  const out = call.input.shape.length === 1 ? gemm(call) : matmul(call)
  return activate(call, out, call.config.activation)
})

function gemm(call: LayerCall<DenseConfig>): Value {
  const [kernel, bias] = call.weights
  const weights = [foldedWeight(call, "kernel", kernel!)]
  if (bias !== undefined) weights.push(call.weight("bias", bias))
  return call.node("Gemm", [call.input, ...weights], { layout: "last" })
}

/** Along the last axis of anything with more axes than one. */
function matmul(call: LayerCall<DenseConfig>): Value {
  const [kernel, bias] = call.weights
  const product = call.node("MatMul", [call.last, call.weight("kernel", kernel!)], { layout: "last" })
  if (bias === undefined) return product
  return call.node("Add", [product, call.weight("bias", bias)], { part: "biased", layout: "last" })
}

/** A weight that has one row an input, in the order the input's numbers lie in. */
export function foldedWeight(call: LayerCall<unknown>, part: string, weight: Weight): string {
  const { layout } = call.input
  if (!isFolded(layout)) return call.weight(part, weight)
  const { channels, spatial } = layout
  return call.weight(`${part}/${channels}x${spatial}`, folded(weight, layout))
}

function folded(weight: Weight, { spatial, channels }: Folded): Weight {
  const [, ...rest] = weight.shape
  const apart = reshaped(weight, [spatial, channels, ...rest])
  const turned = permuted(apart, [1, 0, ...rest.map((_, axis) => axis + 2)])
  return reshaped(turned, weight.shape)
}

export const denseRows: Readonly<Record<string, LayerRow>> = { Dense: dense }
