// Convolutions of one to three spatial axes, depthwise ones, and their gradients, all as StableHLO's one convolution: a
// gradient is a convolution too, with the roles of batch and channels exchanged. Channels last, as tfjs-layers uses them.

import { add, convolution, reshape, reverse, slice, transpose } from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import { shiftedFilterGradient, shiftedForward, shiftedInputGradient, shiftsWell } from "./depthwise.js"
import { type FusedAttrs, type FusedInputs, finish } from "./linear.js"
import type { Kernel, KernelTable, Pair, X } from "./table.js"

/** What tfjs computes about a window on an input: one entry a spatial axis. */
export interface WindowInfo {
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly filter: readonly number[]
  readonly padding: readonly (readonly [number, number])[]
  readonly input: readonly number[]
  readonly output: readonly number[]
}

export interface ConvAttrs {
  readonly strides: Pair
  readonly pad: "valid" | "same" | number | readonly (readonly [number, number])[]
  readonly dilations?: Pair
  readonly dataFormat?: string
  readonly dimRoundingMode?: "floor" | "round" | "ceil"
}

/** tfjs's own rules for padding and rounding, from `tf.backend_util`. */
export type ConvGeometry = (
  input: readonly number[],
  filter: readonly number[],
  attrs: ConvAttrs,
  depthwise: boolean,
) => WindowInfo

const axesText = (info: WindowInfo) => info.strides.map((_, i) => i).join(", ")

/** `[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]` for two axes. */
function layout(info: WindowInfo, [lhs, rhs, out]: readonly [string, string, string]): string {
  const place = (pattern: string) => `[${pattern.replace("S", axesText(info))}]`
  return `${place(lhs)}x${place(rhs)}->${place(out)}`
}

function forward(x: Node, w: Node, info: WindowInfo, groups: number): Node {
  return convolution(x, w, {
    layout: layout(info, ["b, S, f", "S, i, o", "b, S, f"]),
    strides: info.strides,
    padding: info.padding,
    lhsDilation: info.strides.map(() => 1),
    rhsDilation: info.dilations,
    groups,
    batchGroups: 1,
  })
}

/**
 * dx: the output gradient, spread by the stride, under the reversed filter with its channels exchanged. The filter is
 * reversed by an operation of its own: XLA's fast CPU convolution takes no reversed windows.
 */
function inputGradient(dy: Node, w: Node, info: WindowInfo, rhs: string, groups: number): Node {
  const padding = info.strides.map((stride, i): [number, number] => {
    const reach = (info.filter[i]! - 1) * info.dilations[i]!
    const low = reach - info.padding[i]![0]
    return [low, info.input[i]! + reach - ((info.output[i]! - 1) * stride + 1) - low]
  })
  const spatial = info.strides.map((_, i) => i)
  return convolution(dy, reverse(w, spatial), {
    layout: layout(info, ["b, S, f", rhs, "b, S, f"]),
    strides: info.strides.map(() => 1),
    padding,
    lhsDilation: info.strides,
    rhsDilation: info.dilations,
    groups,
    batchGroups: 1,
  })
}

/** dw: the input under the output gradient as a filter spread by the stride, summed over the batch. */
function filterGradient(x: Node, dy: Node, info: WindowInfo, batchGroups: number): Node {
  const padding = info.strides.map((stride, i): [number, number] => {
    const low = info.padding[i]![0]
    const spread = (info.output[i]! - 1) * stride + 1
    return [low, (info.filter[i]! - 1) * info.dilations[i]! + spread - info.input[i]! - low]
  })
  return convolution(x, dy, {
    layout: layout(info, ["f, S, b", "i, S, o", "S, b, f"]),
    strides: info.dilations,
    padding,
    lhsDilation: info.strides.map(() => 1),
    rhsDilation: info.strides,
    groups: 1,
    batchGroups,
  })
}

/** Output positions in one piece of a batch below: about what Eigen's blocks hold. */
const piecePositions = 1152
const pieceLimit = 64

/**
 * The same summed over pieces of the batch. XLA's CPU convolution runs the long inner sum of a filter gradient on one
 * thread and out of cache; in pieces of two 24x24 images it took 15 ms instead of 62 (conv 3x3, 32 to 64 channels, batch
 * 64, two cores). A GPU has no such need.
 */
function filterGradientInPieces(x: Node, dy: Node, info: WindowInfo): Node {
  const batch = dy.type.shape[0]!
  const positions = info.output.reduce((product, size) => product * size, 1)
  const piece = Math.max(2, Math.round(piecePositions / positions), Math.ceil(batch / pieceLimit))
  const sums: Node[] = []
  for (let from = 0; from < batch; from += piece) {
    const to = Math.min(from + piece, batch)
    sums.push(filterGradient(rows(x, from, to), rows(dy, from, to), info, 1))
  }
  return sums.reduce(add)
}

function rows(x: Node, from: number, to: number): Node {
  if (from === 0 && to === x.type.shape[0]) return x
  const start = x.type.shape.map((_, axis) => (axis === 0 ? from : 0))
  return slice(
    x,
    start,
    x.type.shape.map((size, axis) => (axis === 0 ? to : size)),
  )
}

const channels = (shape: readonly number[]) => shape.at(-1)!

/** [h, w, c, m] as the filter of c groups with m outputs each. */
function groupedFilter(w: Node): Node {
  const [h, width, c, m] = w.type.shape as [number, number, number, number]
  return reshape(w, [h, width, 1, c * m])
}

const isFirst = ({ dataFormat }: ConvAttrs) => dataFormat === "NCHW"

/** Channels last, in which all convolutions are written; XLA moves or drops the permutation. */
function last(x: Node, attrs: ConvAttrs): Node {
  return isFirst(attrs) ? transpose(x, [0, 2, 3, 1]) : x
}

function first(x: Node, attrs: ConvAttrs): Node {
  return isFirst(attrs) ? transpose(x, [0, 3, 1, 2]) : x
}

/** A bias or slope of one number a channel, where channels come first. */
function perChannel<I extends FusedInputs>(inputs: I, attrs: ConvAttrs): FusedInputs {
  if (!isFirst(attrs)) return inputs
  const tall = (x: Node | undefined) =>
    x?.type.shape.length === 1 && x.type.shape[0] !== 1 ? reshape(x, [...x.type.shape, 1, 1]) : x
  const [bias, slope] = [tall(inputs.bias), tall(inputs.preluActivationWeights)]
  return {
    ...(bias === undefined ? {} : { bias }),
    ...(slope === undefined ? {} : { preluActivationWeights: slope }),
  }
}

/** A transposed convolution may be told of a smaller output than its input came from: tfjs then reads only its start. */
function trimmed(dy: Node, info: WindowInfo): Node {
  const shape = [dy.type.shape[0]!, ...info.output, channels(dy.type.shape)]
  if (shape.every((size, axis) => size === dy.type.shape[axis])) return dy
  return slice(
    dy,
    shape.map(() => 0),
    shape,
  )
}

/** What a kind of device does better in another form. */
export interface DeviceTraits {
  readonly splitFilterGradients: boolean
}

export function convolutionKernels(geometry: ConvGeometry, traits: DeviceTraits): KernelTable {
  const conv = ({ x, filter }: X & { filter: Node }, attrs: ConvAttrs) => {
    const y = forward(last(x, attrs), filter, geometry(x.type.shape, filter.type.shape, attrs, false), 1)
    return first(y, attrs)
  }
  const shifts = (x: Node, filter: readonly number[]) =>
    traits.splitFilterGradients && shiftsWell(filter, x.type.dtype)
  const depthwise = ({ x, filter }: X & { filter: Node }, attrs: ConvAttrs) => {
    const info = geometry(x.type.shape, filter.type.shape, attrs, true)
    return shifts(x, filter.type.shape)
      ? shiftedForward(x, filter, info)
      : forward(x, groupedFilter(filter), info, channels(x.type.shape))
  }
  const backInput = (
    { dy, filter }: { dy: Node; filter: Node },
    attrs: ConvAttrs & { inputShape: readonly number[] },
  ) => {
    const info = geometry(attrs.inputShape, filter.type.shape, attrs, false)
    return first(inputGradient(trimmed(last(dy, attrs), info), filter, info, "S, o, i", 1), attrs)
  }
  const backFilter = ({ x, dy }: X & { dy: Node }, attrs: ConvAttrs & { filterShape: readonly number[] }) => {
    const info = geometry(x.type.shape, attrs.filterShape, attrs, false)
    const [image, upstream] = [last(x, attrs), last(dy, attrs)]
    return traits.splitFilterGradients
      ? filterGradientInPieces(image, upstream, info)
      : filterGradient(image, upstream, info, 1)
  }
  const fused =
    (plain: typeof conv): Kernel =>
    (inputs: X & { filter: Node } & FusedInputs, attrs: ConvAttrs & FusedAttrs) =>
      finish(plain(inputs, attrs), perChannel(inputs, attrs), attrs)
  return {
    Conv2D: conv,
    FusedConv2D: fused(conv),
    Conv2DBackpropInput: backInput,
    Conv2DBackpropFilter: backFilter,
    Conv3D: conv,
    Conv3DBackpropInputV2: backInput,
    Conv3DBackpropFilterV2: backFilter,
    DepthwiseConv2dNative: depthwise,
    FusedDepthwiseConv2D: fused(depthwise),
    DepthwiseConv2dNativeBackpropInput(
      { dy, filter }: { dy: Node; filter: Node },
      attrs: ConvAttrs & { inputShape: readonly number[] },
    ) {
      const info = geometry(attrs.inputShape, filter.type.shape, attrs, true)
      if (shifts(dy, filter.type.shape)) return shiftedInputGradient(dy, filter, info)
      return inputGradient(dy, transpose(filter, [0, 1, 3, 2]), info, "S, i, o", channels(attrs.inputShape))
    },
    DepthwiseConv2dNativeBackpropFilter(
      { x, dy }: X & { dy: Node },
      attrs: ConvAttrs & { filterShape: readonly number[] },
    ) {
      const info = geometry(x.type.shape, attrs.filterShape, attrs, true)
      if (shifts(x, attrs.filterShape)) return shiftedFilterGradient(x, dy, info)
      return reshape(filterGradient(x, dy, info, channels(x.type.shape)), attrs.filterShape)
    },
  }
}
