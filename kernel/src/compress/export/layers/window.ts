// The sliding windows of convolutions and poolings in ONNX's words. TensorFlow's "same" puts the odd pixel of padding at
// the end, and how much there is depends on the size of the input when the stride is above 1.

import type { Attribute } from "../../../onnx/Graph.js"
import type { Dims } from "../Value.js"

export type Padding = "valid" | "same"

export interface Window {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly padding: Padding
}

/** A setting that tfjs takes as one number for all axes, or one an axis. */
export function perAxis(setting: number | readonly number[] | undefined, rank: number): number[] {
  const list = [setting ?? 1].flat()
  return Array.from({ length: rank }, (_, axis) => list[axis] ?? list[0]!)
}

/** `spatial` are the input's lengths along the window's axes. */
export function windowAttributes(spatial: Dims, window: Window): Record<string, Attribute> {
  const { kernel, strides, dilations } = window
  const isDilated = dilations.some(dilation => dilation !== 1)
  return {
    kernel_shape: { ints: kernel },
    strides: { ints: strides },
    ...(isDilated ? { dilations: { ints: dilations } } : {}),
    ...padAttributes(spatial, window),
  }
}

function padAttributes(spatial: Dims, window: Window): Record<string, Attribute> {
  const { padding, kernel, strides, dilations } = window
  if (padding === "valid") return {}
  const reach = kernel.map((length, axis) => (length - 1) * dilations[axis]!)
  // Left to the runtime, where only a run knows the length.
  const open = spatial.some((length, axis) => length === null && strides[axis] !== 1)
  if (open) return { auto_pad: { text: "SAME_UPPER" } }
  const total = reach.map((covered, axis) => samePadding(spatial[axis]!, covered, strides[axis]!))
  const begin = total.map(pad => Math.floor(pad / 2))
  return { pads: { ints: [...begin, ...total.map((pad, axis) => pad - begin[axis]!)] } }
}

/** As many as make the output ceil(length / stride) long. */
function samePadding(length: number | null, covered: number, stride: number): number {
  if (length === null || stride === 1) return covered
  const outputs = Math.ceil(length / stride)
  return Math.max((outputs - 1) * stride + covered + 1 - length, 0)
}
