// Kernels that move elements without computing: slices, joins, padding, permutations, repetition.

import {
  broadcastInDim,
  broadcastTo,
  concatenate,
  constant,
  fill,
  pad,
  reshape,
  reverse,
  slice,
  transpose,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import { axesOf, type KernelTable, type X } from "./table.js"

type Parts = Record<string, Node>

function insertAxis(x: Node, axis: number): Node {
  return reshape(x, x.type.shape.toSpliced(axis, 0, 1))
}

function concat(parts: Parts, attrs: { axis: number }): Node {
  const list = Object.values(parts)
  const [axis] = axesOf(attrs.axis, list[0]!.type.shape.length) as [number]
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
  if (typeof spec === "number") return new Array<number>(spec).fill(total / spec)
  const known = spec.reduce((sum, size) => sum + Math.max(size, 0), 0)
  return spec.map(size => (size === -1 ? total - known : size))
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

export const shape: KernelTable = {
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
