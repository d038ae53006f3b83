// What onnxruntime can compute on int8, as far as networks here use it. An operation without a row is computed in float32,
// between a dequantisation and a quantisation. The final softmax or sigmoid has none on purpose: probabilities near 0 and 1
// need more than 256 steps.

export type Int8Operation =
  /** Multiplies by constant weights, one scale for each index of their `channelAxis`. */
  | { readonly kind: "weights"; readonly channelAxis: number; readonly givesFloat: boolean }
  /** Computes on quantised values, into a scale of its own. */
  | { readonly kind: "values" }
  /** Moves numbers about, or picks some: integers in, the same integers out, one scale for both. */
  | { readonly kind: "moves" }

/** `givesFloat`: the kernel can leave its sum in float32, as onnxruntime's for matrices does, but not that of Conv. */
export const int8Operations: Readonly<Record<string, Int8Operation>> = {
  Conv: { kind: "weights", channelAxis: 0, givesFloat: false },
  Gemm: { kind: "weights", channelAxis: 1, givesFloat: true },
  MatMul: { kind: "weights", channelAxis: 1, givesFloat: true },
  Add: { kind: "values" },
  Mul: { kind: "values" },
  Concat: { kind: "values" },
  AveragePool: { kind: "values" },
  GlobalAveragePool: { kind: "values" },
  LeakyRelu: { kind: "values" },
  MaxPool: { kind: "moves" },
  Flatten: { kind: "moves" },
  Reshape: { kind: "moves" },
  Transpose: { kind: "moves" },
}

/** Cut off at zero, which the lowest integer does as well when it stands for zero. */
export const rectifiers: ReadonlySet<string> = new Set(["Relu", "Clip"])
