// Poolings. Padding counts neither for a maximum nor, as in TensorFlow, for an average.

import { type LayerRow, row } from "../LayerCall.js"
import { refuseChannelsFirst } from "./convolution.js"
import { type Padding, perAxis, windowAttributes } from "./window.js"

interface PoolConfig {
  readonly poolSize: number | readonly number[]
  readonly strides?: number | readonly number[]
  readonly padding: Padding
  readonly dataFormat?: string
}

const pool = (op: "MaxPool" | "AveragePool") =>
  row<PoolConfig>(call => {
    refuseChannelsFirst(call)
    const { poolSize, strides, padding } = call.config
    const spatial = call.input.shape.slice(0, -1)
    const rank = spatial.length
    const kernel = perAxis(poolSize, rank)
    const window = { kernel, strides: perAxis(strides ?? kernel, rank), dilations: perAxis(1, rank), padding }
    const attributes = windowAttributes(spatial, window)
    return call.node(op, [call.first], { layout: "first", attributes })
  })

/** ONNX keeps the pooled axes with length 1; tfjs drops them. */
const global = (op: "GlobalAveragePool" | "GlobalMaxPool") =>
  row<{ dataFormat?: string }>(call => {
    refuseChannelsFirst(call)
    const pooled = call.node(op, [call.first], { layout: "first" })
    const attributes = { axis: { int: 1 } }
    return call.node("Flatten", [pooled], { part: "flatten", layout: "last", attributes })
  })

export const poolingRows: Readonly<Record<string, LayerRow>> = {
  MaxPooling1D: pool("MaxPool"),
  MaxPooling2D: pool("MaxPool"),
  AveragePooling1D: pool("AveragePool"),
  AveragePooling2D: pool("AveragePool"),
  GlobalAveragePooling1D: global("GlobalAveragePool"),
  GlobalAveragePooling2D: global("GlobalAveragePool"),
  GlobalMaxPooling1D: global("GlobalMaxPool"),
  GlobalMaxPooling2D: global("GlobalMaxPool"),
}
