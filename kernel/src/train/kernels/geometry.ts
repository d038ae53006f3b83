// tfjs's rules for where windows lie (padding words, rounding), asked of tfjs itself and put in one form.

import type { Tf } from "../tf.js"
import type { ConvGeometry, WindowInfo } from "./convolution.js"
import type { PoolGeometry } from "./pooling.js"

interface Edges {
  readonly front?: number
  readonly back?: number
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** What computeConv2DInfo and its siblings return, as far as we read it. */
interface TfInfo {
  readonly inDepth?: number
  readonly inHeight: number
  readonly inWidth: number
  readonly outDepth?: number
  readonly outHeight: number
  readonly outWidth: number
  readonly strideDepth?: number
  readonly strideHeight: number
  readonly strideWidth: number
  readonly dilationDepth?: number
  readonly dilationHeight: number
  readonly dilationWidth: number
  readonly filterDepth?: number
  readonly filterHeight: number
  readonly filterWidth: number
  readonly padInfo: Edges
}

function windowInfo(info: TfInfo, volume: boolean): WindowInfo {
  const axes = (depth: number | undefined, height: number, width: number) =>
    volume ? [depth!, height, width] : [height, width]
  const { padInfo: edges } = info
  const plane = [
    [edges.top, edges.bottom],
    [edges.left, edges.right],
  ] as const
  return {
    strides: axes(info.strideDepth, info.strideHeight, info.strideWidth),
    dilations: axes(info.dilationDepth, info.dilationHeight, info.dilationWidth),
    filter: axes(info.filterDepth, info.filterHeight, info.filterWidth),
    input: axes(info.inDepth, info.inHeight, info.inWidth),
    output: axes(info.outDepth, info.outHeight, info.outWidth),
    padding: volume ? [[edges.front!, edges.back!], ...plane] : plane,
  }
}

/**
 * The same with the padding at the end such that exactly tfjs's windows fit. It rounds sizes as it is told, and its kernels
 * then take what of a window lies inside; sizes below zero are none.
 */
function fitted(info: WindowInfo): WindowInfo {
  const output = info.output.map(size => Math.max(size, 0))
  const padding = info.padding.map(([low, high], axis): [number, number] => {
    const reach = (info.filter[axis]! - 1) * info.dilations[axis]! + 1
    const [stride, size] = [info.strides[axis]!, info.input[axis]!]
    const fits = Math.floor((size + low + high - reach) / stride) + 1 === output[axis]
    return [low, fits ? high : (output[axis]! - 1) * stride + reach - size - low]
  })
  return { ...info, output, padding }
}

type Loose = (...values: unknown[]) => TfInfo

export function convGeometry(tf: Tf): ConvGeometry {
  const util = tf.backend_util as unknown as Record<"computeConv2DInfo" | "computeConv3DInfo", Loose>
  return (input, filter, attrs, depthwise) => {
    const dilations = attrs.dilations ?? 1
    if (input.length === 5) {
      return fitted(
        windowInfo(util.computeConv3DInfo(input, filter, attrs.strides, dilations, attrs.pad), true),
      )
    }
    const { strides, pad, dimRoundingMode } = attrs
    const order = attrs.dataFormat === "NCHW" ? "channelsFirst" : "channelsLast"
    return fitted(
      windowInfo(
        util.computeConv2DInfo(input, filter, strides, dilations, pad, dimRoundingMode, depthwise, order),
        false,
      ),
    )
  }
}

export function poolGeometry(tf: Tf): PoolGeometry {
  const util = tf.backend_util as unknown as Record<"computePool2DInfo" | "computePool3DInfo", Loose>
  return (input, { filterSize, strides, pad, dimRoundingMode }) =>
    fitted(
      input.length === 5
        ? windowInfo(util.computePool3DInfo(input, filterSize, strides, 1, pad, dimRoundingMode), true)
        : windowInfo(util.computePool2DInfo(input, filterSize, strides, 1, pad, dimRoundingMode), false),
    )
}
