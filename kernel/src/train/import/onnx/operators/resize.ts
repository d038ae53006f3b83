// Resize and Upsample, one axis after the other. Where each new place lies in the old image depends on lengths only, so it is
// worked out here, in all the ways that ONNX has of it, and a device picks and mixes.

import type { Call, Operator, Tensor } from "../Operator.js"

interface Axis {
  readonly axis: number
  readonly from: number
  readonly to: number
  readonly scale: number
}

/** Of the new place `i`, in the old image. */
function place(call: Call, i: number, { from, to, scale }: Axis): number {
  switch (call.text("coordinate_transformation_mode", call.operatorSet < 11 ? "asymmetric" : "half_pixel")) {
    case "asymmetric":
      return i / scale
    case "align_corners":
      return to === 1 ? 0 : (i * (from - 1)) / (to - 1)
    case "pytorch_half_pixel":
      return to === 1 ? 0 : (i + 0.5) / scale - 0.5
    case "half_pixel_symmetric": {
      const adjustment = to / (scale * from)
      return (from / 2) * (1 - adjustment) + (i + 0.5) / scale - 0.5
    }
    default:
      return (i + 0.5) / scale - 0.5
  }
}

function nearestOf(call: Call, at: number): number {
  switch (call.text("nearest_mode", call.operatorSet < 11 ? "floor" : "round_prefer_floor")) {
    case "floor":
      return Math.floor(at)
    case "ceil":
      return Math.ceil(at)
    case "round_prefer_ceil":
      return Math.floor(at + 0.5)
    default:
      return Math.ceil(at - 0.5)
  }
}

/** Offsets from the place rounded down, and the weight of the pixel there. */
function taps(call: Call, fraction: number): [number, number][] {
  if (call.text("mode", "nearest") === "linear")
    return [
      [0, 1 - fraction],
      [1, fraction],
    ]
  const a = call.number("cubic_coeff_a", -0.75)
  const near = (x: number) => (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1
  const far = (x: number) => a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a
  return [
    [-1, far(1 + fraction)],
    [0, near(fraction)],
    [1, near(1 - fraction)],
    [2, far(2 - fraction)],
  ]
}

function along(call: Call, x: Tensor, axis: Axis): Tensor {
  const { tf } = call
  const places = Array.from({ length: axis.to }, (_, i) => place(call, i, axis))
  const clamp = (at: number) => Math.min(Math.max(at, 0), axis.from - 1)
  const pick = (indices: readonly number[]) =>
    tf.gather(x, call.constant(indices, [indices.length], "int32") as never, axis.axis)
  if (call.text("mode", "nearest") === "nearest") return pick(places.map(at => clamp(nearestOf(call, at))))
  const all = places.map(at => taps(call, at - Math.floor(at)))
  const outside = call.number("exclude_outside", 0) !== 0
  const shape = x.shape.map((_, i) => (i === axis.axis ? axis.to : 1))
  const weights = all.map((own, i) => {
    const kept = own.map(([offset, weight]) => {
      const at = Math.floor(places[i]!) + offset
      return outside && (at < 0 || at >= axis.from) ? 0 : weight
    })
    const sum = kept.reduce((total, weight) => total + weight, 0)
    return outside ? kept.map(weight => weight / sum) : kept
  })
  const parts = all[0]!.map((_, tap) => {
    const indices = places.map((at, i) => clamp(Math.floor(at) + all[i]![tap]![0]))
    return tf.mul(
      pick(indices),
      call.constant(
        weights.map(own => own[tap]!),
        shape,
        "float32",
      ),
    )
  })
  return parts.reduce((a, b) => tf.add(a, b))
}

function resize(call: Call): Tensor {
  const { x } = call
  if (call.number("antialias", 0) !== 0) throw new TypeError("antialias is set")
  if (call.text("keep_aspect_ratio_policy", "stretch") !== "stretch")
    throw new TypeError("keep_aspect_ratio_policy is not stretch")
  if (call.text("coordinate_transformation_mode", "") === "tf_crop_and_resize")
    throw new TypeError("it crops as well")
  const old = call.operatorSet < 11
  const scales = old ? (call.numbers(1) ?? call.list("scales")) : call.numbers(2)
  const sizes = old ? undefined : call.numbers(3)
  const named = call.list("axes") ?? x.shape.map((_, axis) => axis)
  let result = x
  for (const [i, one] of named.entries()) {
    const axis = call.axis(one)
    const from = x.shape[axis]!
    const to = sizes?.length ? sizes[i]! : Math.floor(from * scales![i]!)
    const scale = sizes?.length ? to / from : scales![i]!
    if (to !== from || scale !== 1) result = along(call, result, { axis, from, to, scale })
  }
  return result === x ? call.tf.clone(x) : result
}

export const resizing: Readonly<Record<string, Operator>> = {
  Resize: { order: "axes", known: [1, 2, 3], run: resize },
  Upsample: { order: "axes", known: [1], run: resize },
}
