// What tfjs's cpu kernels refuse about the elements of an index tensor, refused here where the host has the elements. On the
// device nobody looks: an index out of range is left out or clamped there, as in JAX.

import { elements } from "../../ir/types.js"
import type { TensorInfo } from "../XlaBackend.js"
import type { KernelCall } from "./register.js"

type Check = (call: KernelCall) => void

function hostIndices({ backend }: KernelCall, info: TensorInfo | undefined): ArrayLike<number> | undefined {
  return info === undefined ? undefined : (backend.hostOf(info.dataId) as ArrayLike<number> | undefined)
}

/** Each index vector, the last axis of `indices`, must name a place in the first axes of `shape`. */
function namesPlaces(call: KernelCall, indices: TensorInfo, shape: readonly number[]): void {
  const values = hostIndices(call, indices)
  if (values === undefined) return
  const depth = indices.shape.length < 2 ? 1 : indices.shape.at(-1)!
  const limit = elements(shape.slice(0, depth))
  for (let from = 0; from < values.length; from += depth) {
    const index = Array.from({ length: depth }, (_, i) => values[from + i]!)
    const flat = index.reduce((sum, at, axis) => sum + at * elements(shape.slice(axis + 1, depth)), 0)
    if (flat < 0 || flat >= limit)
      throw new RangeError(`Invalid indices: ${index} does not index into ${shape}`)
  }
}

const notNegative: Check = call => {
  const values = hostIndices(call, call.inputs.x)
  if (values !== undefined && Array.prototype.some.call(values, value => value < 0))
    throw new RangeError("Input x must be non-negative!")
}

export const hostChecks: Readonly<Record<string, Check>> = {
  GatherV2(call) {
    const { axis } = call.attrs as { axis: number }
    const { shape } = call.inputs.x!
    const size = shape[axis < 0 ? axis + shape.length : axis]!
    const values = hostIndices(call, call.inputs.indices) ?? []
    for (let i = 0; i < values.length; i++) {
      if (!(values[i]! >= 0 && values[i]! < size))
        throw new RangeError(`GatherV2: the index value ${values[i]} is not in [0, ${size - 1}]`)
    }
  },
  GatherNd: call => {
    const indices = call.inputs.indices!
    const depth = indices.shape.at(-1)!
    const row = { ...indices, shape: [elements(indices.shape) / depth, depth], dtype: indices.dtype }
    namesPlaces(call, { ...row, dataId: indices.dataId }, call.inputs.params!.shape)
  },
  ScatterNd: call => namesPlaces(call, call.inputs.indices!, (call.attrs as { shape: number[] }).shape),
  TensorScatterUpdate: call => namesPlaces(call, call.inputs.indices!, call.inputs.tensor!.shape),
  SparseToDense: call =>
    namesPlaces(call, call.inputs.sparseIndices!, (call.attrs as { outputShape: number[] }).outputShape),
  Bincount: notNegative,
  DenseBincount: notNegative,
  BroadcastArgs(call) {
    const [a, b] = [hostIndices(call, call.inputs.s0), hostIndices(call, call.inputs.s1)]
    if (a === undefined || b === undefined) return
    for (let i = 1; i <= Math.min(a.length, b.length); i++) {
      const [x, y] = [a[a.length - i]!, b[b.length - i]!]
      if (x !== y && x !== 1 && y !== 1)
        throw new RangeError(`Operands could not be broadcast together with shapes ${a} and ${b}.`)
    }
  },
}
