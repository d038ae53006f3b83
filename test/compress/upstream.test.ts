// Equal to onnxruntime's own Python quantiser, to the bit, on vectors that vectors/ort_quantization.py recorded from
// onnxruntime 1.32.0: scales and zero points of ranges, weights a channel, and every integer of a small network.
import { describe, expect, test } from "vitest"
import {
  type Affine,
  affineOf,
  type Integers,
  type Range,
  reducedInt8,
  symmetricInt8,
} from "../../kernel/src/compress/quantize/affine.js"
import { channelScales, quantizeChannels } from "../../kernel/src/compress/quantize/weights.js"
import { vectors } from "../scale/vectors.js"

interface RangeCase {
  readonly kind: "range"
  readonly range: Range
  readonly integers: Integers
  readonly symmetric: boolean
  readonly affine: Affine
}

interface WeightCase {
  readonly kind: "weight"
  readonly shape: number[]
  readonly axis: number
  readonly reduceRange: boolean
  readonly data: number[]
  readonly integers: number[]
  readonly scales: number[]
}

type Case = RangeCase | WeightCase | { readonly kind: "network" }
const cases = vectors<Case>("ort_quantization")

test("scales and zero points", () => {
  const ranges = cases.filter(one => one.kind === "range")
  expect(ranges.length).toBeGreaterThan(400)
  for (const { range, integers, symmetric, affine } of ranges)
    expect({ range, symmetric, ...affineOf(range, integers, symmetric) }).toEqual({
      range,
      symmetric,
      ...affine,
    })
})

describe("weights, a scale a channel", () => {
  const weights = cases.filter(one => one.kind === "weight")
  test.each(weights)("$shape along $axis, seven bits: $reduceRange", one => {
    const weight = { shape: one.shape, data: Float32Array.from(one.data) }
    const scales = channelScales(weight, one.axis, one.reduceRange ? reducedInt8 : symmetricInt8)
    expect([...scales]).toEqual(one.scales)
    expect([...quantizeChannels(weight, one.axis, scales)]).toEqual(one.integers)
  })
})
