// Convolutions of one to three spatial axes, in groups, and transposed ones. With known weights, two spatial axes and one
// group, or a group a channel, they are TensorFlow.js's own layers. ONNX keeps kernels as OIHW, TensorFlow.js as HWIO.

import type { Building, Call, Operator, Tensor } from "../Operator.js"
import type { Value } from "../Value.js"
import { layerPadding, padded, spatial, type Window, windowOf } from "./window.js"

/** One axis is the second of two, of length one. */
function convolve(call: Call, x: Tensor, kernel: Tensor, window: Window): Tensor {
  const { tf } = call
  const { strides, dilations } = window
  if (strides.length === 3)
    return tf.conv3d(x as never, kernel as never, strides as never, "valid", "NDHWC", dilations as never)
  if (strides.length === 2)
    return tf.conv2d(
      x as never,
      kernel as never,
      strides as [number, number],
      "valid",
      "NHWC",
      dilations as [number, number],
    )
  const [flat, wide] = [tf.expandDims(x, 1), tf.expandDims(kernel, 0)]
  const two = tf.conv2d(flat as never, wide as never, [1, strides[0]!], "valid", "NHWC", [1, dilations[0]!])
  return tf.squeeze(two as Tensor, [1])
}

/** OI and the spatial axes, to the spatial axes and IO. */
function kernelLast(call: Call, kernel: Tensor): Tensor {
  const axes = kernel.shape.slice(2).map((_, i) => i + 2)
  return call.tf.transpose(kernel, [...axes, 1, 0])
}

/** Input with its channels last, kernel as ONNX has it. */
export function convolved(call: Call, input: Tensor, kernel: Tensor, bias: Tensor | undefined): Tensor {
  const { tf } = call
  const window = windowOf(call, spatial(input), kernel.shape.slice(2))
  const x = padded(call, input, window, 0)
  const groups = call.number("group", 1)
  const turned = kernelLast(call, kernel)
  const parts = groups === 1 ? [convolve(call, x, turned, window)] : grouped(call, x, turned, window, groups)
  const result = parts.length === 1 ? parts[0]! : tf.concat(parts, -1)
  return bias === undefined ? result : tf.add(result, bias)
}

function grouped(call: Call, x: Tensor, kernel: Tensor, window: Window, groups: number): Tensor[] {
  const { tf } = call
  const channels = x.shape.at(-1)!
  const outputs = kernel.shape.at(-1)!
  if (groups === channels && window.strides.length === 2 && evenDilation(window)) {
    // HW1O, where O counts group by group, to HWIM.
    const deep = tf.reshape(kernel, [...window.kernel, channels, outputs / channels])
    const { strides, dilations } = window
    return [
      tf.depthwiseConv2d(
        x as never,
        deep as never,
        strides as [number, number],
        "valid",
        "NHWC",
        dilations as [number, number],
      ),
    ]
  }
  const inputs = tf.split(x, groups, -1)
  return tf.split(kernel, groups, -1).map((part, i) => convolve(call, inputs[i]!, part, window))
}

const evenDilation = ({ strides, dilations }: Window) =>
  dilations.every(size => size === 1) || strides.every(size => size === 1)

function convLayer(building: Building): readonly Value[] | undefined {
  const { tf, name, node, inputs, live, known, layer, put } = building
  const [x, kernel, bias] = [live(0), known(1), known(2)]
  if (x === undefined || kernel?.weight === undefined || kernel.shape.length !== 4) return undefined
  if (inputs[2] !== undefined && bias?.weight === undefined) return undefined
  const window = windowOf(node, x.dims.slice(2), kernel.shape.slice(2))
  const groups = node.number("group", 1)
  const [outputs, inner] = kernel.shape as [number, number]
  const depthwise = groups === x.dims[1] && groups > 1 && inner === 1
  if ((groups > 1 && !depthwise) || !evenDilation(window)) return undefined
  const place = layerPadding(window)
  const from = put(x, "last")
  const { before, after, strides, dilations } = window
  const around = tf.layers.zeroPadding2d({
    padding: [
      [before[0]!, after[0]!],
      [before[1]!, after[1]!],
    ],
    name: `${name}/pad`,
  })
  const wide = place === undefined ? layer(around, [from], "last") : from
  const weights = tf.tidy(() => {
    const turned = tf.transpose(tf.tensor(kernel.data as Float32Array, [...kernel.shape]), [2, 3, 1, 0])
    const shaped = depthwise ? tf.reshape(turned, [...window.kernel, groups, outputs / groups]) : turned
    return bias === undefined ? [shaped] : [shaped, tf.tensor1d(bias.data as Float32Array)]
  })
  const settings = {
    kernelSize: window.kernel as [number, number],
    strides: strides as [number, number],
    dilationRate: dilations as [number, number],
    padding: place ?? ("valid" as const),
    useBias: bias !== undefined,
    weights,
    name,
  }
  const made = depthwise
    ? tf.layers.depthwiseConv2d({ ...settings, depthMultiplier: outputs / groups })
    : tf.layers.conv2d({ ...settings, filters: outputs })
  const result = layer(made, [wide], "last")
  for (const weight of weights) weight.dispose()
  return [result]
}

/** Every output that the inputs reach, of which the padding is cut off again. */
function convTranspose(call: Call): Tensor {
  const { tf, x } = call
  const kernel = call.tensor(1)
  const groups = call.number("group", 1)
  const size = kernel.shape.slice(2)
  const ones = size.map(() => 1)
  const [strides, dilations] = [call.list("strides") ?? ones, call.list("dilations") ?? ones]
  // IO and the spatial axes: HWOI is what TensorFlow.js wants here.
  const axes = size.map((_, i) => i + 2)
  const turned = spread(call, tf.transpose(kernel, [...axes, 1, 0]), dilations)
  const inputs = groups === 1 ? [x] : tf.split(x, groups, -1)
  const kernels = groups === 1 ? [turned] : tf.split(turned, groups, -1)
  const full = spatial(x).map((length, i) => (length - 1) * strides[i]! + (size[i]! - 1) * dilations[i]! + 1)
  const parts = inputs.map((part, i) => transposeOf(call, part, kernels[i]!, full, strides))
  const result = parts.length === 1 ? parts[0]! : tf.concat(parts, -1)
  const bias = call.optional(2)
  const cut = cropTo(call, result, full, strides)
  return bias === undefined ? cut : tf.add(cut, bias)
}

function transposeOf(
  { tf }: Call,
  x: Tensor,
  kernel: Tensor,
  full: readonly number[],
  strides: readonly number[],
): Tensor {
  const shape = [x.shape[0]!, ...full, kernel.shape.at(-2)!]
  if (full.length === 3)
    return tf.conv3dTranspose(x as never, kernel as never, shape as never, strides as never, "valid")
  if (full.length === 2)
    return tf.conv2dTranspose(
      x as never,
      kernel as never,
      shape as never,
      strides as [number, number],
      "valid",
    )
  const wide = [x.shape[0]!, 1, full[0]!, kernel.shape.at(-2)!]
  const two = tf.conv2dTranspose(
    tf.expandDims(x, 1) as never,
    tf.expandDims(kernel, 0) as never,
    wide as never,
    [1, strides[0]!],
    "valid",
  )
  return tf.squeeze(two as Tensor, [1])
}

/** Zeros between the elements of a kernel. */
function spread({ tf }: Call, kernel: Tensor, dilations: readonly number[]): Tensor {
  let result = kernel
  for (const [axis, step] of dilations.entries()) {
    if (step === 1) continue
    const shape = result.shape
    const apart = tf.expandDims(result, axis + 1)
    const wide = tf.pad(apart, [
      ...shape.slice(0, axis + 1).map((): [number, number] => [0, 0]),
      [0, step - 1],
      ...shape.slice(axis + 1).map((): [number, number] => [0, 0]),
    ])
    const merged = tf.reshape(
      wide,
      shape.map((length, i) => (i === axis ? length * step : length)),
    )
    result = tf.slice(
      merged,
      shape.map(() => 0),
      merged.shape.map((length, i) => (i === axis ? length - step + 1 : length)),
    )
  }
  return result
}

function cropTo(call: Call, x: Tensor, full: readonly number[], strides: readonly number[]): Tensor {
  const { tf } = call
  const rank = full.length
  const more = call.list("output_padding") ?? full.map(() => 0)
  const auto = call.text("auto_pad", "NOTSET")
  const wanted =
    call.list("output_shape") ??
    (auto.startsWith("SAME") ? spatial(call.x).map((n, i) => n * strides[i]!) : undefined)
  const pads = call.list("pads") ?? full.map(() => 0).concat(full.map(() => 0))
  const cuts = full.map((length, i): [number, number] => {
    if (wanted === undefined) return [pads[i]!, pads[i + rank]! - more[i]!]
    const total = length + more[i]! - wanted[i]!
    const [less, rest] = [Math.floor(total / 2), total - Math.floor(total / 2)]
    return auto === "SAME_UPPER" ? [less, rest - more[i]!] : [rest, less - more[i]!]
  })
  const grown = cuts.map(([start, end]): [number, number] => [Math.max(0, -start), Math.max(0, -end)])
  const wide = grown.every(([start, end]) => start === 0 && end === 0)
    ? x
    : tf.pad(x, [[0, 0], ...grown, [0, 0]])
  const begin = [0, ...cuts.map(([start]) => Math.max(0, start)), 0]
  const size = [x.shape[0]!, ...full.map((length, i) => length - cuts[i]![0] - cuts[i]![1]), x.shape.at(-1)!]
  return tf.slice(wide, begin, size)
}

export const convolution: Readonly<Record<string, Operator>> = {
  Conv: {
    order: "last",
    run: call => convolved(call, call.x, call.tensor(1), call.optional(2)),
    build: convLayer,
  },
  ConvTranspose: { order: "last", run: convTranspose },
}
