// Kernels that pick or place elements by index.

import {
  add,
  broadcastInDim,
  compare,
  constant,
  convert,
  fill,
  gather,
  iota,
  multiply,
  reduce,
  reshape,
  scatterAdd,
  select,
  slice,
  sortDown,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import { type DType, elements } from "../../ir/types.js"
import type { Tf } from "../tf.js"
import { axesOf, type KernelTable, type X } from "./table.js"

interface GatherInputs extends X {
  readonly indices: Node
}

/** Batch axes in front: indices into the tensor with its batch, outer and picked axes as one. */
function batchGather(x: Node, indices: Node, info: GatherShape): Node {
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = info
  const each = elements(indices.type.shape) / batchSize
  const shape = [batchSize, outerSize, each]
  const rows = reshape(convert(indices, "i32"), [batchSize, each])
  const along = (axis: number, size: number) => {
    const places = iota("i32", shape, axis)
    return multiply(places, fill(size, places))
  }
  const wanted = add(
    broadcastInDim(rows, shape, [0, 2]),
    add(along(0, outerSize * dimSize), along(1, dimSize)),
  )
  const table = reshape(x, [batchSize * outerSize * dimSize, sliceSize])
  return reshape(gather(table, reshape(wanted, [elements(shape)]), 0), outputShape)
}

/** What tfjs works out about a gather; it also checks the shapes. */
interface GatherShape {
  readonly batchSize: number
  readonly outerSize: number
  readonly dimSize: number
  readonly sliceSize: number
  readonly outputShape: number[]
}

export function gatherKernels(tf: Tf): KernelTable {
  const util = tf.backend_util.segment_util
  return {
    GatherV2({ x, indices }: GatherInputs, attrs: { axis: number; batchDims: number }) {
      const [axis] = axesOf(attrs.axis, x.type.shape.length) as [number]
      if ((attrs.batchDims ?? 0) === 0) return gather(x, convert(indices, "i32"), axis)
      const info = util.collectGatherOpShapeInfo(
        x.type as never,
        indices.type as never,
        axis,
        attrs.batchDims,
      )
      return batchGather(x, indices, info)
    },
  }
}

interface OneHotAttrs {
  readonly dtype: "float32" | "int32" | "bool"
  readonly depth: number
  readonly onValue: number
  readonly offValue: number
}
const dtypes: Record<OneHotAttrs["dtype"], DType> = { float32: "f32", int32: "i32", bool: "i1" }

function oneHot({ indices }: { indices: Node }, { dtype, depth, onValue, offValue }: OneHotAttrs): Node {
  const shape = [...indices.type.shape, depth]
  const places = iota("i32", shape, shape.length - 1)
  const wanted = broadcastInDim(
    convert(indices, "i32"),
    shape,
    indices.type.shape.map((_, axis) => axis),
  )
  const type = { dtype: dtypes[dtype ?? "int32"], shape }
  return select(compare("EQ", wanted, places), constant(onValue, type), constant(offValue, type))
}

/** The gradient of an embedding: rows of x added up by segment. */
function segmentSum(inputs: X & { segmentIds: Node }, { numSegments }: { numSegments: number }): Node {
  const { x, segmentIds } = inputs
  const rest = x.type.shape.slice(segmentIds.type.shape.length)
  const count = elements(segmentIds.type.shape)
  const base = constant(0, { dtype: x.type.dtype, shape: [numSegments, ...rest] })
  return scatterAdd(base, reshape(convert(segmentIds, "i32"), [count]), reshape(x, [count, ...rest]))
}

interface Sorted {
  readonly sortedSequence: Node
  readonly values: Node
}

/** How many elements of each sorted row stand before each value: those smaller, and on the right side those equal. */
function searchSorted({ sortedSequence, values }: Sorted, { side }: { side: "left" | "right" }): Node {
  const [rows, length] = sortedSequence.type.shape as [number, number]
  const shape = [rows, values.type.shape[1]!, length]
  const before = compare(
    side === "left" ? "LT" : "LE",
    broadcastInDim(sortedSequence, shape, [0, 2]),
    broadcastInDim(values, shape, [0, 1]),
  )
  return reduce("add", convert(before, "i32"), [2])
}

export const indexing: KernelTable = {
  TopK({ x }: X, { k }: { k: number }) {
    const first = (sorted: Node) => {
      const { shape } = sorted.type
      const limit = shape.map((size, axis) => (axis === shape.length - 1 ? k : size))
      return slice(
        sorted,
        shape.map(() => 0),
        limit,
      )
    }
    return [first(sortDown(x, "values")), first(sortDown(x, "places"))]
  },
  SearchSorted: searchSorted,
  OneHot: oneHot,
  UnsortedSegmentSum: segmentSum,
}
