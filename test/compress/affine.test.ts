// What quantising promises whatever the numbers are.
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  affineOf,
  dequantized,
  type Integers,
  quantizeInto,
  reducedInt8,
  roundHalfEven,
  symmetricInt8,
  uint8,
} from "../../kernel/src/compress/quantize/affine.js"
import {
  channelScales,
  quantizeBias,
  quantizeChannels,
  scalesForBias,
} from "../../kernel/src/compress/quantize/weights.js"

const float = (limit: number) => fc.float({ min: -limit, max: limit, noNaN: true, noDefaultInfinity: true })
const integers = fc.constantFrom(uint8, symmetricInt8, reducedInt8)

function roundTrip(values: readonly number[], range: Integers, symmetric: boolean) {
  const affine = affineOf({ min: Math.min(...values), max: Math.max(...values) }, range, symmetric)
  const quantized = range === uint8 ? new Uint8Array(values.length) : new Int8Array(values.length)
  quantizeInto(quantized, Float32Array.from(values), affine, range)
  return { affine, quantized, back: Array.from(quantized, q => dequantized(q, affine)) }
}

describe("round trip", () => {
  test("is off by half a step, or by one at the ends where the zero point was rounded", () => {
    const values = fc.array(float(1e6), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(values, integers, fc.boolean(), (list, range, symmetric) => {
        const { affine, back } = roundTrip(list, range, symmetric)
        // The scale is a float32, and so is the product: a little more than half a step, in units of the largest value.
        const slack = 1e-5 * Math.max(...list.map(Math.abs))
        // Both ends of the range may round by up to half a step together with the zero point.
        const allowed = symmetric ? affine.scale / 2 : affine.scale
        for (const [i, value] of list.entries())
          expect(Math.abs(value - back[i]!)).toBeLessThanOrEqual(allowed + slack)
      }),
    )
  })

  test("keeps 0 exactly, and order", () => {
    fc.assert(
      fc.property(fc.array(float(100), { minLength: 1, maxLength: 40 }), integers, (list, range) => {
        const sorted = [...list, 0].sort((a, b) => a - b)
        const { back, quantized } = roundTrip(sorted, range, false)
        expect(Math.abs(back[sorted.indexOf(0)]!)).toBe(0)
        for (let i = 1; i < quantized.length; i++)
          expect(quantized[i]!).toBeGreaterThanOrEqual(quantized[i - 1]!)
      }),
    )
  })

  test("inside the range that the integers span, it is half a step at most", () => {
    const inside = fc.tuple(float(10), float(10), fc.double({ min: 0, max: 1, noNaN: true }))
    fc.assert(
      fc.property(inside, ([a, b, share]) => {
        const affine = affineOf({ min: Math.min(a, b), max: Math.max(a, b) }, uint8)
        const [low, high] = [dequantized(uint8.low, affine), dequantized(uint8.high, affine)]
        const value = Math.fround(low + share * (high - low))
        const quantized = new Uint8Array(1)
        quantizeInto(quantized, Float32Array.of(value), affine, uint8)
        const off = Math.abs(value - dequantized(quantized[0]!, affine))
        expect(off).toBeLessThanOrEqual(affine.scale * (0.5 + 1e-4))
      }),
    )
  })
})

test("halves go to the even neighbour", () => {
  expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49, -7.51].map(roundHalfEven)).toEqual([
    -2, -2, 0, 0, 2, 2, 0, -8,
  ])
})

test("a scale a channel is never worse than one for all", () => {
  const matrix = fc.array(fc.array(float(50), { minLength: 4, maxLength: 4 }), { minLength: 2, maxLength: 6 })
  fc.assert(
    fc.property(matrix, rows => {
      const weight = { shape: [rows.length, 4], data: Float32Array.from(rows.flat()) }
      const scales = channelScales(weight, 0, symmetricInt8)
      const each = quantizeChannels(weight, 0, scales)
      const all = roundTrip([...weight.data], symmetricInt8, true)
      const worst = (off: (i: number) => number) => Math.max(...weight.data.map((_, i) => off(i)))
      const perChannel = worst(i => Math.abs(weight.data[i]! - each[i]! * scales[Math.floor(i / 4)]!))
      const perTensor = worst(i => Math.abs(weight.data[i]! - all.back[i]!))
      expect(perChannel).toBeLessThanOrEqual(Math.max(perTensor, all.affine.scale / 2) * (1 + 1e-5))
    }),
  )
})

test("seven-bit weights never leave what two products may add up to in 16 bits", () => {
  const weight = fc.array(float(1e3), { minLength: 2, maxLength: 20 })
  fc.assert(
    fc.property(weight, list => {
      const { quantized } = roundTrip(list, reducedInt8, true)
      for (const q of quantized) expect(2 * 255 * Math.abs(q)).toBeLessThan(2 ** 15)
    }),
  )
})

test("a bias too large for its scale raises the scale instead of being cut", () => {
  const bias = Float32Array.of(3, 0.5, -2)
  const tiny = Float32Array.of(1e-12, 0.01, 1e-14)
  const scales = scalesForBias(tiny, bias, 0.02)
  expect(scales[1]).toBe(tiny[1])
  const { data, scales: units } = quantizeBias(bias, Math.fround(0.02), scales)
  for (const [i, value] of bias.entries()) expect(data[i]! * units[i]!).toBeCloseTo(value, 3)
})
