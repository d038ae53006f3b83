// Every kernel that is lowered, and its gradient where it has one, against tfjs's cpu backend on random shapes. A kernel
// that is registered but has no case here fails the last test.
import fc from "fast-check"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { detours } from "../../kernel/src/train/install.js"
import { hostKernels } from "../../kernel/src/train/kernels/hostKernels.js"
import { loweredKernels } from "../../kernel/src/train/kernels/register.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { casesOf, numbers, ofImagesAndIndices, watchKernels } from "./kernelCases.js"
import { difference, xla } from "./onXla.js"

type Tensor = import("@tensorflow/tfjs").Tensor

let tf: Tf
const used = new Set<string>()
beforeAll(async () => {
  tf = await xla()
  // Which kernels the cases reach on xla: seen where the backend is asked for them.
  watchKernels(tf, used)
})

const { floats, ints, agree, withGradient } = casesOf(() => tf)
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
const seeds = fc.integer({ min: 0, max: 1000 })
const runs = { numRuns: 3 }

describe("elementwise", () => {
  const smooth: Record<string, [string, number?, number?]> = {
    abs: ["Abs"],
    neg: ["Neg"],
    exp: ["Exp"],
    expm1: ["Expm1"],
    log: ["Log", 0.1, 3],
    log1p: ["Log1p", -0.5, 3],
    sqrt: ["Sqrt", 0.1, 3],
    rsqrt: ["Rsqrt", 0.1, 3],
    square: ["Square"],
    reciprocal: ["Reciprocal", 0.3, 2],
    sin: ["Sin"],
    cos: ["Cos"],
    tan: ["Tan", -1, 1],
    sinh: ["Sinh"],
    cosh: ["Cosh"],
    tanh: ["Tanh"],
    asin: ["Asin", -0.9, 0.9],
    acos: ["Acos", -0.9, 0.9],
    atan: ["Atan"],
    asinh: ["Asinh"],
    acosh: ["Acosh", 1.2, 3],
    atanh: ["Atanh", -0.9, 0.9],
    erf: ["Erf"],
    sigmoid: ["Sigmoid"],
    relu: ["Relu"],
    relu6: ["Relu6", -8, 8],
    elu: ["Elu"],
    selu: ["Selu"],
    softplus: ["Softplus"],
    sign: ["Sign"],
    ceil: ["Ceil"],
    floor: ["Floor"],
    round: ["Round"],
  }
  test.each(Object.entries(smooth))("%s", (name, [, low, high]) => {
    const op = (tf as unknown as Record<string, (x: Tensor) => Tensor>)[name]!
    fc.assert(
      fc.property(shapes, seeds, (shape, seed) =>
        agree(() => withGradient(op, floats(shape, seed, low, high)), 2e-5),
      ),
      runs,
    )
  })

  test.each(["leakyRelu", "step", "isNaN", "isInf", "isFinite", "logicalNot", "clipByValue"])("%s", name => {
    const x = () => tf.tensor1d([-2, -0.5, 0.25, 3, Number.NaN, Infinity, -Infinity])
    if (name === "leakyRelu") agree(() => withGradient(t => tf.leakyRelu(t, 0.3), floats([2, 5], 3)))
    else if (name === "step") agree(() => tf.step(x(), 0.5))
    else if (name === "logicalNot") agree(() => tf.logicalNot(tf.tensor1d([1, 0, 1], "bool")))
    else if (name === "clipByValue")
      agree(() => withGradient(t => tf.clipByValue(t, -0.7, 1.1), floats([3, 4], 5)))
    else agree(() => (tf as unknown as Record<string, (x: Tensor) => Tensor>)[name]!(x()))
  })

  test("prelu", () => {
    agree(() => withGradient((x, a) => tf.prelu(x, a), floats([2, 3, 4], 1), floats([4], 2)))
  })

  const pairs = fc.tuple(shapes, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), seeds)
  test.each(["add", "sub", "mul", "div", "maximum", "minimum", "squaredDifference", "pow", "atan2"])(
    "%s broadcasts",
    name => {
      const op = (tf as unknown as Record<string, (a: Tensor, b: Tensor) => Tensor>)[name]!
      const positive = name === "pow"
      fc.assert(
        fc.property(pairs, ([shape, ones, seed]) => {
          const other = shape.map((length, i) => (ones[i] ? 1 : length)).slice(ones[3] ? 1 : 0)
          const a = () => floats(shape, seed, positive ? 0.2 : 0.3, 2)
          const b = () => floats(other.length > 0 ? other : [1], seed + 1, 0.4, 2)
          // tfjs's own gradients of these do not sum over axes that were broadcast.
          const plain = ["maximum", "minimum", "squaredDifference"].includes(name)
          agree(() => (plain ? op(a(), b()) : withGradient(op, a(), b())), 2e-5)
          if (plain) agree(() => withGradient(op, a(), floats(shape, seed + 1, 0.4, 2)))
        }),
        runs,
      )
    },
  )

  test("integers divide down and wrap as tfjs has them", () => {
    const a = () => ints([40], 1, -9, 9)
    const b = () =>
      tf.tensor1d(
        numbers(40, 2, 1, 5).map((v, i) => Math.floor(v) * (i % 2 ? 1 : -1)),
        "int32",
      )
    agree(() => [tf.floorDiv(a(), b()), tf.add(a(), b()), tf.mul(a(), b()), tf.sub(a(), b())])
    agree(() => tf.mod(floats([40], 3, -5, 5), floats([40], 4, 0.5, 2)))
    agree(() => tf.floorDiv(floats([40], 3, -5, 5), floats([40], 4, 0.5, 2)))
    const zeros = () => tf.zeros([3], "int32")
    agree(() => [tf.floorDiv(ints([3], 1, -9, 9), zeros()), tf.mod(ints([3], 1, -9, 9), zeros())])
    agree(() => tf.bitwiseAnd(ints([20], 5, -99, 99), ints([20], 6, -99, 99)))
  })

  test.each(["equal", "notEqual", "greater", "greaterEqual", "less", "lessEqual"])("%s", name => {
    const op = (tf as unknown as Record<string, (a: Tensor, b: Tensor) => Tensor>)[name]!
    agree(() => [op(ints([3, 5], 1, 0, 3), ints([5], 2, 0, 3)), op(floats([4], 1), floats([4], 1))])
  })

  test("what is not a number stays that, and integers stay integers", () => {
    const x = () => tf.tensor1d([1, Number.NaN, -2, Number.NaN])
    const y = () => tf.tensor1d([Number.NaN, 3, 4, Number.NaN])
    agree(() => [tf.maximum(x(), y()), tf.minimum(x(), y()), tf.max(x()), tf.min(y()), tf.sign(x())])
    agree(() => [tf.argMax(tf.tensor1d([0, 3, 5, Number.NaN, 3])), tf.relu(x()), tf.clipByValue(x(), -1, 1)])
    const n = () => ints([8], 4, -6, 6)
    agree(() => [tf.round(n()), tf.reciprocal(tf.add(tf.abs(n()), 1)), tf.selu(n()), tf.softplus(n())])
    agree(() => [tf.leakyRelu(n()), tf.prelu(n(), floats([8], 5)), tf.isInf(n()), tf.isNaN(n())])
    const b = () => tf.tensor1d([1, 0, 1], "bool")
    agree(() => [tf.cumsum(b()), tf.squaredDifference(b(), b()), tf.neg(b())])
  })

  test("logic, where, addN", () => {
    const [a, b] = [() => tf.tensor1d([1, 0, 1, 0], "bool"), () => tf.tensor1d([1, 1, 0, 0], "bool")]
    agree(() => [tf.logicalAnd(a(), b()), tf.logicalOr(a(), b()), tf.logicalXor(a(), b())])
    agree(() => [
      tf.where(a(), floats([4], 1), floats([4], 2)),
      tf.where(a(), floats([3, 1], 1), floats([4], 2)),
    ])
    agree(() => tf.addN([floats([2, 3], 1), floats([2, 3], 2), floats([2, 3], 3)]))
  })
})

describe("reductions", () => {
  const cases = fc.tuple(shapes, fc.integer({ min: 0, max: 3 }), fc.boolean(), seeds)
  test.each(["sum", "mean", "max", "min", "prod"])("%s", name => {
    const op = (tf as unknown as Record<string, (x: Tensor, axis?: number, keep?: boolean) => Tensor>)[name]!
    fc.assert(
      fc.property(cases, ([shape, axis, keep, seed]) => {
        const along = axis < shape.length ? axis : undefined
        agree(() => withGradient(x => op(x, along, keep), floats(shape, seed, 0.5, 2)))
      }),
      { numRuns: 5 },
    )
  })

  test("sums and products of integers and booleans", () => {
    agree(() => [
      tf.sum(ints([4, 5], 1, -9, 9), 1),
      tf.sum(tf.tensor1d([1, 0, 1], "bool")),
      tf.prod(ints([6], 2, 1, 4)),
    ])
  })

  test("arguments of extremes, the first on ties", () => {
    agree(() => [tf.argMax(floats([4, 6], 1), 1), tf.argMin(floats([4, 6], 1), 0)])
    agree(() => [
      tf.argMax(
        tf.tensor2d([
          [1, 3, 3],
          [2, 2, 1],
        ]),
        1,
      ),
      tf.argMin(tf.tensor1d([5, 1, 1, 7])),
    ])
  })

  test("all, any", () => {
    const x = () =>
      tf.tensor2d(
        [
          [1, 0],
          [1, 1],
        ],
        [2, 2],
        "bool",
      )
    agree(() => [tf.all(x(), 1), tf.any(x(), 0)])
  })

  test("softmaxes", () => {
    agree(() => withGradient(x => tf.softmax(x), floats([3, 5], 1, -30, 30)))
    agree(() => withGradient(x => tf.logSoftmax(x), floats([2, 3, 4], 2)))
    // tf.logSoftmax is made of other kernels; converted models ask for the kernel.
    tf.tidy(() => {
      const logits = floats([2, 4], 3)
      const kernel = tf.engine().runKernel("LogSoftmax", { logits } as never, { axis: 1 } as never) as Tensor
      expect(
        difference(Array.from(kernel.dataSync()), Array.from(tf.logSoftmax(logits).dataSync())),
      ).toBeLessThan(1e-5)
    })
  })

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("running sums and products (exclusive %s, reverse %s)", (exclusive, reverse) => {
    agree(() => tf.cumsum(floats([3, 5], 1), 1, exclusive, reverse))
    agree(() => tf.cumprod(floats([4, 2], 2), 0, exclusive, reverse))
  })

  test("batch normalisation", () => {
    const channel = (seed: number) => floats([3], seed, 0.2, 1.5)
    agree(
      () => tf.batchNorm(floats([2, 4, 4, 3], 1), channel(2), channel(3), channel(4), channel(5), 1e-3),
      2e-5,
    )
  })
})

describe("shapes", () => {
  test("join, split, repeat, turn", () => {
    agree(() => withGradient((a, b) => tf.concat([a, b], 1), floats([2, 3], 1), floats([2, 2], 2)))
    agree(() => [...tf.split(floats([4, 6], 1), [1, 2, 3], 1), ...tf.split(floats([4, 6], 1), 2, 0)])
    agree(() => [tf.stack([floats([2, 3], 1), floats([2, 3], 2)], 1), ...tf.unstack(floats([2, 3], 3), 1)])
    agree(() => withGradient(x => tf.tile(x, [2, 1, 3]), floats([2, 3, 2], 1)))
    agree(() => withGradient(x => tf.transpose(x, [2, 0, 1]), floats([2, 3, 4], 1)))
    agree(() => withGradient(x => tf.reverse(x, [0, -1]), floats([2, 3, 4], 1)))
    agree(() => tf.broadcastTo(floats([3, 1], 1), [2, 3, 4]))
  })

  test("slices, of the host's and of the device's memory", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 3 }), (begin, length) => {
        agree(() => tf.slice(floats([9, 4], 1), begin, length))
        agree(() => withGradient(x => tf.slice(tf.mul(x, 2), [begin, 1], [length, 2]), floats([9, 4], 1)))
      }),
      runs,
    )
  })

  test("padding", () => {
    agree(() =>
      withGradient(
        x =>
          tf.pad(
            x,
            [
              [1, 2],
              [0, 3],
            ],
            7,
          ),
        floats([2, 3], 1),
      ),
    )
    agree(() => [
      tf.mirrorPad(
        floats([3, 4], 1),
        [
          [1, 2],
          [2, 1],
        ],
        "reflect",
      ),
      tf.mirrorPad(
        floats([3, 4], 1),
        [
          [1, 2],
          [2, 1],
        ],
        "symmetric",
      ),
    ])
  })

  test("makers", () => {
    agree(() => [
      tf.fill([2, 3], 4),
      tf.range(0, 10, 3),
      tf.linspace(0, 1, 5),
      tf.zerosLike(floats([3], 1)),
      tf.onesLike(floats([3], 1)),
    ])
    agree(() => [
      tf.reshape(floats([2, 6], 1), [3, -1]),
      tf.expandDims(floats([2], 1), 0),
      tf.cast(floats([4], 2), "int32"),
    ])
    agree(() => [
      tf.cast(floats([4], 2), "bool"),
      tf.cast(ints([4], 3, -2, 2), "float32"),
      tf.clone(floats([2], 1)),
    ])
  })
})

describe("indices", () => {
  test("gather along each axis, and in batches", () => {
    agree(() => withGradient(x => tf.gather(x, tf.tensor1d([2, 0, 2], "int32"), 0), floats([4, 3], 1)))
    agree(() =>
      tf.gather(
        floats([2, 5, 3], 1),
        tf.tensor2d(
          [
            [1, 4],
            [0, 0],
          ],
          [2, 2],
          "int32",
        ),
        1,
      ),
    )
    agree(() =>
      tf.gather(
        floats([2, 5, 3], 1),
        tf.tensor2d(
          [
            [1, 4],
            [0, 0],
          ],
          [2, 2],
          "int32",
        ),
        1,
        1,
      ),
    )
  })

  test("one-hot, segments", () => {
    agree(() => tf.oneHot(tf.tensor1d([1, 0, 3], "int32"), 4, 5, -1))
    agree(() => tf.unsortedSegmentSum(floats([5, 2], 1), tf.tensor1d([0, 2, 0, 1, 2], "int32"), 3))
  })
})

describe("contractions", () => {
  const matrices = fc.tuple(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 5 }),
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom([], [1], [3], [2, 2]),
  )
  test("matrix products, transposed and in batches", () => {
    fc.assert(
      fc.property(matrices, ([m, k, n, ta, tb, batch]) => {
        const a = floats([...batch, ...(ta ? [k, m] : [m, k])], 1)
        const b = floats([...batch, ...(tb ? [n, k] : [k, n])], 2)
        const [av, bv] = [a.arraySync(), b.arraySync()]
        agree(() =>
          withGradient(
            (x, y) => tf.matMul(x, y, ta, tb),
            tf.tensor(av as number[]),
            tf.tensor(bv as number[]),
          ),
        )
      }),
      { numRuns: 6 },
    )
  })

  test.each(["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const)(
    "fused with %s",
    activation => {
      agree(() =>
        tf.fused.matMul({
          a: floats([3, 4], 1),
          b: floats([4, 5], 2),
          bias: floats([5], 3),
          activation,
          ...(activation === "prelu" ? { preluActivationWeights: floats([5], 4) } : {}),
        }),
      )
    },
  )

  const windows = fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 2 }),
    fc.constantFrom("same" as const, "valid" as const),
    fc.integer({ min: 5, max: 8 }),
    fc.integer({ min: 5, max: 7 }),
  )
  test("convolutions and both gradients", () => {
    fc.assert(
      fc.property(windows, ([kernel, stride, pad, height, width]) => {
        const x = () => floats([3, height, width, 2], 1) as import("@tensorflow/tfjs").Tensor4D
        const w = () => floats([kernel, kernel, 2, 3], 2) as import("@tensorflow/tfjs").Tensor4D
        agree(() => withGradient((a, b) => tf.conv2d(a as never, b as never, stride, pad), x(), w()), 2e-5)
        agree(
          () => withGradient((a, b) => tf.depthwiseConv2d(a as never, b as never, stride, pad), x(), w()),
          2e-5,
        )
      }),
      { numRuns: 5 },
    )
  })

  test("dilated, transposed, fused, one and three axes", () => {
    const x = () => floats([2, 7, 7, 2], 1) as never
    const w = () => floats([3, 3, 2, 3], 2) as never
    agree(() => tf.conv2d(x(), w(), 1, "same", "NHWC", 2))
    agree(() => tf.conv2dTranspose(x(), floats([3, 3, 4, 2], 3) as never, [2, 14, 14, 4], 2, "same"))
    agree(() =>
      tf.fused.conv2d({
        x: x(),
        filter: w(),
        strides: 1,
        pad: "same",
        bias: floats([3], 4),
        activation: "relu",
      }),
    )
    agree(() =>
      tf.fused.depthwiseConv2d({
        x: x(),
        filter: w(),
        strides: 1,
        pad: "valid",
        bias: floats([6], 4),
        activation: "relu",
      }),
    )
    agree(() =>
      withGradient(
        (a, b) => tf.conv1d(a as never, b as never, 2, "same"),
        floats([2, 9, 3], 1),
        floats([3, 3, 4], 2),
      ),
    )
    agree(() =>
      withGradient(
        (a, b) => tf.conv3d(a as never, b as never, 1, "same"),
        floats([1, 4, 5, 4, 2], 1),
        floats([2, 2, 2, 2, 3], 2),
      ),
    )
  })

  test("pools and their gradients, tiling and overlapping", () => {
    fc.assert(
      fc.property(windows, ([kernel, stride, pad, height, width]) => {
        const x = () => floats([2, height, width, 3], 1)
        agree(() => withGradient(a => tf.maxPool(a as never, kernel, stride, pad), x()))
        agree(() => withGradient(a => tf.avgPool(a as never, kernel, stride, pad), x()))
      }),
      { numRuns: 5 },
    )
    agree(() => withGradient(a => tf.maxPool(a as never, 2, 2, "valid"), floats([2, 6, 4, 3], 1)))
    agree(() => withGradient(a => tf.avgPool(a as never, [2, 3], [2, 3], "valid"), floats([2, 6, 6, 3], 1)))
    agree(() => withGradient(a => tf.maxPool3d(a as never, 2, 2, "valid"), floats([1, 4, 4, 6, 2], 1)))
    agree(() => withGradient(a => tf.avgPool3d(a as never, 2, 2, "valid"), floats([1, 4, 4, 6, 2], 1)))
  })

  test("a pool's gradient goes to the first of equal maxima", () => {
    const tied = () => tf.tensor4d([1, 1, 1, 1, 0, 2, 2, 2, 3, 0, 3, 3, 0, 0, 0, 5], [1, 4, 4, 1])
    agree(() => withGradient(a => tf.maxPool(a as never, 2, 2, "valid"), tied()))
    agree(() => withGradient(a => tf.maxPool(a as never, 3, 1, "same"), tied()))
  })
})

test("elu's gradient, and a kernel that is not lowered, which is counted", () => {
  detours.clear()
  agree(() => withGradient(x => tf.elu(x), floats([6], 1)))
  expect(detours.size).toBe(0)
  agree(() => tf.unique(tf.tensor1d([3, 1, 3])).values)
  expect(detours.get("Unique")).toBe(1)
})

afterAll(() => tf.dispose())
// The tests are synchronous: without a turn of the event loop vitest hears nothing of a slow machine's worker.
afterEach(() => new Promise(resolve => setImmediate(resolve)))

test("no lowered kernel is without a case", () => {
  const lowered = [
    ...Object.keys(loweredKernels(tf, { splitFilterGradients: true })),
    ...Object.keys(hostKernels),
  ]
  // BroadcastTo: tfjs itself asks for Tile. The 3-D pools' backward kernels are reached through their gradients.
  const elsewhere = new Set(["BroadcastTo", ...ofImagesAndIndices])
  expect(lowered.filter(name => !used.has(name) && !elsewhere.has(name))).toEqual([])
})
