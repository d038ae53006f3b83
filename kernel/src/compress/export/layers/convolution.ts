// Convolutions: kernels go from tfjs's [...window, in, out] to ONNX's [out, in, ...window].

import { type LayerCall, type LayerRow, row } from "../LayerCall.js"
import type { Dims, Value } from "../Value.js"
import { permuted, reshaped, type Weight } from "../Weight.js"
import { activate } from "./activation.js"
import { type Padding, perAxis, windowAttributes } from "./window.js"

interface ConvConfig {
  readonly strides: number | readonly number[]
  readonly padding: Padding
  readonly dilationRate?: number | readonly number[]
  readonly dataFormat?: string
  readonly activation: string
}

interface Part {
  readonly part?: string
  readonly kernel: Weight
  readonly kernelName: string
  readonly bias: Weight | undefined
  readonly group: number
  readonly config: Pick<ConvConfig, "strides" | "padding" | "dilationRate">
  readonly shape?: Dims
}

const conv = row<ConvConfig>(call => {
  const [kernel, bias] = call.weights
  const out = convolution(call, call.first, {
    kernel: kernelFirst(kernel!),
    kernelName: "kernel",
    bias,
    group: 1,
    config: call.config,
  })
  return activate(call, out, call.config.activation)
})

const depthwise = row<ConvConfig>(call => {
  const [kernel, bias] = call.weights
  const out = convolution(call, call.first, {
    kernel: depthwiseKernel(kernel!),
    kernelName: "kernel",
    bias,
    group: kernel!.shape[2]!,
    config: call.config,
  })
  return activate(call, out, call.config.activation)
})

const separable = row<ConvConfig>(call => {
  const [each, across, bias] = call.weights
  const channels = each!.shape[2]! * each!.shape[3]!
  const apart = convolution(call, call.first, {
    part: "depthwise",
    kernel: depthwiseKernel(each!),
    kernelName: "depthwiseKernel",
    bias: undefined,
    group: each!.shape[2]!,
    config: call.config,
    shape: [...call.shape.slice(0, -1), channels],
  })
  const out = convolution(call, apart, {
    kernel: kernelFirst(across!),
    kernelName: "pointwiseKernel",
    bias,
    group: 1,
    config: { strides: 1, padding: "valid" },
  })
  return activate(call, out, call.config.activation)
})

function convolution(call: LayerCall<ConvConfig>, x: Value, options: Part): Value {
  refuseChannelsFirst(call)
  const { part, kernel, kernelName, bias, group, config, shape } = options
  const spatial = x.shape.slice(0, -1)
  const window = {
    kernel: kernel.shape.slice(2),
    strides: perAxis(config.strides, spatial.length),
    dilations: perAxis(config.dilationRate, spatial.length),
    padding: config.padding,
  }
  const weights = [call.weight(kernelName, kernel)]
  if (bias !== undefined) weights.push(call.weight("bias", bias))
  const attributes = {
    ...windowAttributes(spatial, window),
    ...(group === 1 ? {} : { group: { int: group } }),
  }
  return call.node("Conv", [x, ...weights], { part, shape, layout: "first", attributes })
}

/** [...window, in, out] to [out, in, ...window]. */
function kernelFirst(kernel: Weight): Weight {
  const rank = kernel.shape.length - 2
  return permuted(kernel, [rank + 1, rank, ...Array.from({ length: rank }, (_, axis) => axis)])
}

/** [height, width, in, times] to [in * times, 1, height, width]: ONNX's convolution in as many groups as channels. */
function depthwiseKernel(kernel: Weight): Weight {
  const [height, width, channels, times] = kernel.shape as [number, number, number, number]
  return reshaped(permuted(kernel, [2, 3, 0, 1]), [channels * times, 1, height, width])
}

export function refuseChannelsFirst(call: LayerCall<{ readonly dataFormat?: string }>): void {
  if (call.config.dataFormat !== "channelsFirst") return
  throw call.refuse("it takes channels first", 'Build the model with `dataFormat: "channelsLast"`.')
}

export const convolutionRows: Readonly<Record<string, LayerRow>> = {
  Conv1D: conv,
  Conv2D: conv,
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
}
