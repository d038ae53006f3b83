// Matrix products. With known weights they are dense layers.

import type { Building, Operator, Tensor, Tf } from "../Operator.js"
import type { Known, Live, Value } from "../Value.js"

export function matMul(tf: Tf, a: Tensor, b: Tensor): Tensor {
  // A vector is a matrix of one row, or of one column, which goes again afterwards.
  const left = a.rank === 1 ? tf.expandDims(a, 0) : a
  const right = b.rank === 1 ? tf.expandDims(b, 1) : b
  const product = tf.matMul(left, right)
  const dims = [...product.shape]
  if (b.rank === 1) dims.splice(-1, 1)
  if (a.rank === 1) dims.splice(b.rank === 1 ? -1 : -2, 1)
  return dims.length === product.rank ? product : tf.reshape(product, dims)
}

function denseLayer(
  { tf, name, layer, put }: Building,
  x: Live,
  { kernel, shape, bias }: { kernel: Float32Array; shape: [number, number]; bias: Known | undefined },
): readonly Value[] {
  const weights = [tf.tensor2d(kernel, shape)]
  if (bias !== undefined) weights.push(tf.tensor1d(bias.data as Float32Array) as never)
  const dense = tf.layers.dense({ units: shape[1], useBias: bias !== undefined, weights, name })
  const made = layer(dense, [put(x, "file")], "file")
  for (const weight of weights) weight.dispose()
  return [made]
}

function transposed({ data, shape }: Known): Float32Array {
  const [rows, columns] = shape as [number, number]
  const result = new Float32Array(data.length)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j]!
  return result
}

function gemmLayer(building: Building): readonly Value[] | undefined {
  const { node, live, known, inputs } = building
  const [x, kernel, bias] = [live(0), known(1), known(2)]
  if (x === undefined || kernel?.weight === undefined || x.dims.length !== 2) return undefined
  if (inputs[2] !== undefined && bias === undefined) return undefined
  if (node.number("alpha", 1) !== 1 || node.number("beta", 1) !== 1 || node.number("transA", 0) !== 0)
    return undefined
  const turned = node.number("transB", 0) !== 0
  const shape = (turned ? [kernel.shape[1]!, kernel.shape[0]!] : [...kernel.shape]) as [number, number]
  if (bias !== undefined && (bias.data.length !== shape[1] || bias.weight === undefined)) return undefined
  return denseLayer(building, x, {
    kernel: turned ? transposed(kernel) : (kernel.data as Float32Array),
    shape,
    bias,
  })
}

function matMulLayer(building: Building): readonly Value[] | undefined {
  const [x, kernel] = [building.live(0), building.known(1)]
  if (x === undefined || kernel?.weight === undefined || kernel.shape.length !== 2 || x.dims.length < 2)
    return undefined
  if (typeof x.dims.at(-1) !== "number" || x.type !== "float32") return undefined
  const shape = [...kernel.shape] as [number, number]
  const next = building.biasAfter(shape[1])
  return denseLayer(building, x, { kernel: kernel.data as Float32Array, shape, bias: next })
}

/** Without an arrow, the result has the letters that occur once. */
function explicit(equation: string): string {
  if (equation.includes("->")) return equation
  const letters = [...equation.replaceAll(",", "")].sort()
  return `${equation}->${letters.filter(letter => letters.indexOf(letter) === letters.lastIndexOf(letter)).join("")}`
}

export const linear: Readonly<Record<string, Operator>> = {
  MatMul: { order: "file", run: call => matMul(call.tf, call.x, call.tensor(1)), build: matMulLayer },
  Gemm: {
    order: "file",
    run: call => {
      const { tf, x } = call
      const [alpha, beta] = [call.number("alpha", 1), call.number("beta", 1)]
      const product = tf.matMul(
        x,
        call.tensor(1),
        call.number("transA", 0) !== 0,
        call.number("transB", 0) !== 0,
      )
      const scaled = alpha === 1 ? product : tf.mul(product, alpha)
      const bias = call.optional(2)
      return bias === undefined ? scaled : tf.add(scaled, beta === 1 ? bias : tf.mul(bias, beta))
    },
    build: gemmLayer,
  },
  Einsum: {
    order: "file",
    run: call => call.tf.einsum(explicit(call.text("equation", "").replaceAll(" ", "")), ...call.tensors()),
  },
}
