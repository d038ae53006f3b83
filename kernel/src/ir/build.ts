// The vocabulary for writing graphs: one function an operation with the conveniences (broadcasting, scalars, defaults)
// that the strict node table leaves out. Not kernels: train/kernels says which of these a TensorFlow.js kernel becomes.

import { type Node, node } from "./node.js"
import { type BinaryOp, type Direction, neutral, type OpAttrs, type Reducer, type UnaryOp } from "./ops.js"
import { broadcastShapes, type DType, isFloat, type Shape, sameShape, type TensorType } from "./types.js"

const none = {}

export function parameter(dtype: DType, shape: Shape): Node<"parameter"> {
  return node("parameter", [], { type: { dtype, shape } })
}

export function constant(value: number, type: TensorType): Node {
  return node("constant", [], { type, value })
}

/** A constant of the same type as `like`. */
export function fill(value: number, like: Node): Node {
  return constant(value, like.type)
}

export function iota(dtype: DType, shape: Shape, axis: number): Node {
  return node("iota", [], { type: { dtype, shape }, axis })
}

export function unary(op: UnaryOp, x: Node): Node {
  return node(op, [x], none)
}

/** Elementwise with NumPy broadcasting. */
export function binary(op: BinaryOp, a: Node, b: Node): Node {
  const shape = broadcastShapes(a.type.shape, b.type.shape)
  return node(op, [broadcastTo(a, shape), broadcastTo(b, shape)], none)
}

export const add = (a: Node, b: Node) => binary("add", a, b)
export const subtract = (a: Node, b: Node) => binary("subtract", a, b)
export const multiply = (a: Node, b: Node) => binary("multiply", a, b)
export const divide = (a: Node, b: Node) => binary("divide", a, b)
export const maximum = (a: Node, b: Node) => binary("maximum", a, b)
export const minimum = (a: Node, b: Node) => binary("minimum", a, b)

export function compare(direction: Direction, a: Node, b: Node): Node {
  const shape = broadcastShapes(a.type.shape, b.type.shape)
  return node("compare", [broadcastTo(a, shape), broadcastTo(b, shape)], { direction })
}

export function select(test: Node, yes: Node, no: Node): Node {
  const shape = broadcastShapes(test.type.shape, broadcastShapes(yes.type.shape, no.type.shape))
  return node("select", [broadcastTo(test, shape), broadcastTo(yes, shape), broadcastTo(no, shape)], none)
}

/** To `dtype`; to i1 means "is not zero", and float to integer truncates. */
export function convert(x: Node, dtype: DType): Node {
  if (x.type.dtype === dtype) return x
  if (dtype === "i1") return compare("NE", x, fill(0, x))
  return node("convert", [x], { dtype })
}

export function shard(x: Node, sharding: string): Node {
  return node("shard", [x], { sharding })
}

export function reshape(x: Node, shape: Shape): Node {
  return sameShape(x.type.shape, shape) ? x : node("reshape", [x], { shape })
}

export function broadcastInDim(x: Node, shape: Shape, axes: readonly number[]): Node {
  return node("broadcast_in_dim", [x], { shape, axes })
}

export function broadcastTo(x: Node, shape: Shape): Node {
  if (sameShape(x.type.shape, shape)) return x
  if (x.op === "constant") {
    const { value } = x.attrs as OpAttrs["constant"]
    return constant(value, { dtype: x.type.dtype, shape })
  }
  const offset = shape.length - x.type.shape.length
  return broadcastInDim(
    x,
    shape,
    x.type.shape.map((_, axis) => axis + offset),
  )
}

export function transpose(x: Node, permutation: readonly number[]): Node {
  if (permutation.every((axis, i) => axis === i)) return x
  return node("transpose", [x], { permutation })
}

export function reverse(x: Node, axes: readonly number[]): Node {
  return axes.length === 0 ? x : node("reverse", [x], { axes })
}

export function slice(
  x: Node,
  start: readonly number[],
  limit: readonly number[],
  stride: readonly number[] = start.map(() => 1),
): Node {
  return node("slice", [x], { start, limit, stride })
}

export function dynamicSlice(x: Node, start: readonly Node[], size: readonly number[]): Node {
  return node("dynamic_slice", [x, ...start], { size })
}

export function concatenate(parts: readonly Node[], axis: number): Node {
  return parts.length === 1 ? parts[0]! : node("concatenate", parts, { axis })
}

export function pad(x: Node, value: Node, attrs: OpAttrs["pad"]): Node {
  return node("pad", [x, value], attrs)
}

export function reduce(reducer: Reducer, x: Node, axes: readonly number[], keepDims = false): Node {
  const reduced = axes.length === 0 ? x : node("reduce", [x], { reducer, axes })
  if (!keepDims) return reduced
  return reshape(
    reduced,
    x.type.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  )
}

export function argReduce(direction: "GT" | "LT", x: Node, axis: number): Node {
  return node("arg_reduce", [x], { direction, axis })
}

export function dotGeneral(a: Node, b: Node, attrs: OpAttrs["dot_general"]): Node {
  return node("dot_general", [a, b], attrs)
}

export function convolution(x: Node, w: Node, attrs: OpAttrs["convolution"]): Node {
  return node("convolution", [x, w], attrs)
}

export function reduceWindow(x: Node, attrs: OpAttrs["reduce_window"]): Node {
  return node("reduce_window", [x], attrs)
}

export function selectAndScatter(x: Node, source: Node, attrs: OpAttrs["select_and_scatter"]): Node {
  return node("select_and_scatter", [x, source], attrs)
}

export function gather(x: Node, indices: Node, axis: number): Node {
  return node("gather", [x, indices], { axis })
}

export function scatterAdd(base: Node, indices: Node, updates: Node): Node {
  return node("scatter", [base, indices, updates], { mode: "add" })
}

export function scatterSet(base: Node, indices: Node, updates: Node): Node {
  return node("scatter", [base, indices, updates], { mode: "set" })
}

export function sortDown(x: Node, result: "values" | "places"): Node {
  return node("sort", [x], { result })
}

export function fft(x: Node, inverse: boolean): Node {
  return node("fft", [x], { inverse })
}

/** A vector of the given elements. */
export function vector(dtype: DType, values: readonly number[]): Node {
  return node("table", [], { type: { dtype, shape: [values.length] }, values })
}

/** The lowest value of a type, as a scalar of it: what padding for a maximum holds. */
export function lowest(dtype: DType): Node {
  return constant(isFloat(dtype) ? -Infinity : neutral("maximum", dtype), { dtype, shape: [] })
}
