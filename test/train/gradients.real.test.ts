// Every gradient that is registered, ours and tfjs's, against central differences. The differences are taken on tfjs's cpu
// backend where it is right, the gradient on xla. A kernel that has a gradient and no case here fails the last test.
import fc from "fast-check"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { Tf } from "../../kernel/src/train/tf.js"
import { numbers } from "./kernelCases.js"
import { xla } from "./onXla.js"

type Tensor = import("@tensorflow/tfjs").Tensor

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})
afterAll(() => tf.dispose())
// The tests are synchronous: without a turn of the event loop vitest hears nothing of a slow machine's worker.
afterEach(() => new Promise(resolve => setImmediate(resolve)))

type Shapes = readonly (readonly number[])[]
interface Case {
  readonly run: (...inputs: Tensor[]) => Tensor
  readonly shapes: Shapes | ((size: number) => Shapes)
  /** Where the inputs lie; default -2 to 2. */
  readonly from?: number
  readonly to?: number
  /** What takes the differences where tfjs's cpu backend cannot, or is wrong. */
  readonly differencesOn?: "xla"
}

const kernel = (name: string, key: string, attrs: object) => (x: Tensor) =>
  [tf.engine().runKernel(name, { [key]: x }, attrs as never)].flat()[0] as Tensor
const on = (name: string) => (x: Tensor) => (tf as unknown as Record<string, (x: Tensor) => Tensor>)[name]!(x)
const ones = (name: string, from = -2, to = 2): Case => ({
  run: x => on(name)(x),
  shapes: size => [[size, 2]],
  from,
  to,
})
const pairs = (name: string, from = 0.5, to = 2): Case => ({
  run: (a, b) => (tf as unknown as Record<string, (a: Tensor, b: Tensor) => Tensor>)[name]!(a, b),
  // Broadcast, both ways.
  shapes: size => [
    [size, 1],
    [2, 1, 3],
  ],
  from,
  to,
})
const constantIn =
  (make: (x: Tensor) => Tensor): Case["run"] =>
  x =>
    tf.mul(tf.cast(make(x), "float32"), tf.sum(x))
const image = (run: (x: never) => Tensor, shape: readonly number[], ...more: Shapes): Case => ({
  run: run as never,
  shapes: [shape, ...more],
})
const indices = () => tf.tensor2d([1, 0, 2, 1], [2, 2], "int32")

const cases: Readonly<Record<string, Case>> = {
  Abs: ones("abs"),
  Acos: ones("acos", -0.8, 0.8),
  Acosh: ones("acosh", 1.3, 3),
  Add: pairs("add"),
  AddN: { run: (a, b) => tf.addN([a, b, a]), shapes: size => [[size], [size]] },
  ArgMax: { run: constantIn(x => tf.argMax(x, 1)), shapes: [[3, 4]] },
  ArgMin: { run: constantIn(x => tf.argMin(x, 1)), shapes: [[3, 4]] },
  Asin: ones("asin", -0.8, 0.8),
  Asinh: ones("asinh"),
  Atan: ones("atan"),
  Atan2: pairs("atan2"),
  Atanh: ones("atanh", -0.8, 0.8),
  // Without padding: tfjs divides by the whole window in the gradient, and by what is inside in the value.
  AvgPool: image(x => tf.avgPool(x, 2, 1, "valid"), [1, 3, 3, 1]),
  AvgPool3D: image(x => tf.avgPool3d(x, 2, 1, "valid"), [1, 2, 3, 2, 1]),
  BatchMatMul: {
    run: (a, b) => tf.matMul(a, b, false, true),
    shapes: size => [
      [2, size, 3],
      [2, 2, 3],
    ],
  },
  BatchToSpaceND: { run: x => tf.batchToSpaceND(x, [2], [[1, 0]]), shapes: [[4, 2, 2]] },
  BroadcastTo: { run: kernelBroadcast(), shapes: [[2, 1, 2]], differencesOn: "xla" },
  Cast: { run: x => tf.cast(tf.mul(x, 2), "float32"), shapes: [[3]] },
  Ceil: ones("ceil", 0.1, 0.9),
  ClipByValue: { run: x => tf.clipByValue(x, -1.1, 1.2), shapes: [[6]] },
  ComplexAbs: { run: x => tf.mul(x, tf.abs(tf.complex(tf.tensor1d([3]), tf.tensor1d([4])))), shapes: [[2]] },
  Concat: {
    run: (a, b) => tf.concat([a, b], 1),
    shapes: size => [
      [2, size],
      [2, 3],
    ],
  },
  Conv2D: image(((x: never, w: never) => tf.conv2d(x, w, 2, "same")) as never, [1, 4, 3, 2], [2, 2, 2, 1]),
  Conv2DBackpropInput: image(
    ((x: never, w: never) => tf.conv2dTranspose(x, w, [1, 4, 4, 1], 2, "same")) as never,
    [1, 2, 2, 2],
    [2, 2, 1, 2],
  ),
  Conv3D: image(
    ((x: never, w: never) => tf.conv3d(x, w, 1, "same")) as never,
    [1, 2, 3, 2, 1],
    [2, 1, 2, 1, 2],
  ),
  Cos: ones("cos"),
  Cosh: ones("cosh"),
  Cumprod: { run: x => tf.cumprod(x, 1, true, true), shapes: size => [[2, size]], from: 0.5 },
  Cumsum: { run: x => tf.cumsum(x, 1, true, true), shapes: size => [[2, size]] },
  DepthwiseConv2dNative: image(
    ((x: never, w: never) => tf.depthwiseConv2d(x, w, 1, "valid")) as never,
    [1, 3, 4, 2],
    [2, 2, 2, 2],
  ),
  Dilation2D: image(
    ((x: never, w: never) => tf.dilation2d(x, w, 1, "valid")) as never,
    [1, 3, 3, 2],
    [2, 2, 2],
  ),
  Einsum: {
    // tfjs's cpu kernel does not sum two axes.
    differencesOn: "xla",
    run: (a, b) => tf.einsum("bij,jk->ki", a, b),
    shapes: size => [
      [2, size, 3],
      [3, 2],
    ],
  },
  Elu: ones("elu"),
  Erf: ones("erf"),
  Exp: ones("exp"),
  ExpandDims: { run: x => tf.mul(tf.expandDims(x, 1), x), shapes: [[3]] },
  Expm1: ones("expm1"),
  Floor: ones("floor", 0.1, 0.9),
  FusedBatchNorm: {
    run: (x, mean, variance, offset, scale) =>
      tf.batchNorm(x as never, mean as never, variance as never, offset as never, scale as never, 0.01),
    shapes: [[3, 2], [2], [2], [2], [2]],
    from: 0.5,
  },
  GatherNd: { run: x => tf.gatherND(x, indices()), shapes: size => [[3, 2, size]] },
  GatherV2: { run: x => tf.gather(x, tf.tensor1d([1, 0, 1], "int32"), 1), shapes: size => [[size, 2]] },
  GreaterEqual: { run: constantIn(x => tf.greaterEqual(x, 0)), shapes: [[4]] },
  Identity: { run: x => tf.clone(x), shapes: [[3]] },
  IsFinite: { run: constantIn(x => tf.isFinite(x)), shapes: [[3]] },
  IsInf: { run: constantIn(x => tf.isInf(x)), shapes: [[3]] },
  IsNan: { run: constantIn(x => tf.isNaN(x)), shapes: [[3]] },
  LRN: image(x => tf.localResponseNormalization(x, 1, 1.2, 0.8, 0.6), [1, 1, 2, 4]),
  LeakyRelu: { run: x => tf.leakyRelu(x, 0.3), shapes: [[5]] },
  Log: ones("log", 0.4),
  Log1p: ones("log1p", -0.4),
  LogSoftmax: { run: x => tf.logSoftmax(x), shapes: size => [[2, size]] },
  Max: { run: x => tf.max(x, 1), shapes: size => [[2, size]] },
  MaxPool: image(x => tf.maxPool(x, 2, 1, "valid"), [1, 3, 3, 1]),
  MaxPool3D: image(x => tf.maxPool3d(x, 2, 1, "valid"), [1, 2, 3, 2, 1]),
  Maximum: pairs("maximum"),
  Mean: { run: x => tf.mean(x, 0), shapes: size => [[size, 3]] },
  Min: { run: x => tf.min(x, 1), shapes: size => [[2, size]] },
  Minimum: pairs("minimum"),
  MirrorPad: { run: x => tf.slice(tf.mirrorPad(x, [[1, 2]], "symmetric"), 1, 3), shapes: [[3]] },
  Mod: { run: (a, b) => tf.mod(a, tf.add(b, 1)), shapes: [[3], [3]], from: 0.55, to: 0.95 },
  Multiply: pairs("mul"),
  Neg: ones("neg"),
  OneHot: {
    run: x => tf.mul(tf.oneHot(tf.tensor1d([0, 2], "int32"), 3, 2, 1, "float32"), x),
    shapes: [[2, 1]],
  },
  OnesLike: { run: constantIn(x => tf.onesLike(x)), shapes: [[3]] },
  Pack: {
    run: (a, b) => tf.stack([a, b], 1),
    shapes: size => [
      [size, 2],
      [size, 2],
    ],
  },
  PadV2: { run: x => tf.pad(x, [[1, 2]], 3), shapes: size => [[size]] },
  Pow: pairs("pow"),
  Prelu: { run: (x, a) => tf.prelu(x, a), shapes: [[3, 4], [4]] },
  Prod: { run: x => tf.prod(x, 1), shapes: size => [[2, size]], from: 0.5 },
  RealDiv: pairs("div"),
  Reciprocal: ones("reciprocal", 0.5),
  Relu: ones("relu"),
  Relu6: ones("relu6", -1.9, 8),
  Reshape: { run: x => tf.reshape(x, [3, 2]), shapes: [[2, 3]] },
  ResizeBilinear: image(x => tf.image.resizeBilinear(x, [4, 4], true), [1, 3, 3, 1]),
  ResizeNearestNeighbor: image(x => tf.image.resizeNearestNeighbor(x, [4, 5]), [1, 3, 2, 1]),
  Reverse: { run: x => tf.reverse(x, 1), shapes: size => [[2, size]] },
  Round: ones("round", 0.6, 0.9),
  Rsqrt: ones("rsqrt", 0.5),
  ScatterNd: {
    run: x => tf.scatterND(indices() as never, x, [3, 2, 2] as never),
    shapes: [[2, 2]],
  },
  Select: { run: (a, b) => tf.where(tf.tensor1d([1, 0, 1], "bool"), a, b), shapes: [[3], [3]] },
  Selu: ones("selu"),
  Sigmoid: ones("sigmoid"),
  Sign: ones("sign", 0.2),
  Sin: ones("sin"),
  Sinh: ones("sinh"),
  Slice: { run: x => tf.slice(x, [1, 0], [2, 1]), shapes: [[3, 2]] },
  Softmax: { run: x => tf.softmax(x), shapes: size => [[2, size]] },
  Softplus: ones("softplus"),
  SpaceToBatchND: { run: x => tf.spaceToBatchND(x, [2], [[1, 0]]), shapes: [[2, 3, 2]] },
  SplitV: { run: x => tf.mul(tf.split(x, [1, 2], 1)[1]!, 3), shapes: [[2, 3]] },
  Sqrt: ones("sqrt", 0.5),
  Square: ones("square"),
  SquaredDifference: pairs("squaredDifference"),
  Step: { run: constantIn(x => tf.step(x, 0.5)), shapes: [[4]] },
  StridedSlice: {
    run: x => tf.stridedSlice(x, [0, 4], [3, 0], [2, -2]),
    shapes: size => [[3, 5, size]],
  },
  Sub: pairs("sub"),
  Sum: { run: x => tf.sum(x, 0), shapes: size => [[size, 3]] },
  Tan: ones("tan", -0.8, 0.8),
  Tanh: ones("tanh"),
  TensorScatterUpdate: {
    run: (x, y) => tf.tensorScatterUpdate(x, indices(), y),
    shapes: [
      [3, 2, 2],
      [2, 2],
    ],
  },
  Tile: { run: x => tf.tile(x, [2, 3]), shapes: size => [[size, 2]] },
  TopK: { run: x => tf.topk(x, 2).values, shapes: [[3, 4]] },
  Transpose: { run: x => tf.transpose(x, [1, 0]), shapes: size => [[size, 2]] },
  Unpack: { run: x => tf.mul(tf.unstack(x, 1)[1]!, 2), shapes: size => [[size, 3]] },
  UnsortedSegmentSum: {
    run: x => tf.unsortedSegmentSum(x, tf.tensor1d([0, 2, 0], "int32"), 3),
    shapes: size => [[3, size]],
  },
  ZerosLike: { run: constantIn(x => tf.zerosLike(x)), shapes: [[3]] },
}

/** tf.broadcastTo asks for Tile. With the rank kept: tfjs's gradient takes the wrong axes where it grows. */
function kernelBroadcast(): Case["run"] {
  return x => kernel("BroadcastTo", "x", { shape: [2, 3, 2], inputShape: x.shape })(x)
}

/** The weighted sum of a case's result, as a number. */
function total(run: Case["run"], inputs: readonly Tensor[]): Tensor {
  const y = run(...inputs)
  const weights = tf.tensor(numbers(y.size, 77, 0.5, 1.5), y.shape, "float32")
  return tf.sum(tf.mul(y, weights))
}

const step = 2 ** -7

function differences(run: Case["run"], values: readonly Float32Array[], shapes: Shapes): number[] {
  const at = () =>
    tf.tidy(() => {
      const inputs = values.map((value, i) => tf.tensor(value.slice(), [...shapes[i]!], "float32"))
      return total(run, inputs).dataSync()[0]!
    })
  return values.flatMap(value =>
    Array.from(value, (exact, i) => {
      value[i] = exact + step
      const above = at()
      value[i] = exact - step
      const below = at()
      value[i] = exact
      return (above - below) / (2 * step)
    }),
  )
}

test.each(Object.entries(cases))("%s", (_, { run, shapes, from, to, differencesOn }) => {
  const sizes = typeof shapes === "function" ? fc.integer({ min: 1, max: 4 }) : fc.constant(1)
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 1000 }), (size, seed) => {
      const list = typeof shapes === "function" ? shapes(size) : shapes
      const values = list.map((shape, i) => apart(elementsOf(shape), seed + i, from ?? -2, to ?? 2))
      tf.setBackend(differencesOn ?? "cpu")
      const wanted = differences(run, values, list)
      tf.setBackend("xla")
      const found = tf.tidy(() => {
        const inputs = values.map((value, i) => tf.tensor(value, [...list[i]!], "float32"))
        const gradients = tf.grads((...given: Tensor[]) => total(run, given))(inputs)
        return gradients.flatMap(gradient => Array.from(gradient.dataSync()))
      })
      expect(found.length).toBe(wanted.length)
      for (const [i, value] of wanted.entries())
        expect(Math.abs(value - found[i]!) / Math.max(1, Math.abs(value))).toBeLessThan(0.02)
    }),
    { numRuns: 2, seed: 11 },
  )
})

const elementsOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1)

/** Values in a random order that lie further apart than a step, also from 0: no kink is crossed, no maximum changes. */
function apart(size: number, seed: number, from: number, to: number): Float32Array {
  const order = numbers(size, seed).map((key, i) => [key, i] as const)
  const ranks = order.toSorted(([a], [b]) => a - b)
  const values = new Float32Array(size)
  const gap = (to - from) / size
  for (const [rank, [, i]] of ranks.entries()) {
    const value = from + gap * (rank + 0.5)
    values[i] = Math.abs(value) < 3 * step ? 4 * step : value
  }
  return values
}

test("no gradient is without a case", () => {
  const kernels = tf.getKernelsForBackend("xla").map(config => config.kernelName)
  const known = kernels.filter(name => tf.getGradient(name) !== undefined)
  expect(known.length).toBeGreaterThan(100)
  // tfjs gives a division rounded down the gradient of one that is not.
  expect(known.filter(name => cases[name] === undefined)).toEqual(["FloorDiv"])
})
