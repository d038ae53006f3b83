// The map between numbers and small integers: x = scale * (q - zero). The arithmetic is onnxruntime's to the bit (its
// Python quantiser is the oracle of test/compress), because the runtime redoes it when the model runs: scales are float32,
// quotients are rounded to float32, halves go to the even neighbour.

/** What values lie between. */
export interface Range {
  readonly min: number
  readonly max: number
}

/** The integers to use, both ends included. */
export interface Integers {
  readonly low: number
  readonly high: number
}

export interface Affine {
  readonly scale: number
  readonly zero: number
}

/**
 * For activations. Unsigned: around an int8 tensor that two operations read (every residual sum), onnxruntime 1.30 and 1.32
 * on x86 leave the convolutions in float32, upstream's own files included. The speed is the same otherwise.
 */
export const uint8: Integers = { low: 0, high: 255 }
/** For weights: as far below zero as above, so that zero needs no offset. */
export const symmetricInt8: Integers = { low: -127, high: 127 }
/**
 * Seven bits, for weights that every processor adds up rightly. Without VNNI (AMD before Zen 4, much of Intel before 2021)
 * x86 adds two products of a uint8 and an int8 in 16 bits and cuts off what does not fit: 2 * 255 * 127 does not,
 * 2 * 255 * 64 does.
 */
export const reducedInt8: Integers = { low: -64, high: 64 }

/** Below this a float32 loses precision, and a scale is no use. */
const smallestScale = 2 ** -126

/** Scale and zero point for values in a range, which is widened to hold 0 so that 0 stays exact. */
export function affineOf(range: Range, { low, high }: Integers, symmetric = false): Affine {
  let min = Math.min(Math.fround(range.min), 0)
  let max = Math.max(Math.fround(range.max), 0)
  if (symmetric) {
    max = Math.max(-min, max)
    min = -max
  }
  const scale = (max - min) / (high - low)
  if (scale < smallestScale) return { scale: 1, zero: 0 }
  const zero = roundHalfEven(symmetric ? (low + high) / 2 : low - min / scale)
  return { scale: Math.fround(scale), zero }
}

/** `into` takes the integers of `from`, cut to those there are. */
export function quantizeInto(
  into: Int8Array | Uint8Array,
  from: Float32Array,
  { scale, zero }: Affine,
  { low, high }: Integers,
): void {
  for (let i = 0; i < from.length; i++) {
    const integer = roundHalfEven(Math.fround(from[i]! / scale)) + zero
    into[i] = Math.min(Math.max(integer, low), high)
  }
}

/** The number that an integer stands for. */
export function dequantized(integer: number, { scale, zero }: Affine): number {
  return Math.fround((integer - zero) * scale)
}

/** Math.round takes halves up, which would shift every value that lies on one. Never -0. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value)
  return (rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded) + 0
}
