// Whole numbers that stand for broken ones: how they are made, saturate and are undone. They are computed with as they are
// in onnxruntime, and learn as if they were the broken ones: a gradient passes where nothing saturates. Products of whole
// numbers are made in 32-bit floats, exact up to 2^24.

import type { Call, Tensor, Tf } from "../Operator.js"
import { fileAxes } from "../Value.js"

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  U4: [0, 15],
  I4: [-8, 7],
  U8: [0, 255],
  I8: [-128, 127],
  U16: [0, 65_535],
  I16: [-32_768, 32_767],
}
/** ONNX's numbers of the types that a node may name as its output's. */
const named: Readonly<Record<number, string>> = { 2: "U8", 3: "I8", 4: "U16", 5: "I16", 21: "U4", 22: "I4" }

/** What the output saturates at: its zero point's type, which is a byte where there is none. */
export function rangeOf(call: Call): readonly [number, number] {
  const type = call.text("stored", named[call.number("output_dtype", 2)] ?? "U8")
  const range = ranges[type]
  if (range === undefined)
    throw new TypeError(`its zero point is of type ${type}, and known are ${Object.keys(ranges).join(", ")}`)
  return range
}

export interface Grid {
  readonly scale: Tensor
  readonly zero: Tensor | undefined
}

/** Rounded to even, moved by the zero point, cut off at the ends of the type. */
export function quantized(
  tf: Tf,
  x: Tensor,
  { scale, zero }: Grid,
  [low, high]: readonly [number, number],
): Tensor {
  const moved = (value: Tensor) => {
    const rounded = tf.round(tf.div(value, scale))
    return zero === undefined ? rounded : tf.add(rounded, tf.cast(zero, "float32"))
  }
  const straight = tf.customGrad((...args) => {
    const value = args[0] as Tensor
    const save = args[1] as (tensors: Tensor[]) => void
    const free = moved(value)
    const inside = tf.logicalAnd(tf.greaterEqual(free, low), tf.lessEqual(free, high))
    save([scale, inside])
    return {
      value: tf.cast(tf.clipByValue(free, low, high), "int32"),
      gradFunc: (dy: Tensor, [by, kept]: Tensor[]) =>
        tf.div(tf.mul(dy, tf.cast(kept!, "float32")), by!) as never,
    } as never
  })
  return straight(tf.cast(x, "float32"))
}

export function dequantized(tf: Tf, x: Tensor, { scale, zero }: Grid): Tensor {
  return tf.mul(lifted(tf, x, zero), scale)
}

/** Whole numbers without their zero point, as floats. */
export function lifted(tf: Tf, x: Tensor, zero: Tensor | undefined): Tensor {
  const floats = tf.cast(x, "float32")
  return zero === undefined ? floats : tf.sub(floats, tf.cast(zero, "float32"))
}

/** A scale or zero point along one axis of `x`, in blocks of it, or of everything, in a shape that broadcasts. */
export function alongAxis(call: Call, values: Tensor | undefined, axis: number): Tensor | undefined {
  const { tf, x } = call
  if (values === undefined || values.size === 1) return values && tf.reshape(values, [])
  if (values.rank === 1)
    return tf.reshape(
      values,
      x.shape.map((_, i) => (i === axis ? values.size : 1)),
    )
  const lying = call.order === "last" ? tf.transpose(values, fileAxes("last", values.rank)) : values
  const block = call.number("block_size", 1)
  const blocks = lying.shape[axis]!
  const apart = [...lying.shape.slice(0, axis + 1), 1, ...lying.shape.slice(axis + 1)]
  const wide = tf.tile(
    tf.reshape(lying, apart),
    apart.map((_, i) => (i === axis + 1 ? block : 1)),
  )
  const shape = lying.shape.map((length, i) => (i === axis ? blocks * block : length))
  const begin = shape.map(() => 0)
  return tf.slice(tf.reshape(wide, shape), begin, x.shape)
}

/** Scale and zero point in two inputs after one another. */
export function gridAt(call: Call, i: number): Grid {
  return { scale: call.tensor(i), zero: call.optional(i + 1) }
}
