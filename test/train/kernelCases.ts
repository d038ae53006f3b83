// What the tests of kernels share: inputs, the comparison with tfjs's cpu backend, and which kernels a file reaches.

import { expect } from "vitest"
import type { Tf } from "../../kernel/src/train/tf.js"
import { difference, on } from "./onXla.js"

type Tensor = import("@tensorflow/tfjs").Tensor

/** The lowered kernels whose cases are in kernelsOfImages.real.test.ts. */
export const ofImagesAndIndices = [
  "BatchToSpaceND",
  "Bincount",
  "BroadcastArgs",
  "Complex",
  "ComplexAbs",
  "CropAndResize",
  "DenseBincount",
  "DepthToSpace",
  "Diag",
  "Dilation2D",
  "Dilation2DBackpropFilter",
  "Dilation2DBackpropInput",
  "Einsum",
  "FFT",
  "FlipLeftRight",
  "GatherNd",
  "IFFT",
  "Imag",
  "LRN",
  "LRNGrad",
  "MaxPoolWithArgmax",
  "Multinomial",
  "Real",
  "ResizeBilinear",
  "ResizeBilinearGrad",
  "ResizeNearestNeighbor",
  "ResizeNearestNeighborGrad",
  "RotateWithOffset",
  "ScatterNd",
  "SearchSorted",
  "SpaceToBatchND",
  "SparseToDense",
  "StridedSlice",
  "TensorScatterUpdate",
  "TopK",
  "Transform",
]

/** Adds to `used` the name of each kernel that runs on xla from here on. */
export function watchKernels(tf: Tf, used: Set<string>): void {
  for (const config of tf.getKernelsForBackend("xla")) {
    const { kernelName, kernelFunc } = config
    tf.unregisterKernel(kernelName, "xla")
    tf.registerKernel({
      ...config,
      kernelFunc: call => {
        used.add(kernelName)
        return kernelFunc(call)
      },
    })
  }
}

/** Values that are exact in few bits, distinct, and never at a kink. */
export function numbers(size: number, seed: number, low = -2, high = 2): number[] {
  return Array.from({ length: size }, (_, i) => {
    const mixed = Math.abs(Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453) % 1
    return Math.fround(low + (high - low) * mixed)
  })
}

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1)

export function casesOf(tf: () => Tf) {
  const floats = (shape: number[], seed: number, low?: number, high?: number) =>
    tf().tensor(numbers(size(shape), seed, low, high), shape, "float32")
  const ints = (shape: number[], seed: number, low: number, high: number) =>
    tf().tensor(numbers(size(shape), seed, low, high).map(Math.floor), shape, "int32")

  function agree(run: () => Tensor | Tensor[], tolerance = 1e-5) {
    const [wanted, found] = [on(tf(), "cpu", run), on(tf(), "xla", run)]
    for (const [i, result] of wanted.entries()) {
      expect(found[i]!.shape).toEqual(result.shape)
      expect(found[i]!.dtype).toBe(result.dtype)
      expect(difference(result.values, found[i]!.values)).toBeLessThan(tolerance)
    }
  }

  /** The value, and the gradient of its weighted sum by each input. */
  function withGradient(run: (...inputs: Tensor[]) => Tensor, ...inputs: Tensor[]): Tensor[] {
    const weighted = (...given: Tensor[]) => {
      const y = run(...given)
      const weights = floats(y.shape.length > 0 ? y.shape : [1], 99).reshape(y.shape)
      return tf().sum(tf().mul(y, weights))
    }
    return [run(...inputs), ...tf().grads(weighted)(inputs)]
  }
  return { floats, ints, agree, withGradient }
}
