// Kernels that pick or place elements by index.

import {
  binary,
  broadcastInDim,
  compare,
  constant,
  convert,
  gather,
  iota,
  reshape,
  scatterAdd,
  select,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import { type DType, elements } from "../../ir/types.js"
import { axesOf, type KernelTable, type X } from "./table.js"

interface GatherInputs extends X {
  readonly indices: Node
}

function gatherV2({ x, indices }: GatherInputs, attrs: { axis: number; batchDims: number }): Node {
  if (attrs.batchDims !== 0) return batchGather(x, indices, attrs)
  const [axis] = axesOf(attrs.axis, x.type.shape.length) as [number]
  return gather(x, convert(indices, "i32"), axis)
}

/** Batch axes in front: indices into the flattened tensor. */
function batchGather(x: Node, indices: Node, attrs: { axis: number; batchDims: number }): Node {
  const batch = attrs.batchDims < 0 ? attrs.batchDims + indices.type.shape.length : attrs.batchDims
  const [axis] = axesOf(attrs.axis, x.type.shape.length) as [number]
  if (axis !== batch) throw new RangeError("a batched gather picks along the first axis after the batch axes")
  const outer = x.type.shape.slice(0, batch)
  const [count, size] = [elements(outer), x.type.shape[axis]!]
  const rest = x.type.shape.slice(axis + 1)
  const each = elements(indices.type.shape) / count
  const base = iota("i32", [count, each], 0)
  const rows = reshape(convert(indices, "i32"), [count, each])
  const scaled = addTo(rows, base, size)
  const picked = gather(reshape(x, [count * size, ...rest]), reshape(scaled, [count * each]), 0)
  return reshape(picked, [...indices.type.shape, ...rest])
}

function addTo(rows: Node, base: Node, size: number): Node {
  return binary("add", rows, binary("multiply", base, constant(size, base.type)))
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

export const indexing: KernelTable = {
  GatherV2: gatherV2,
  OneHot: oneHot,
  UnsortedSegmentSum: segmentSum,
}
