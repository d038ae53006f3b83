// Weights and biases as integers. Each output channel of a weight has its own scale, because channels differ by orders of
// magnitude after batch normalisation is folded in, and int8 kernels multiply by the scale once a channel anyway.

import type { Constant } from "../../onnx/Graph.js"
import { affineOf, type Integers, quantizeInto, type Range, roundHalfEven, symmetricInt8 } from "./affine.js"

export interface FloatConstant extends Constant {
  readonly data: Float32Array
}

export function isFloat(constant: Constant | undefined): constant is FloatConstant {
  return constant?.data instanceof Float32Array
}

/** Symmetric scales, a channel of `axis` each. */
export function channelScales(
  { data, shape }: FloatConstant,
  axis: number,
  integers: Integers,
): Float32Array {
  const scales = new Float32Array(shape[axis]!)
  const ranges = channelRanges(data, shape, axis)
  for (const [channel, range] of ranges.entries()) scales[channel] = affineOf(range, integers, true).scale
  return scales
}

/** The weight as int8, each channel of `axis` by its scale. */
export function quantizeChannels(
  { data, shape }: FloatConstant,
  axis: number,
  scales: Float32Array,
): Int8Array {
  const integers = new Int8Array(data.length)
  const run = runLength(shape, axis)
  for (let from = 0, channel = 0; from < data.length; from += run) {
    const part = data.subarray(from, from + run)
    quantizeInto(
      integers.subarray(from, from + run),
      part,
      { scale: scales[channel]!, zero: 0 },
      symmetricInt8,
    )
    channel = (channel + 1) % scales.length
  }
  return integers
}

function channelRanges(data: Float32Array, shape: readonly number[], axis: number): Range[] {
  const channels = shape[axis]!
  const run = runLength(shape, axis)
  const ranges = Array.from({ length: channels }, () => ({ min: Infinity, max: -Infinity }))
  for (let i = 0; i < data.length; i++) {
    const range = ranges[Math.floor(i / run) % channels]!
    const value = data[i]!
    if (value < range.min) range.min = value
    if (value > range.max) range.max = value
  }
  return ranges
}

/** Numbers of one channel that lie side by side. */
function runLength(shape: readonly number[], axis: number): number {
  return shape.slice(axis + 1).reduce((size, length) => size * length, 1)
}

const int32 = { low: -(2 ** 31), high: 2 ** 31 - 1 }

/**
 * Weight scales, some raised so that each bias fits 32 bits: a bias is counted in units of input scale times weight scale,
 * and a channel of tiny weights with a plain bias would run over. As onnxruntime does it, margin included.
 */
export function scalesForBias(scales: Float32Array, bias: Float32Array, inputScale: number): Float32Array {
  return scales.map((scale, channel) => {
    const smallest = Math.fround(Math.fround(1.0001) * 2 * Math.abs(bias[channel]!)) / (2 * int32.high)
    const planned = inputScale * scale
    return planned < smallest ? scale * (smallest / planned) : scale
  })
}

/** The bias in units of input scale times weight scale, and these units. */
export function quantizeBias(bias: Float32Array, inputScale: number, weightScales: Float32Array) {
  const scales = weightScales.map(scale => inputScale * scale)
  const data = Int32Array.from(bias, (value, channel) =>
    Math.min(Math.max(roundHalfEven(value / scales[channel]!), int32.low), int32.high),
  )
  return { data, scales }
}
