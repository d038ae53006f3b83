// Kernels whose indices name several axes at once. The axes named are flattened into one, and the index vectors with them.

import {
  add,
  broadcastTo,
  constant,
  convert,
  fill,
  gather,
  iota,
  minimum,
  multiply,
  reduce,
  reshape,
  scatterAdd,
  scatterSet,
  slice,
  vector,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import { elements, type Shape } from "../../ir/types.js"
import type { KernelTable } from "./table.js"

interface Flat {
  /** [n], into the flattened axes. */
  readonly indices: Node
  /** The tensor's shape with the named axes as one. */
  readonly shape: Shape
  /** The axes that are not named. */
  readonly rest: Shape
}

/** `indices` [..., r] name the first r axes of a tensor of `shape`; a vector, or a scalar, names the first alone. */
function flatten(indices: Node, shape: Shape): Flat {
  const wide = indices.type.shape.length < 2 ? reshape(indices, [elements(indices.type.shape), 1]) : indices
  const depth = wide.type.shape.at(-1)!
  const strides = Array.from({ length: depth }, (_, axis) => elements(shape.slice(axis + 1, depth)))
  const rows = reshape(convert(wide, "i32"), [elements(wide.type.shape.slice(0, -1)), depth])
  const flat = reduce("add", multiply(rows, broadcastTo(vector("i32", strides), rows.type.shape)), [1])
  const rest = shape.slice(depth)
  return { indices: flat, shape: [elements(shape.slice(0, depth)), ...rest], rest }
}

function gatherNd({ params, indices }: { params: Node; indices: Node }): Node {
  const { type } = indices
  const depth = type.shape.at(-1)
  if (depth === undefined || depth > params.type.shape.length)
    throw new RangeError(
      `gatherND() takes index vectors into ${params.type.shape.length} axes, not [${type.shape}]`,
    )
  const row = type.shape.length < 2 ? reshape(indices, [1, elements(type.shape)]) : indices
  const { indices: flat, shape, rest } = flatten(row, params.type.shape)
  const picked = gather(reshape(params, shape), flat, 0)
  return reshape(picked, [...type.shape.slice(0, -1), ...rest])
}

interface Updates {
  readonly indices: Node
  readonly updates: Node
}

function placed(mode: typeof scatterAdd, base: Node, { indices, updates }: Updates): Node {
  const { indices: flat, shape, rest } = flatten(indices, base.type.shape)
  const target = [...flat.type.shape, ...rest]
  const rows = updates.type.shape.length === 0 ? broadcastTo(updates, target) : reshape(updates, target)
  return reshape(mode(reshape(base, shape), flat, rows), base.type.shape)
}

interface Sparse {
  readonly sparseIndices: Node
  readonly sparseValues: Node
  readonly defaultValue: Node
}

export const scatter: KernelTable = {
  GatherNd: gatherNd,
  ScatterNd: (inputs: Updates, { shape }: { shape: Shape }) =>
    placed(scatterAdd, constant(0, { dtype: inputs.updates.type.dtype, shape: [...shape] }), inputs),
  TensorScatterUpdate: (inputs: Updates & { tensor: Node }) => placed(scatterSet, inputs.tensor, inputs),
  SparseToDense({ sparseIndices, sparseValues, defaultValue }: Sparse, attrs: { outputShape: Shape }) {
    const base = broadcastTo(convert(reshape(defaultValue, []), sparseValues.type.dtype), [
      ...attrs.outputShape,
    ])
    return placed(scatterSet, base, { indices: sparseIndices, updates: sparseValues })
  },
  Bincount: ({ x, weights }: Counted, { size }: { size: number }) =>
    counted({ x: reshape(x, [elements(x.type.shape)]), weights }, size, false),
  DenseBincount: (inputs: Counted, attrs: { size: number; binaryOutput?: boolean }) =>
    counted(inputs, attrs.size, attrs.binaryOutput ?? false),
}

interface Counted {
  readonly x: Node
  readonly weights: Node
}

/** How often each of 0 to size - 1 stands in x, or in each row of it; larger ones are left out. */
function counted({ x, weights }: Counted, size: number, binary: boolean): Node {
  const rows = x.type.shape.length === 2 ? x.type.shape[0]! : 1
  const values = reshape(convert(x, "i32"), [rows, x.type.shape.at(-1) ?? 1])
  const { dtype } = weights.type
  const weighed = elements(weights.type.shape) > 0 && !binary
  const each = weighed
    ? reshape(weights, values.type.shape)
    : constant(1, { dtype, shape: values.type.shape })
  // A row has one place more than is counted: for the larger ones.
  const row = iota("i32", values.type.shape, 0)
  const places = add(minimum(values, fill(size, values)), multiply(row, fill(size + 1, row)))
  const base = constant(0, { dtype, shape: [rows * (size + 1)] })
  const count = [elements(values.type.shape)]
  const sums = (binary ? scatterSet : scatterAdd)(base, reshape(places, count), reshape(each, count))
  const table = slice(reshape(sums, [rows, size + 1]), [0, 0], [rows, size])
  return reshape(table, [...x.type.shape.slice(0, -1), size])
}
