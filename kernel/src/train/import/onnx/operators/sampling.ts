// Images read at places that lie between their pixels: GridSample, RoiAlign, DeformConv, and the grids for it. Channels last.

import type { Call, Operator, Tensor } from "../Operator.js"

/** A pixel and its share, along one axis, for each place. */
interface Tap {
  readonly index: Tensor
  readonly weight: Tensor | undefined
}

type Mode = "nearest" | "linear" | "cubic"
type Padding = "zeros" | "border" | "reflection"

function taps({ tf }: Call, at: Tensor, mode: Mode): Tap[] {
  if (mode === "nearest") return [{ index: tf.round(at), weight: undefined }]
  const low = tf.floor(at)
  const part = tf.sub(at, low)
  if (mode === "linear")
    return [
      { index: low, weight: tf.sub(1, part) },
      { index: tf.add(low, 1), weight: part },
    ]
  const a = -0.75
  const cubed = (x: Tensor, c3: number, c2: number, c1: number, c0: number) =>
    tf.add(tf.mul(tf.add(tf.mul(tf.add(tf.mul(x, c3), c2), x), c1), x), c0)
  const near = (x: Tensor) => cubed(x, a + 2, -(a + 3), 0, 1)
  const far = (x: Tensor) => cubed(x, a, -5 * a, 8 * a, -4 * a)
  const rest = tf.sub(1, part)
  return [
    { index: tf.sub(low, 1), weight: far(tf.add(part, 1)) },
    { index: low, weight: near(part) },
    { index: tf.add(low, 1), weight: near(rest) },
    { index: tf.add(low, 2), weight: far(tf.add(rest, 1)) },
  ]
}

/** There and back between two borders. */
function reflected({ tf }: Call, at: Tensor, low: number, high: number): Tensor {
  const range = high - low
  if (range <= 0) return tf.zerosLike(at)
  const along = tf.mod(tf.abs(tf.sub(at, low)), 2 * range)
  return tf.add(tf.sub(range, tf.abs(tf.sub(along, range))), low)
}

interface Ends {
  readonly length: number
  readonly padding: Padding
  readonly low: number
  readonly high: number
}

/** Pixels outside count as zeros, or as others that are inside. */
function inside(call: Call, { index, weight }: Tap, { length, padding, low, high }: Ends): Tap {
  const { tf } = call
  const own = padding === "reflection" ? reflected(call, index, low, high) : index
  const clipped = tf.clipByValue(own, 0, length - 1)
  if (padding !== "zeros") return { index: clipped, weight }
  const counts = tf.cast(tf.equal(clipped, own), "float32")
  return { index: clipped, weight: weight === undefined ? counts : tf.mul(weight, counts) }
}

/** `x`: `[N, ..., C]`; `at`: for each spatial axis the places, `[N, M]`. The result is `[N, M, C]`. */
function sample(
  call: Call,
  x: Tensor,
  at: readonly Tensor[],
  mode: Mode,
  ends: readonly Ends[],
  join: "add" | "maximum" = "add",
): Tensor {
  const { tf } = call
  const lengths = x.shape.slice(1, -1)
  const [rows, places] = at[0]!.shape as [number, number]
  const [images, channels] = [x.shape[0]!, x.shape.at(-1)!]
  const pixels = lengths.reduce((size, length) => size * length, 1)
  const flat = tf.reshape(x, [images * pixels, channels])
  const first = call.constant(
    Array.from({ length: rows }, (_, i) => i * pixels),
    [rows, 1],
    "float32",
  )
  let all: Tap[] = [{ index: first, weight: undefined }]
  for (const [axis, coordinate] of at.entries()) {
    const stride = lengths.slice(axis + 1).reduce((size, length) => size * length, 1)
    const own = taps(call, coordinate, mode).map(tap => inside(call, tap, ends[axis]!))
    all = all.flatMap(tap =>
      own.map(({ index, weight }) => ({
        index: tf.add(tap.index, tf.mul(index, stride)),
        weight:
          tap.weight === undefined ? weight : weight === undefined ? tap.weight : tf.mul(tap.weight, weight),
      })),
    )
  }
  const parts = all.map(({ index, weight }) => {
    const picked = tf.gather(flat, tf.cast(tf.reshape(index, [-1]), "int32") as never)
    const shaped = tf.reshape(picked, [rows, places, channels])
    return weight === undefined ? shaped : tf.mul(shaped, tf.expandDims(weight, -1))
  })
  return parts.reduce((a, b) => tf[join](a, b))
}

function gridSample(call: Call): Tensor {
  const { tf, x } = call
  const grid = call.tensor(1)
  const lengths = x.shape.slice(1, -1)
  const aligned = call.number("align_corners", 0) !== 0
  const named = call.text("mode", "linear")
  const mode = named === "bilinear" ? "linear" : named === "bicubic" ? "cubic" : (named as Mode)
  const padding = call.text("padding_mode", "zeros") as Padding
  const places = grid.shape.slice(1, -1)
  const coordinates = tf.unstack(tf.reshape(grid, [grid.shape[0]!, -1, lengths.length]), -1).reverse()
  const ends = lengths.map(length => ({
    length,
    padding,
    low: aligned ? 0 : -0.5,
    high: aligned ? length - 1 : length - 0.5,
  }))
  const at = coordinates.map((value, axis) => {
    const length = lengths[axis]!
    const real = aligned
      ? tf.mul(tf.add(value, 1), (length - 1) / 2)
      : tf.div(tf.sub(tf.mul(tf.add(value, 1), length), 1), 2)
    const { low, high } = ends[axis]!
    const rounded = mode === "nearest" ? tf.round(real) : real
    if (padding === "border") {
      const clipped = tf.clipByValue(rounded, 0, length - 1)
      const out = tf.logicalOr(tf.less(rounded, low), tf.greater(rounded, high))
      return tf.where(out, clipped, rounded)
    }
    return padding === "reflection" ? reflected(call, rounded, low, high) : rounded
  })
  return tf.reshape(sample(call, x, at, mode, ends), [x.shape[0]!, ...places, x.shape.at(-1)!])
}

/** Each region of an image as a small one: means, or maxima, of what lies between pixels. Regions are the rows that come out. */
function roiAlign(call: Call): Tensor {
  const { tf, x } = call
  const [height, width] = [x.shape[1]!, x.shape[2]!]
  const ratio = call.number("sampling_ratio", 0)
  if (ratio <= 0)
    throw new TypeError("sampling_ratio is 0, so how often it reads an image depends on the regions")
  const half = call.text("coordinate_transformation_mode", "half_pixel") === "half_pixel"
  const regions = tf.sub(tf.mul(call.tensor(1), call.number("spatial_scale", 1)), half ? 0.5 : 0)
  const [x1, y1, x2, y2] = tf.split(regions, 4, 1) as [Tensor, Tensor, Tensor, Tensor]
  const count = regions.shape[0]!
  const [rows, columns] = [call.number("output_height", 1), call.number("output_width", 1)]
  const line = (from: Tensor, to: Tensor, bins: number) => {
    const size = half ? tf.sub(to, from) : tf.maximum(tf.sub(to, from), 1)
    const steps = Array.from({ length: bins * ratio }, (_, i) => (i + 0.5) / (bins * ratio))
    return tf.add(from, tf.mul(size, call.constant(steps, [1, bins * ratio], "float32")))
  }
  const [ys, xs] = [line(y1, y2, rows), line(x1, x2, columns)]
  const [tall, wide] = [rows * ratio, columns * ratio]
  const y = tf.reshape(tf.tile(tf.expandDims(ys, 2), [1, 1, wide]), [count, tall * wide])
  const at = tf.reshape(tf.tile(tf.expandDims(xs, 1), [1, tall, 1]), [count, tall * wide])
  const near = tf.logicalAnd(
    tf.logicalAnd(tf.greaterEqual(y, -1), tf.lessEqual(y, height)),
    tf.logicalAnd(tf.greaterEqual(at, -1), tf.lessEqual(at, width)),
  )
  const images = tf.gather(x, tf.cast(call.tensor(2), "int32") as never)
  const ends = [height, width].map(
    (length): Ends => ({ length, padding: "border", low: 0, high: length - 1 }),
  )
  const clipped = [tf.clipByValue(y, 0, height - 1), tf.clipByValue(at, 0, width - 1)]
  const counts = tf.expandDims(tf.cast(near, "float32"), -1)
  const bins = (values: Tensor) => tf.reshape(values, [count, rows, ratio, columns, ratio, x.shape.at(-1)!])
  const mean = call.text("mode", "avg") === "avg"
  const read = bins(tf.mul(sample(call, images, clipped, "linear", ends, mean ? "add" : "maximum"), counts))
  return mean ? tf.mean(read, [2, 4]) : tf.max(read, [2, 4])
}

/** A convolution whose kernel's elements lie where offsets put them. */
function deformed(call: Call): Tensor {
  const { tf, x } = call
  const [kernel, mask, bias] = [call.tensor(1), call.optional(4), call.optional(3)]
  const offset = call.tensor(2)
  const [kh, kw] = kernel.shape.slice(2) as [number, number]
  const [groups, parts] = [call.number("group", 1), call.number("offset_group", 1)]
  const pads = call.list("pads") ?? [0, 0, 0, 0]
  const [strides, dilations] = [call.list("strides") ?? [1, 1], call.list("dilations") ?? [1, 1]]
  const [rows, , oh, ow] = offset.shape as [number, number, number, number]
  const [size, places] = [kh * kw, oh * ow]
  // [N, parts, kh * kw, 2, places]
  const moves = tf.reshape(offset, [rows, parts, size, 2, places])
  const fixed = (axis: 0 | 1) =>
    Array.from({ length: size * places }, (_, i) => {
      const [k, place] = [Math.floor(i / places), i % places]
      const step = axis === 0 ? Math.floor(k / kw) : k % kw
      const out = axis === 0 ? Math.floor(place / ow) : place % ow
      return out * strides[axis]! - pads[axis]! + step * dilations[axis]!
    })
  const channels = x.shape.at(-1)!
  const own = channels / parts
  const ends = x.shape
    .slice(1, 3)
    .map((length): Ends => ({ length, padding: "zeros", low: 0, high: length - 1 }))
  const read = Array.from({ length: parts }, (_, p) => {
    const image = tf.slice(x, [0, 0, 0, p * own], [rows, x.shape[1]!, x.shape[2]!, own])
    const at = ([0, 1] as const).map(axis => {
      const move = tf.slice(moves, [0, p, 0, axis, 0], [rows, 1, size, 1, places])
      return tf.add(
        tf.reshape(move, [rows, size * places]),
        call.constant(fixed(axis), [1, size * places], "float32"),
      )
    })
    const values = sample(call, image, at, "linear", ends)
    if (mask === undefined) return values
    const share = tf.slice(
      tf.reshape(mask, [rows, parts, size * places]),
      [0, p, 0],
      [rows, 1, size * places],
    )
    return tf.mul(values, tf.reshape(share, [rows, size * places, 1]))
  })
  const all = tf.reshape(read.length === 1 ? read[0]! : tf.concat(read, -1), [rows, size, places, channels])
  const turned = tf.transpose(all, [0, 2, 1, 3])
  const outputs = kernel.shape[0]! / groups
  const made = Array.from({ length: groups }, (_, g) => {
    const inner = channels / groups
    const part = tf.slice(turned, [0, 0, 0, g * inner], [rows, places, size, inner])
    const weights = tf.slice(kernel, [g * outputs, 0, 0, 0], [outputs, inner, kh, kw])
    const matrix = tf.reshape(tf.transpose(weights, [2, 3, 1, 0]), [size * inner, outputs])
    return tf.matMul(tf.reshape(part, [rows * places, size * inner]), matrix)
  })
  const result = tf.reshape(tf.concat(made, -1), [rows, oh, ow, kernel.shape[0]!])
  return bias === undefined ? result : tf.add(result, bias)
}

/** The places that an affine map gives each pixel of an image of the size asked for. */
function affineGrid(call: Call): Tensor {
  const { tf, x } = call
  const lengths = call.numbers(1)!.slice(2)
  const aligned = call.number("align_corners", 0) !== 0
  const places = lengths.reduce((size, length) => size * length, 1)
  const strides = lengths.map((_, axis) => lengths.slice(axis + 1).reduce((size, length) => size * length, 1))
  const base = Array.from({ length: places }, (_, place) => {
    const at = lengths.map((length, axis) => {
      const i = Math.floor(place / strides[axis]!) % length
      if (aligned) return length === 1 ? 0 : (2 * i) / (length - 1) - 1
      return (2 * i + 1) / length - 1
    })
    return [...at.reverse(), 1]
  })
  const rank = lengths.length
  const points = call.constant(base.flat(), [places, rank + 1], "float32")
  const moved = tf.matMul(tf.tile(tf.expandDims(points, 0), [x.shape[0]!, 1, 1]), x, false, true)
  return tf.reshape(moved, [x.shape[0]!, ...lengths, rank])
}

export const sampling: Readonly<Record<string, Operator>> = {
  GridSample: { order: "last", run: gridSample },
  RoiAlign: { order: "last", run: roiAlign },
  DeformConv: { order: "last", run: deformed },
  AffineGrid: { order: "file", known: [1], run: affineGrid },
}
