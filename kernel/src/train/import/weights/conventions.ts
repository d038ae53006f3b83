// How PyTorch names and lays out what TensorFlow.js's layers hold: convolutions OIHW instead of HWIO, dense layers output
// first, batch normalisation's four vectors by other names, and a flattened image channel by channel.

import { permuted } from "../permute.js"
import type { Stored } from "./stored.js"

type Layer = import("@tensorflow/tfjs").layers.Layer
type LayerVariable = import("@tensorflow/tfjs").LayerVariable
type SymbolicTensor = import("@tensorflow/tfjs").SymbolicTensor

/** A weight of the model, waiting for its numbers. */
export interface Wanted {
  /** `conv1/kernel`. */
  readonly name: string
  readonly layer: Layer
  readonly kind: string
  readonly shape: readonly number[]
  readonly variable: LayerVariable
}

/** PyTorch's names of what layers hold. */
export const torchKinds: Readonly<Record<string, string>> = {
  kernel: "weight",
  depthwise_kernel: "weight",
  embeddings: "weight",
  gamma: "weight",
  beta: "bias",
  bias: "bias",
  moving_mean: "running_mean",
  moving_variance: "running_var",
}

export function wantedOf(layers: readonly Layer[]): Wanted[] {
  const seen = new Set<LayerVariable>()
  return layers.flatMap(layer =>
    layer.weights.flatMap(variable => {
      if (seen.has(variable)) return []
      seen.add(variable)
      const kind = variable.originalName.split("/").at(-1)!
      return { name: `${layer.name}/${kind}`, layer, kind, shape: variable.shape as number[], variable }
    }),
  )
}

/** The numbers of `stored` as the layer lays them out; undefined when they are another thing or do not fit. */
export function converted(wanted: Wanted, stored: Stored, named = false): (() => Float32Array) | undefined {
  if (stored.kind === torchKinds[wanted.kind]) return fromTorch(wanted, stored)
  const same = stored.kind === wanted.kind || named
  return same && String(stored.shape) === String(wanted.shape) ? () => stored.values() : undefined
}

function fromTorch(
  { layer, kind, shape }: Wanted,
  { shape: from, values }: Stored,
): (() => Float32Array) | undefined {
  const rank = from.length
  const turned = (kind === "kernel" || kind === "depthwise_kernel") && rank >= 2
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  const order = turned ? [...axes.slice(2), 1, 0] : axes
  const made = order.map(axis => from[axis]!)
  // HW1(C*m) of a depthwise kernel is HWCm.
  const fits =
    kind === "depthwise_kernel"
      ? made[2] === 1 && made[3] === shape[2]! * shape[3]! && made[0] === shape[0] && made[1] === shape[1]
      : String(made) === String(shape)
  if (!fits) return undefined
  if (!turned) return values
  const image = kind === "kernel" && rank === 2 ? flattened(layer) : undefined
  return () => (image === undefined ? permuted(values(), from, order) : byPlaces(values(), from, image))
}

/** Rows of a dense kernel follow a flattened image: `[height, width, channels]`, when there is one before the layer. */
function flattened(layer: Layer): readonly number[] | undefined {
  let at: SymbolicTensor | undefined = layer.inboundNodes[0]?.inputTensors[0]
  while (
    at !== undefined &&
    at.inputs?.length === 1 &&
    /Dropout|Activation|ReLU/.test(at.sourceLayer.getClassName())
  )
    at = at.inputs[0]
  if (at === undefined || !/Flatten|Reshape/.test(at.sourceLayer.getClassName())) return undefined
  const image = at.inputs[0]!.shape.slice(1) as number[]
  return image.length === 3 && image[0]! * image[1]! > 1 && image[2]! > 1 ? image : undefined
}

/** `[out, channels * height * width]` to `[height * width * channels, out]`. */
function byPlaces(
  values: Float32Array,
  [out]: readonly number[],
  [height, width, channels]: readonly number[],
): Float32Array {
  return permuted(values, [out!, channels!, height! * width!], [2, 1, 0])
}
