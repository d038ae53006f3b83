// Layers that move numbers about, and those that do nothing once a network is trained.

import { type LayerCall, type LayerRow, row } from "../LayerCall.js"
import { type Layout, sizeOf, type Value } from "../Value.js"
import { refuseChannelsFirst } from "./convolution.js"

/** Leaves channels-first numbers in their order and remembers it, for a Dense that follows. */
const flatten = row<{ dataFormat?: string }>(call => {
  refuseChannelsFirst(call)
  const { shape, layout } = call.input
  const channels = shape.at(-1)!
  const spatial = sizeOf(shape.slice(0, -1))!
  const keepsOrder = layout === "last" || channels === 1 || spatial === 1
  const order: Layout = keepsOrder ? "last" : { spatial, channels }
  return call.node("Flatten", [call.input], { layout: order, attributes: { axis: { int: 1 } } })
})

const reshape: LayerRow = call => {
  const options = { name: call.path, shape: call.shape, layout: "last" as const }
  return call.graph.reshape(
    call.last,
    call.shape.map(length => length ?? -1),
    options,
  )
}

const permute = row<{ dims: readonly number[] }>(call => {
  const attributes = { perm: { ints: [0, ...call.config.dims] } }
  return call.node("Transpose", [call.last], { layout: "last", attributes })
})

type Sides = readonly (readonly [number, number])[]

const zeroPadding = row<{ padding: Sides; dataFormat?: string }>(call => {
  refuseChannelsFirst(call)
  const sides = call.config.padding
  const pads = [0, 0, ...sides.map(side => side[0]), 0, 0, ...sides.map(side => side[1])]
  return call.node("Pad", [call.first, integers(call, "pads", pads)], { layout: "first" })
})

const cropping = row<{ cropping: Sides; dataFormat?: string }>(call => {
  refuseChannelsFirst(call)
  const sides = call.config.cropping
  const starts = sides.map(side => side[0])
  // Counted from the end; nothing cropped there means past any end.
  const ends = sides.map(side => (side[1] === 0 ? 2 ** 31 - 1 : -side[1]))
  const axes = sides.map((_, axis) => axis + 2)
  const inputs = [
    integers(call, "starts", starts),
    integers(call, "ends", ends),
    integers(call, "axes", axes),
  ]
  return call.node("Slice", [call.first, ...inputs], { layout: "first" })
})

interface UpConfig {
  readonly size: readonly number[]
  readonly interpolation: "nearest" | "bilinear"
  readonly dataFormat?: string
}

const upSampling = row<UpConfig>(call => {
  refuseChannelsFirst(call)
  const { size, interpolation } = call.config
  const scales = call.constant("scales", [4], Float32Array.from([1, 1, ...size]))
  const attributes = {
    mode: { text: interpolation === "nearest" ? "nearest" : "linear" },
    coordinate_transformation_mode: { text: "asymmetric" },
    nearest_mode: { text: "floor" },
  }
  return call.node("Resize", [call.first, "", scales], { layout: "first", attributes })
})

function integers(call: LayerCall<unknown>, part: string, values: readonly number[]): string {
  return call.constant(part, [values.length], BigInt64Array.from(values.map(BigInt)))
}

const nothing = (call: LayerCall): Value => call.input

export const shapeRows: Readonly<Record<string, LayerRow>> = {
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  ZeroPadding2D: zeroPadding,
  Cropping2D: cropping,
  UpSampling2D: upSampling,
  Dropout: nothing,
  SpatialDropout1D: nothing,
  GaussianDropout: nothing,
  GaussianNoise: nothing,
  AlphaDropout: nothing,
}
