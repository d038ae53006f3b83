// The Fourier transform, the one operation on complex numbers.

import type { Node } from "./node.js"
import { type Call, callText, i64s, tensorText } from "./stablehloForm.js"
import type { Emitted } from "./stablehloRow.js"
import type { TensorType } from "./types.js"

/** Complex numbers exist only inside these lines: split, transformed, put side by side again. */
export function fftLines(node: Node<"fft">, [x]: readonly string[], name: string): Emitted {
  const { shape } = node.type
  const last = shape.length - 1
  const part: TensorType = { dtype: "f32", shape: shape.slice(0, -1) }
  const column: TensorType = { dtype: "f32", shape: [...part.shape, 1] }
  const numbers = `tensor<${part.shape.map(size => `${size}x`).join("")}complex<f32>>`
  const [flat, real] = [tensorText(node.type), tensorText(part)]
  const lines: string[] = []
  for (const [i, side] of ["re", "im"].entries()) {
    const slice: Call = {
      op: "stablehlo.slice",
      inputs: [x!],
      types: [node.type],
      attrs: {
        start_indices: i64s([...part.shape.map(() => 0), i]),
        limit_indices: i64s([...part.shape, i + 1]),
        strides: i64s(shape.map(() => 1)),
      },
    }
    const reshape: Call = { op: "stablehlo.reshape", inputs: [`${name}_${side}1`], types: [column] }
    lines.push(
      `${name}_${side}1 = ${callText(slice, [column])}`,
      `${name}_${side} = ${callText(reshape, [part])}`,
    )
  }
  const kind = node.attrs.inverse ? "IFFT" : "FFT"
  lines.push(
    `${name}_c = "stablehlo.complex"(${name}_re, ${name}_im) : (${real}, ${real}) -> ${numbers}`,
    `${name}_f = "stablehlo.fft"(${name}_c) {fft_type = #stablehlo<fft_type ${kind}>, ` +
      `fft_length = ${i64s([shape[last - 1]!])}} : (${numbers}) -> ${numbers}`,
  )
  for (const [side, op] of [
    ["re", "real"],
    ["im", "imag"],
  ]) {
    const reshape: Call = { op: "stablehlo.reshape", inputs: [`${name}_${op}`], types: [part] }
    lines.push(
      `${name}_${op} = "stablehlo.${op}"(${name}_f) : (${numbers}) -> ${real}`,
      `${name}_${side}2 = ${callText(reshape, [column])}`,
    )
  }
  lines.push(
    `${name} = "stablehlo.concatenate"(${name}_re2, ${name}_im2) {dimension = ${last} : i64} : ` +
      `(${tensorText(column)}, ${tensorText(column)}) -> ${flat}`,
  )
  return { lines }
}
