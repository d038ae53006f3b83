// Kernels of images, of indices, of complex numbers and of einsum against tfjs's cpu backend; kernels.real.test.ts has the
// rest, and fails for a lowered kernel that neither reaches.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { detours } from "../../kernel/src/train/install.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { casesOf, ofImagesAndIndices, watchKernels } from "./kernelCases.js"
import { xla } from "./onXla.js"

type Tensor = import("@tensorflow/tfjs").Tensor

let tf: Tf
const used = new Set<string>()
beforeAll(async () => {
  tf = await xla()
  watchKernels(tf, used)
  detours.clear()
})
afterAll(() => tf.dispose())
// The tests are synchronous: without a turn of the event loop vitest hears nothing of a slow machine's worker.
afterEach(() => new Promise(resolve => setImmediate(resolve)))

const { floats, ints, agree, withGradient } = casesOf(() => tf)
const image = (shape: number[], seed: number) => floats(shape, seed) as never

describe("images", () => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
  ])("resizing (align corners %s, half pixels %s)", (align, half) => {
    agree(() => tf.image.resizeBilinear(image([2, 4, 5, 3], 1), [7, 3], align, half), 2e-5)
    agree(() => tf.image.resizeNearestNeighbor(image([2, 4, 5, 3], 1), [7, 3], align, half))
    if (half) return
    // Square: tfjs's own gradient of a bilinear resize has the sides the wrong way round.
    const both = (resize: typeof tf.image.resizeBilinear) => (x: Tensor) => resize(x as never, [6, 8], align)
    agree(() => withGradient(both(tf.image.resizeBilinear), floats([1, 3, 3, 2], 2)), 2e-5)
    agree(() => withGradient(both(tf.image.resizeNearestNeighbor), floats([1, 3, 4, 2], 2)), 2e-5)
  })

  test.each(["bilinear", "nearest"] as const)("crops, %s", method => {
    const boxes = () =>
      tf.tensor2d([
        [0.1, 0.2, 0.8, 0.9],
        [-0.3, 0, 1.2, 0.6],
        [0.9, 0.7, 0.1, 0.2],
      ])
    const which = () => tf.tensor1d([1, 0, 1], "int32")
    agree(() => tf.image.cropAndResize(image([2, 5, 6, 2], 3), boxes(), which(), [4, 3], method, 7), 2e-5)
    agree(() => tf.image.cropAndResize(image([2, 5, 6, 2], 3), boxes(), which(), [1, 1], method, 7), 2e-5)
  })

  test("turning and flipping", () => {
    agree(() => tf.image.flipLeftRight(image([2, 3, 4, 2], 1)))
    agree(() => tf.image.rotateWithOffset(image([2, 5, 6, 4], 1), 0.7, 3, [0.4, 0.6]))
    agree(() => tf.image.rotateWithOffset(image([1, 5, 6, 4], 1), Math.PI / 2, [1, 2, 3]))
  })

  test.each(["constant", "reflect", "wrap", "nearest"] as const)("projection, %s outside", mode => {
    const views = () => tf.tensor2d([0.9, 0.3, -1.7, -0.2, 1.3, 0.6, 0.01, 0.02], [1, 8])
    for (const way of ["nearest", "bilinear"] as const)
      agree(() => tf.image.transform(image([1, 4, 5, 2], 1), views(), way, mode, 3, [6, 7]), 2e-5)
  })

  test("grey-scale dilation and its gradients", () => {
    const dilate = (pad: "same" | "valid", stride: number, dilation: number) => (x: Tensor, w: Tensor) =>
      tf.dilation2d(x as never, w as never, stride, pad, dilation)
    agree(() => withGradient(dilate("same", 1, 1), floats([2, 5, 6, 2], 1), floats([3, 2, 2], 2)))
    agree(() => withGradient(dilate("valid", 2, 1), floats([2, 6, 7, 2], 1), floats([2, 3, 2], 2)))
    agree(() => withGradient(dilate("same", 1, 2), floats([1, 6, 7, 1], 1), floats([2, 2, 1], 2)))
  })

  test("maxima with their places", () => {
    const pooled = (batch: boolean) => {
      const { result, indexes } = tf.maxPoolWithArgmax(image([2, 5, 6, 2], 1), 3, 2, "same", batch)
      return [result, indexes]
    }
    agree(() => [...pooled(false), ...pooled(true)])
  })

  test("blocks of pixels, of channels and of the batch", () => {
    agree(() => tf.depthToSpace(image([2, 3, 2, 8], 1), 2))
    const blocks = (x: Tensor) =>
      tf.spaceToBatchND(
        x,
        [2, 3],
        [
          [1, 0],
          [0, 2],
        ],
      )
    agree(() => withGradient(blocks, floats([2, 3, 4, 2], 1)))
    const back = (x: Tensor) =>
      tf.batchToSpaceND(
        x,
        [2, 3],
        [
          [1, 0],
          [0, 2],
        ],
      )
    agree(() => withGradient(back, floats([12, 2, 2, 3], 1)))
  })

  test("local response normalisation", () => {
    const normal = (x: Tensor) => tf.localResponseNormalization(x as never, 2, 1.5, 0.7, 0.6)
    agree(() => withGradient(normal, floats([1, 2, 3, 7], 1)), 2e-5)
  })

  test("convolutions with the channels first, and rounded up", () => {
    agree(() => tf.conv2d(image([2, 3, 6, 5], 1), image([3, 3, 3, 4], 2), 2, "same", "NCHW"), 2e-5)
    agree(() => tf.maxPool(image([1, 5, 5, 2], 1), 2, 3, 1, "ceil"))
    agree(() => tf.avgPool(image([1, 5, 5, 2], 1), 2, 3, 1, "ceil"))
  })
})

describe("indices", () => {
  const places = () =>
    tf.tensor2d(
      [
        [0, 1],
        [2, 0],
        [0, 1],
      ],
      [3, 2],
      "int32",
    )

  test("index vectors: gather, scatter, update", () => {
    agree(() => withGradient(x => tf.gatherND(x, places()), floats([3, 2, 4], 1)))
    agree(() => withGradient(x => tf.scatterND(places() as never, x, [3, 2, 4] as never), floats([3, 4], 1)))
    const update = (x: Tensor, y: Tensor) => tf.tensorScatterUpdate(x, places(), y)
    agree(() => withGradient(update, floats([3, 2, 4], 1), floats([3, 4], 2)))
    agree(() => tf.sparseToDense(places(), floats([3], 1), [3, 2], 5))
    expect(() => tf.gatherND(floats([2, 2], 1), places())).toThrow("does not index into")
  })

  test("gathering in batches before the axis", () => {
    const rows = () => ints([2, 3], 3, 0, 4)
    agree(() => tf.gather(floats([2, 3, 4, 2], 1), rows(), 2, 1))
    expect(() => tf.gather(floats([3, 2], 1), tf.tensor1d([3], "int32"))).toThrow("not in [0, 2]")
  })

  test("the largest, with their places and the first of equals", () => {
    const both = (x: Tensor) => {
      const { values, indices } = tf.topk(x, 3)
      return [values, indices]
    }
    agree(() => [
      ...both(floats([2, 4, 6], 1)),
      ...both(tf.tensor1d([2, 5, 5, 1, 5])),
      ...both(ints([7], 1, -5, 5)),
    ])
    agree(() => withGradient(x => tf.topk(x, 2).values, floats([3, 5], 4)))
  })

  test("strided slices, also backwards, with masks", () => {
    const slices = (x: Tensor) => [
      tf.stridedSlice(x, [0, 1, 5], [4, 5, 0], [2, 3, -2]),
      tf.stridedSlice(x, [0, 1], [0, 6], [1, 2], 0, 0, 1),
    ]
    agree(() => slices(floats([4, 5, 6], 1)))
    agree(() => withGradient(x => slices(x)[0]!, floats([4, 5, 6], 1)))
    // tfjs's cpu kernel reads beyond its input where an axis is dropped and another strides.
    const x = floats([4, 5, 6], 1)
    const dropped = tf.stridedSlice(x, [2, 0, -1], [3, 9, 1], [1, 1, -1], 0, 2, 0, 0, 1)
    const wanted = tf.reverse(tf.slice(x, [2, 0, 2], [1, 5, 4]), 2)
    expect(dropped.shape).toEqual([5, 4])
    expect(Array.from(dropped.dataSync())).toEqual(Array.from(wanted.dataSync()))
  })

  test("counts, sorted places, diagonals, shapes", () => {
    const x = () => ints([9], 1, 0, 6)
    agree(() => [
      tf.bincount(x() as never, floats([9], 2) as never, 4),
      tf.bincount(x() as never, [] as never, 8),
    ])
    const rows = () => ints([2, 5], 1, 0, 6) as never
    agree(() => [tf.denseBincount(rows(), [] as never, 4), tf.denseBincount(rows(), [] as never, 4, true)])
    const sorted = () => tf.tensor2d([1, 2, 2, 4, 0, 1, 5, 9], [2, 4])
    const values = () => tf.tensor2d([2, 0, 5, 9, 1, -1], [2, 3])
    agree(() => [tf.searchSorted(sorted(), values(), "left"), tf.searchSorted(sorted(), values(), "right")])
    agree(() => [tf.diag(floats([4], 1)), tf.diag(floats([2, 3], 1))])
    agree(() => tf.broadcastArgs(tf.tensor1d([3, 1], "int32"), tf.tensor1d([2, 1, 5], "int32")))
  })

  test("choices, from tfjs's own random numbers", () => {
    agree(() => tf.multinomial(floats([3, 4], 1) as never, 20, 42))
    agree(() => tf.multinomial(tf.tensor2d([0.1, 0.2, 0.7], [1, 3]), 50, 7, true))
  })
})

describe("complex numbers", () => {
  const z = (seed: number, shape = [2, 6]) => tf.complex(floats(shape, seed), floats(shape, seed + 1))
  const parts = (x: Tensor) => [tf.real(x), tf.imag(x)]

  test("arithmetic, joins, parts", () => {
    agree(() => [...parts(tf.add(z(1), z(3))), ...parts(tf.mul(z(1), z(3))), ...parts(tf.sub(z(1), z(3)))])
    agree(() => [...parts(tf.concat([z(1), z(3)], -1)), ...parts(tf.stack([z(1), z(3)])), tf.abs(z(1))])
    agree(() => [...parts(tf.reshape(z(1), [3, 4])), ...parts(tf.cast(floats([3], 1), "complex64"))])
    agree(() => parts(tf.mul(z(1), floats([2, 6], 5))))
    // tfjs's cpu kernel gives NaN where complex numbers of different rank broadcast.
    const row = Array.from(tf.add(z(1), z(3, [6])).dataSync())
    expect(row).toEqual(Array.from(tf.add(z(1), tf.stack([z(3, [6]), z(3, [6])])).dataSync()))
    expect(() => tf.sin(z(1))).toThrow()
  })

  test.each([1, 4, 5, 6])("Fourier transforms of %i", length => {
    agree(() => [...parts(tf.fft(z(1, [3, length]))), ...parts(tf.ifft(z(1, [3, length])))], 2e-5)
    agree(() => parts(tf.spectral.rfft(floats([2, length], 1))), 2e-5)
  })

  test("are one tensor each", () => {
    const before = tf.memory()
    const kept = tf.tidy(() => tf.fft(z(1)))
    expect(kept.dtype).toBe("complex64")
    expect(Array.from(kept.dataSync())).toHaveLength(24)
    kept.dispose()
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers)
  })
})

test.each([
  ["ij->", [[2, 3]]],
  ["ij->ji", [[2, 3]]],
  ["ijk->ki", [[2, 3, 4]]],
  ["i,j->ij", [[2], [3]]],
  [
    "ij,jk->ik",
    [
      [2, 3],
      [3, 4],
    ],
  ],
  [
    "ij,ij->",
    [
      [2, 3],
      [2, 3],
    ],
  ],
  [
    "bhqd,bhkd->bhqk",
    [
      [2, 2, 3, 4],
      [2, 2, 5, 4],
    ],
  ],
  [
    "bhqk,bkhd->bqhd",
    [
      [2, 2, 3, 4],
      [2, 4, 2, 3],
    ],
  ],
  [
    "abc,bd->dca",
    [
      [2, 3, 4],
      [3, 5],
    ],
  ],
])("einsum %s", (equation, shapes) => {
  agree(() => tf.einsum(equation, ...shapes.map((shape, i) => floats(shape, i + 1))), 2e-5)
  const sum = (...given: Tensor[]) => tf.einsum(equation, ...given)
  agree(() => withGradient(sum, ...shapes.map((shape, i) => floats(shape, i + 1))), 2e-5)
})

test("none of them ran elsewhere, and each was reached", () => {
  expect(Object.fromEntries(detours)).toEqual({})
  expect(ofImagesAndIndices.filter(name => !used.has(name))).toEqual([])
})
