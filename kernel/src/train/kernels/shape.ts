// Kernels that move elements without computing: slices, joins, padding, permutations, repetition.

import {
  broadcastInDim,
  broadcastTo,
  compare,
  concatenate,
  constant,
  fill,
  iota,
  pad,
  reshape,
  reverse,
  select,
  slice,
  transpose,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import { elements, sameShape } from "../../ir/types.js"
import type { Tf } from "../tf.js"
import { axesOf, type KernelTable, type X } from "./table.js"

type Parts = Record<string, Node>

function insertAxis(x: Node, axis: number): Node {
  return reshape(x, x.type.shape.toSpliced(axis, 0, 1))
}

function concat(parts: Parts, attrs: { axis: number }): Node {
  const list = Object.values(parts)
  const [axis] = axesOf(attrs.axis, list[0]!.type.shape.length) as [number]
  const rest = ({ type }: Node) => type.shape.toSpliced(axis, 1)
  for (const part of list) {
    if (!sameShape(rest(part), rest(list[0]!)))
      throw new RangeError(`[${part.type.shape}] does not join [${list[0]!.type.shape}] along axis ${axis}`)
  }
  const filled = list.filter(part => part.type.shape[axis] !== 0)
  return filled.length === 0 ? list[0]! : concatenate(filled, axis)
}

function pack(parts: Parts, attrs: { axis: number }): Node {
  const list = Object.values(parts)
  const [axis] = axesOf(attrs.axis, list[0]!.type.shape.length + 1) as [number]
  return concatenate(
    list.map(part => insertAxis(part, axis)),
    axis,
  )
}

function along(x: Node, axis: number, from: number, to: number): Node {
  const start = x.type.shape.map((_, i) => (i === axis ? from : 0))
  const limit = x.type.shape.map((size, i) => (i === axis ? to : size))
  return slice(x, start, limit)
}

function unpack({ value }: { value: Node }, attrs: { axis: number }): Node[] {
  const [axis] = axesOf(attrs.axis, value.type.shape.length) as [number]
  return Array.from({ length: value.type.shape[axis]! }, (_, i) =>
    reshape(along(value, axis, i, i + 1), value.type.shape.toSpliced(axis, 1)),
  )
}

function split({ x }: X, attrs: { numOrSizeSplits: number | readonly number[]; axis: number }): Node[] {
  const [axis] = axesOf(attrs.axis, x.type.shape.length) as [number]
  const total = x.type.shape[axis]!
  let to = 0
  return splitSizes(attrs.numOrSizeSplits, total).map(size => {
    to += size
    return along(x, axis, to - size, to)
  })
}

/** One size may be -1: whatever the others leave. */
function splitSizes(spec: number | readonly number[], total: number): number[] {
  if (typeof spec === "number") {
    if (total % spec !== 0) throw new RangeError(`${total} elements do not split into ${spec} equal parts`)
    return new Array<number>(spec).fill(total / spec)
  }
  const known = spec.reduce((sum, size) => sum + Math.max(size, 0), 0)
  const sizes = spec.map(size => (size === -1 ? total - known : size))
  if (sizes.reduce((sum, size) => sum + size, 0) !== total)
    throw new RangeError(`parts of [${spec}] elements do not add up to ${total}`)
  return sizes
}

/** Each axis repeated: a new axis in front of it is broadcast, then folded in. */
function tile({ x }: X, { reps }: { reps: readonly number[] }): Node {
  const { shape } = x.type
  const target = shape.map((size, axis) => size * reps[axis]!)
  if (shape.every((size, axis) => size === 1 || reps[axis] === 1)) return broadcastTo(x, target)
  const spread = shape.flatMap((size, axis) => [reps[axis]!, size])
  const places = shape.map((_, axis) => 2 * axis + 1)
  return reshape(broadcastInDim(x, spread, places), target)
}

interface PadAttrs {
  readonly paddings: readonly (readonly [number, number])[]
  readonly constantValue: number
}

function padded({ x }: X, { paddings, constantValue }: PadAttrs): Node {
  return pad(x, constant(constantValue, { dtype: x.type.dtype, shape: [] }), {
    low: paddings.map(([low]) => low),
    high: paddings.map(([, high]) => high),
    interior: paddings.map(() => 0),
  })
}

/** Reflects about the edge element (`reflect`) or about the edge itself (`symmetric`). */
function mirrorPad({ x }: X, attrs: { paddings: PadAttrs["paddings"]; mode: "reflect" | "symmetric" }): Node {
  const skip = attrs.mode === "reflect" ? 1 : 0
  return attrs.paddings.reduce((padded, [low, high], axis) => {
    const size = padded.type.shape[axis]!
    const before = reverse(along(padded, axis, skip, skip + low), [axis])
    const after = reverse(along(padded, axis, size - skip - high, size - skip), [axis])
    return concatenate(
      [before, padded, after].filter(part => part.type.shape[axis] !== 0),
      axis,
    )
  }, x)
}

/** A block of channels becomes a block of pixels. */
function depthToSpace({ x }: X, { blockSize, dataFormat }: { blockSize: number; dataFormat: string }): Node {
  if (dataFormat !== "NHWC") throw new RangeError(`depthToSpace takes channels last, not ${dataFormat}`)
  const [batch, height, width, depth] = x.type.shape as [number, number, number, number]
  const rest = depth / (blockSize * blockSize)
  const blocks = reshape(x, [batch, height, width, blockSize, blockSize, rest])
  const turned = transpose(blocks, [0, 1, 3, 2, 4, 5])
  return reshape(turned, [batch, height * blockSize, width * blockSize, rest])
}

/** The batch, [blocks..., batch], becomes blocks of pixels; then the crops are cut off. */
function batchToSpace({ x }: X, attrs: { blockShape: readonly number[]; crops: PadAttrs["paddings"] }): Node {
  const { blockShape: block, crops } = attrs
  const [batch, ...space] = x.type.shape as [number, ...number[]]
  const each = batch / elements(block)
  const axes = block.length
  const split = reshape(x, [...block, each, ...space])
  const pairs = block.flatMap((_, i) => [axes + 1 + i, i])
  const rest = space.slice(axes).map((_, i) => 2 * axes + 1 + i)
  const turned = transpose(split, [axes, ...pairs, ...rest])
  const grown = space.map((size, i) => size * (block[i] ?? 1))
  const whole = reshape(turned, [each, ...grown])
  const low = [0, ...grown.map((_, i) => crops[i]?.[0] ?? 0)]
  return slice(whole, low, [each, ...grown.map((size, i) => size - (crops[i]?.[1] ?? 0))])
}

/** The other way round: padded, and blocks of pixels moved into the batch. */
function spaceToBatch(
  { x }: X,
  attrs: { blockShape: readonly number[]; paddings: PadAttrs["paddings"] },
): Node {
  const { blockShape: block } = attrs
  const paddings = x.type.shape.map((_, axis) => attrs.paddings[axis - 1] ?? ([0, 0] as const))
  const wide = padded({ x }, { paddings, constantValue: 0 })
  const [batch, ...space] = wide.type.shape as [number, ...number[]]
  const pairs = block.flatMap((size, i) => [space[i]! / size, size])
  const split = reshape(wide, [batch, ...pairs, ...space.slice(block.length)])
  const places = block.map((_, i) => 2 + 2 * i)
  const blocks = block.map((_, i) => 1 + 2 * i)
  const rest = space.slice(block.length).map((_, i) => 1 + 2 * block.length + i)
  const turned = transpose(split, [...places, 0, ...blocks, ...rest])
  const left = space.map((size, i) => size / (block[i] ?? 1))
  return reshape(turned, [batch * elements(block), ...left])
}

function diagonal({ x }: X): Node {
  const size = elements(x.type.shape)
  const rows = broadcastTo(reshape(x, [1, size]), [size, size])
  const places = (axis: number) => iota("i32", [size, size], axis)
  const square = select(compare("EQ", places(0), places(1)), rows, fill(0, rows))
  return reshape(square, [...x.type.shape, ...x.type.shape])
}

/** What two shapes, given as vectors, broadcast to. */
function broadcastArgs({ s0, s1 }: { s0: Node; s1: Node }): Node {
  const rank = Math.max(s0.type.shape[0]!, s1.type.shape[0]!)
  const long = (s: Node) =>
    pad(s, constant(1, { dtype: "i32", shape: [] }), {
      low: [rank - s.type.shape[0]!],
      high: [0],
      interior: [0],
    })
  const [a, b] = [long(s0), long(s1)]
  return select(compare("EQ", a, fill(1, a)), b, a)
}

interface StridedSliceAttrs {
  readonly begin: number[]
  readonly end: number[]
  readonly strides: number[]
  readonly beginMask: number
  readonly endMask: number
  readonly ellipsisMask: number
  readonly newAxisMask: number
  readonly shrinkAxisMask: number
}

/** tfjs reads the masks; a negative stride is a slice turned round. */
export function stridedSliceKernel(tf: Tf): KernelTable {
  return {
    StridedSlice({ x }: X, attrs: StridedSliceAttrs) {
      const { begin, end, strides } = attrs
      const info = tf.slice_util.sliceInfo(
        [...x.type.shape],
        begin,
        end,
        strides,
        attrs.beginMask,
        attrs.endMask,
        attrs.ellipsisMask,
        attrs.newAxisMask,
        attrs.shrinkAxisMask,
      )
      const sizes = tf.slice_util.computeOutShape(info.begin, info.end, info.strides)
      if (info.isIdentity) return reshape(x, info.finalShape)
      if (elements(info.finalShape) === 0) return constant(0, { dtype: x.type.dtype, shape: info.finalShape })
      const last = sizes.map((size, axis) => info.begin[axis]! + (size - 1) * info.strides[axis]!)
      const low = last.map((to, axis) => Math.min(info.begin[axis]!, to))
      const high = last.map((to, axis) => Math.max(info.begin[axis]!, to) + 1)
      const taken = slice(
        x,
        low,
        high,
        info.strides.map(stride => Math.abs(stride)),
      )
      const turned = info.strides.flatMap((stride, axis) => (stride < 0 ? [axis] : []))
      return reshape(reverse(taken, turned), info.finalShape)
    },
  }
}

export const shape: KernelTable = {
  DepthToSpace: depthToSpace,
  BatchToSpaceND: batchToSpace,
  SpaceToBatchND: spaceToBatch,
  Diag: diagonal,
  BroadcastArgs: broadcastArgs,
  Concat: concat,
  Pack: pack,
  Unpack: unpack,
  SplitV: split,
  Tile: tile,
  BroadcastTo: ({ x }: X, attrs: { shape: readonly number[] }) => broadcastTo(x, attrs.shape),
  Transpose: ({ x }: X, { perm }: { perm: readonly number[] }) => transpose(x, perm),
  Reverse: ({ x }: X, { dims }: { dims: readonly number[] }) => reverse(x, axesOf(dims, x.type.shape.length)),
  PadV2: padded,
  MirrorPad: mirrorPad,
  ZerosLike: ({ x }: X) => fill(0, x),
  OnesLike: ({ x }: X) => fill(1, x),
}
