// Kernels that reduce along axes, and the softmaxes built on them.

import {
  add,
  argReduce,
  binary,
  compare,
  constant,
  convert,
  divide,
  fill,
  multiply,
  reduce,
  reduceWindow,
  reverse,
  select,
  subtract,
  unary,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import type { Reducer } from "../../ir/ops.js"
import { isFloat } from "../../ir/types.js"
import { axesOf, type KernelTable, type X } from "./table.js"

interface ReduceAttrs {
  readonly axis?: number | readonly number[]
  readonly keepDims?: boolean
}

function reducing(reducer: Reducer) {
  return ({ x }: X, { axis, keepDims }: ReduceAttrs) =>
    reduce(reducer, x, axesOf(axis, x.type.shape.length), keepDims ?? false)
}

const numeric = (x: Node) => (x.type.dtype === "i1" ? convert(x, "i32") : x)

function mean({ x }: X, { axis, keepDims }: ReduceAttrs): Node {
  const axes = axesOf(axis, x.type.shape.length)
  const count = axes.reduce((size, a) => size * x.type.shape[a]!, 1)
  const total = reduce("add", convert(x, "f32"), axes, keepDims ?? false)
  return divide(total, fill(count, total))
}

/** x minus its largest element along the axis, which keeps the exponentials finite. */
function centred(x: Node, axis: number): Node {
  return subtract(x, reduce("maximum", x, [axis], true))
}

export function softmax(logits: Node): Node {
  const last = logits.type.shape.length - 1
  const powers = unary("exponential", centred(logits, last))
  return divide(powers, reduce("add", powers, [last], true))
}

function logSoftmax({ logits }: { logits: Node }, attrs: { axis: number }): Node {
  const [axis] = axesOf(attrs.axis, logits.type.shape.length)
  const shifted = centred(logits, axis!)
  return subtract(shifted, unary("log", reduce("add", unary("exponential", shifted), [axis!], true)))
}

interface ScanAttrs {
  readonly axis: number
  readonly exclusive: boolean
  readonly reverse: boolean
}

/** A running sum or product: a window as long as the axis that hangs over its start. */
function scanning(reducer: "add" | "multiply") {
  return ({ x }: X, attrs: ScanAttrs) => {
    const [axis] = axesOf(attrs.axis, x.type.shape.length) as [number]
    const length = x.type.shape[axis]!
    const numbers = numeric(x)
    const turned = attrs.reverse ? reverse(numbers, [axis]) : numbers
    // Shifted by one, the window leaves out the element itself.
    const [low, high] = attrs.exclusive ? [length, -1] : [length - 1, 0]
    const along = <T>(there: T, elsewhere: T) => x.type.shape.map((_, i) => (i === axis ? there : elsewhere))
    const scanned = reduceWindow(turned, {
      reducer,
      window: along(length, 1),
      strides: along(1, 1),
      padding: along<readonly [number, number]>([low, high], [0, 0]),
    })
    return attrs.reverse ? reverse(scanned, [axis]) : scanned
  }
}

/** NaN where there is one: a reduction by maximum may lose it (XLA's CPU compiler takes fast comparisons). */
function extreme(reducer: "maximum" | "minimum") {
  return ({ x }: X, attrs: ReduceAttrs) => {
    const found = reducing(reducer)({ x }, attrs)
    if (!isFloat(x.type.dtype)) return found
    const lost = reducing("or")({ x: compare("NE", x, x) }, attrs)
    return select(lost, fill(Number.NaN, found), found)
  }
}

interface LrnAttrs {
  readonly depthRadius: number
  readonly bias: number
  readonly alpha: number
  readonly beta: number
}

/** Each element's sum over the channels around it. */
function aroundChannel(x: Node, radius: number): Node {
  return reduceWindow(x, {
    reducer: "add",
    window: [1, 1, 1, 2 * radius + 1],
    strides: [1, 1, 1, 1],
    padding: [
      [0, 0],
      [0, 0],
      [0, 0],
      [radius, radius],
    ],
  })
}

function lrnNorm(x: Node, { depthRadius, bias, alpha }: LrnAttrs): Node {
  const squares = aroundChannel(multiply(x, x), depthRadius)
  return add(multiply(squares, fill(alpha, squares)), fill(bias, squares))
}

function lrn({ x }: X, attrs: LrnAttrs): Node {
  const norm = lrnNorm(x, attrs)
  return multiply(x, binary("power", norm, fill(-attrs.beta, norm)))
}

function lrnGradient({ x, y, dy }: X & { y: Node; dy: Node }, attrs: LrnAttrs): Node {
  const norm = lrnNorm(x, attrs)
  const direct = multiply(dy, binary("power", norm, fill(-attrs.beta, norm)))
  const shared = aroundChannel(divide(multiply(dy, y), norm), attrs.depthRadius)
  return subtract(direct, multiply(multiply(x, shared), fill(2 * attrs.alpha * attrs.beta, x)))
}

const sum = reducing("add")
const product = reducing("multiply")

export const reduction: KernelTable = {
  Sum: ({ x }: X, attrs: ReduceAttrs) => sum({ x: numeric(x) }, attrs),
  Prod: ({ x }: X, attrs: ReduceAttrs) => product({ x: numeric(x) }, attrs),
  Mean: mean,
  Max: ({ x }: X, attrs: { reductionIndices: number | readonly number[]; keepDims: boolean }) =>
    extreme("maximum")({ x }, { axis: attrs.reductionIndices, keepDims: attrs.keepDims }),
  Min: extreme("minimum"),
  All: ({ x }: X, attrs: ReduceAttrs) => reducing("and")({ x: convert(x, "i1") }, attrs),
  Any: ({ x }: X, attrs: ReduceAttrs) => reducing("or")({ x: convert(x, "i1") }, attrs),
  ArgMax: ({ x }: X, { axis }: { axis: number }) =>
    argReduce("GT", numeric(x), axesOf(axis, x.type.shape.length)[0]!),
  ArgMin: ({ x }: X, { axis }: { axis: number }) =>
    argReduce("LT", numeric(x), axesOf(axis, x.type.shape.length)[0]!),
  Softmax: ({ logits }: { logits: Node }) =>
    softmax(isFloat(logits.type.dtype) ? logits : convert(logits, "f32")),
  LogSoftmax: logSoftmax,
  LRN: lrn,
  LRNGrad: lrnGradient,
  Cumsum: scanning("add"),
  Cumprod: scanning("multiply"),
  FusedBatchNorm: batchNorm,
}

interface NormInputs extends X {
  readonly mean: Node
  readonly variance: Node
  readonly scale?: Node
  readonly offset?: Node
}

function batchNorm(inputs: NormInputs, { varianceEpsilon }: { varianceEpsilon: number }): Node {
  const { x, mean, variance, scale, offset } = inputs
  const epsilon = constant(varianceEpsilon, variance.type)
  // The division tfjs's cpu kernel makes, so that results agree to the last bits.
  const normal = divide(subtract(x, mean), unary("sqrt", add(variance, epsilon)))
  const scaled = scale === undefined ? normal : multiply(normal, scale)
  return offset === undefined ? scaled : add(scaled, offset)
}
