// What convolutions and poolings say about their window: kernel, strides, dilations, and the padding in its several ways.
// A spatial axis an entry. Padding is made by `pad`, before: TensorFlow.js's own has no free ends in all of its gradients.

import type { Call, SettingReader, Tensor } from "../Operator.js"

export interface Window {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export function windowOf(node: SettingReader, lengths: readonly number[], kernel: readonly number[]): Window {
  const ones = kernel.map(() => 1)
  const [strides, dilations] = [node.list("strides") ?? ones, node.list("dilations") ?? ones]
  const reach = kernel.map((size, i) => (size - 1) * dilations[i]! + 1)
  const auto = node.text("auto_pad", "NOTSET")
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const total = lengths.map((length, i) =>
      Math.max(0, (Math.ceil(length / strides[i]!) - 1) * strides[i]! + reach[i]! - length),
    )
    const [more, less] = [total.map(pad => Math.ceil(pad / 2)), total.map(pad => Math.floor(pad / 2))]
    const [before, after] = auto === "SAME_UPPER" ? [less, more] : [more, less]
    return { kernel, strides, dilations, before, after }
  }
  const pads = auto === "VALID" ? undefined : node.list("pads")
  const half = kernel.length
  const before = pads?.slice(0, half) ?? ones.map(() => 0)
  return { kernel, strides, dilations, before, after: pads?.slice(half) ?? ones.map(() => 0) }
}

/** More at the end, so that the last window that begins within the input is whole. */
export function withCeiling(window: Window, lengths: readonly number[]): Window {
  const after = window.after.map((pad, i) => {
    const reach = (window.kernel[i]! - 1) * window.dilations[i]! + 1
    const [stride, before, length] = [window.strides[i]!, window.before[i]!, lengths[i]!]
    let count = Math.ceil((length + before + pad - reach) / stride) + 1
    if ((count - 1) * stride >= length + before) count--
    return Math.max(pad, (count - 1) * stride + reach - length - before)
  })
  return { ...window, after }
}

/** Channels last: the spatial axes are those between the first and the last. */
export function padded({ tf }: Call, x: Tensor, { before, after }: Window, value: number): Tensor {
  if (before.every(pad => pad === 0) && after.every(pad => pad === 0)) return x
  const both = before.map((pad, i): [number, number] => [pad, after[i]!])
  return tf.pad(x, [[0, 0], ...both, [0, 0]], value)
}

export const spatial = (x: Tensor) => x.shape.slice(1, -1)

/** Without padding, or padding that TensorFlow.js calls `same` (the stride is 1, so the two ways agree). */
export function layerPadding({
  kernel,
  strides,
  dilations,
  before,
  after,
}: Window): "valid" | "same" | undefined {
  if (before.every(pad => pad === 0) && after.every(pad => pad === 0)) return "valid"
  const same = kernel.every((size, i) => {
    const total = (size - 1) * dilations[i]!
    return strides[i] === 1 && before[i] === Math.floor(total / 2) && after[i] === Math.ceil(total / 2)
  })
  return same ? "same" : undefined
}
