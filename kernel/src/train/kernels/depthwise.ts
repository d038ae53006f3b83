// Depthwise convolutions as sums of shifted images, for CPUs: XLA's CPU compiler has no fast kernel for convolutions in
// groups, and fuses these sums into one loop (measured 3 to 5 times faster for windows of 3x3 and 5x5, both directions).

import {
  add,
  broadcastInDim,
  concatenate,
  constant,
  multiply,
  pad,
  reduce,
  reshape,
  reverse,
  slice,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import type { WindowInfo } from "./convolution.js"

/** Taps up to here are written out one by one. */
const mostTaps = 49

/** One output a channel, two spatial axes, 32-bit floats. */
export function shiftsWell(filter: readonly number[], dtype: string): boolean {
  const [height, width, , multiplier] = filter as [number, number, number, number]
  return filter.length === 4 && multiplier === 1 && dtype === "f32" && height * width <= mostTaps
}

/** Filter [height, width, channels, 1]. */
export function shiftedForward(x: Node, filter: Node, info: WindowInfo): Node {
  const sums = taps(x, info).map(({ image, at }) =>
    multiply(image, broadcastInDim(tapOf(filter, at), image.type.shape, [3])),
  )
  return sums.reduce((a, b) => add(a, b))
}

/**
 * The gradient of the input: what came from above, spread by the stride, under the window seen from the other side. Where the
 * last places of the input are in no window, they get nothing.
 */
export function shiftedInputGradient(dy: Node, filter: Node, info: WindowInfo): Node {
  const [height, width] = info.filter as [number, number]
  const turned = reverse(filter, [0, 1])
  const spread = dy.type.shape.slice(1, 3).map((length, i) => (length - 1) * info.strides[i]! + 1)
  const reach = [height, width].map((size, i) => (size - 1) * info.dilations[i]!)
  const low = reach.map((size, i) => size - info.padding[i]![0])
  const high = info.input.map((length, i) => length + reach[i]! - spread[i]! - low[i]!)
  const wide = pad(dy, constant(0, { dtype: dy.type.dtype, shape: [] }), {
    low: [0, low[0]!, low[1]!, 0],
    high: [0, high[0]!, high[1]!, 0],
    interior: [0, info.strides[0]! - 1, info.strides[1]! - 1, 0],
  })
  const ones = [1, 1]
  const plain = {
    ...info,
    strides: ones,
    padding: [
      [0, 0],
      [0, 0],
    ] as const,
    output: info.input,
    input: spread,
  }
  return shiftedForward(wide, turned, plain)
}

/** The gradient of the filter: each tap's is the sum of its image times what came from above. */
export function shiftedFilterGradient(x: Node, dy: Node, info: WindowInfo): Node {
  const channels = x.type.shape[3]!
  const parts = taps(x, info).map(({ image }) =>
    reshape(reduce("add", multiply(image, dy), [0, 1, 2]), [1, channels]),
  )
  return reshape(concatenate(parts, 0), [...info.filter, channels, 1])
}

interface Tap {
  readonly at: readonly [number, number]
  /** What this tap of the window sees, place by place of the output. */
  readonly image: Node
}

function taps(x: Node, { filter, strides, dilations, padding, output }: WindowInfo): Tap[] {
  const [batch, , , channels] = x.type.shape as [number, number, number, number]
  const [[top, bottom], [left, right]] = padding as [[number, number], [number, number]]
  const zero = constant(0, { dtype: x.type.dtype, shape: [] })
  const wide = pad(x, zero, { low: [0, top, left, 0], high: [0, bottom, right, 0], interior: [0, 0, 0, 0] })
  const [height, width] = filter as [number, number]
  return Array.from({ length: height * width }, (_, i): Tap => {
    const at = [Math.floor(i / width), i % width] as const
    const from = at.map((place, axis) => place * dilations[axis]!)
    const to = from.map((start, axis) => start + (output[axis]! - 1) * strides[axis]! + 1)
    const limits = [batch, to[0]!, to[1]!, channels]
    return { at, image: slice(wide, [0, from[0]!, from[1]!, 0], limits, [1, strides[0]!, strides[1]!, 1]) }
  })
}

function tapOf(filter: Node, [row, column]: readonly [number, number]): Node {
  const channels = filter.type.shape[2]!
  return reshape(slice(filter, [row, column, 0, 0], [row + 1, column + 1, channels, 1]), [channels])
}
