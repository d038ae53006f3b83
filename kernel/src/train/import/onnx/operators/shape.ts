// Operators that move, join, cut and repeat, and those that files compute shapes with.

import type { Building, Call, Folding, Operator, Tensor } from "../Operator.js"
import { batch, type Known, type Live, sizeOf, type Value } from "../Value.js"
import { known, mapKnown } from "./folds.js"

const onnxTypes: Readonly<Record<number, "float32" | "int32" | "bool">> = {
  1: "float32",
  10: "float32",
  11: "float32",
  16: "float32",
  9: "bool",
  2: "int32",
  3: "int32",
  4: "int32",
  5: "int32",
  6: "int32",
  7: "int32",
  12: "int32",
  13: "int32",
  21: "int32",
  22: "int32",
}
const [uint4, int4] = [21, 22]

function cast(call: Call, type: "float32" | "int32" | "bool"): Tensor {
  const { tf, x } = call
  if (x.dtype === type) return tf.clone(x)
  return type === "bool" ? tf.notEqual(x, tf.zerosLike(x)) : tf.cast(x, type)
}

/** Whole numbers of four bits go round, as ONNX casts them. */
function fourBits({ tf }: Call, x: Tensor, isSigned: boolean): Tensor {
  const whole = (value: number) => tf.scalar(value, "int32")
  const low = isSigned ? -8 : 0
  const rounds = tf.floorDiv(tf.sub(x, whole(low)), whole(16))
  return tf.sub(x, tf.mul(rounds, whole(16)))
}

/** Lengths with ONNX's 0 (as it is) and -1 (what is left) told, the batch as its prime. */
function target(lengths: readonly number[], dims: readonly number[], zeroIsZero: boolean): number[] {
  const told = lengths.map((length, i) => (length === 0 && !zeroIsZero ? dims[i]! : length))
  const rest = told.reduce((product, length) => (length === -1 ? product : product * length), 1)
  return told.map(length => (length === -1 ? sizeOf(dims) / rest : length))
}

/** The batch was 1 when the file was written, and the shape in it says so. */
function reshapeLayer(building: Building): readonly Value[] | undefined {
  const { tf, name, node, layer, put, live, known: knownInput, operator } = building
  const [x, lengths] = [live(0), knownInput(1)?.data ?? node.list("shape")]
  if (x === undefined || lengths === undefined) return undefined
  const wanted = Array.from(lengths)
  if (x.dims[0] === batch && wanted[0] === 1 && building.batchWasOne) wanted[0] = batch
  const told = target(wanted, x.dims, node.number("allowzero", 0) !== 0)
  if (sizeOf(told) !== sizeOf(x.dims)) {
    const problem = `${sizeOf(x.dims) / (x.dims.includes(batch) ? batch : 1)} elements a row cannot be reshaped to [${wanted.join(", ")}]`
    throw building.fault(problem, "Check `inputShape`: the file was made for another size.")
  }
  if (x.dims[0] === batch && told[0] === batch && !told.slice(1).some(length => length % batch === 0)) {
    // Rows whose axes but one are single lie the same in both orders.
    const from = x.dims.slice(2).every(length => length === 1) || x.dims[1] === 1 ? x : put(x, "file")
    const { reshape } = tf.layers
    return [{ ...layer(reshape({ targetShape: told.slice(1), name }), [from], "file"), type: x.type }]
  }
  return operator([x, known("int32", [told.length], told)])
}

function flattenLayer({ tf, name, node, live, layer, put }: Building): readonly Value[] | undefined {
  const x = live(0)
  if (x === undefined || x.dims[0] !== batch || node.number("axis", 1) !== 1 || x.dims.length < 2)
    return undefined
  const from = x.dims.slice(2).every(length => length === 1) || x.dims[1] === 1 ? x : put(x, "file")
  return [layer(tf.layers.flatten({ name }), [from], "file")]
}

/** Between the two orders of a file that has both, a transpose is only another name for the same tensor. */
function transposeNothing({ node, live }: Building): readonly Live[] | undefined {
  const x = live(0)
  if (x === undefined) return undefined
  const rank = x.dims.length
  const perm = node.list("perm")
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  const toLast = [0, ...axes.slice(2), 1]
  const toFirst = [0, rank - 1, ...axes.slice(1, -1)]
  if (perm === undefined || rank < 3) return undefined
  const dims = perm.map(axis => x.dims[axis]!)
  if (x.order === "last" && String(perm) === String(toLast)) return [{ ...x, dims, order: "file" }]
  if (x.order === "file" && String(perm) === String(toFirst)) return [{ ...x, dims, order: "last" }]
  return undefined
}

function slices(call: Call): Tensor {
  const { tf, x } = call
  const starts = call.listOr("starts", 1)!
  const ends = call.listOr("ends", 2)!
  const axes = call.listOr("axes", 3) ?? starts.map((_, i) => i)
  const steps = call.numbers(4) ?? starts.map(() => 1)
  let result = x
  for (const [i, named] of axes.entries()) {
    const axis = call.axis(named)
    const range = sliceRange(starts[i]!, ends[i]!, steps[i]!, x.shape[axis]!)
    result = pickRange(call, result, axis, range)
  }
  return result === x ? tf.clone(x) : result
}

function pickRange(call: Call, x: Tensor, axis: number, { start, count, step }: Range): Tensor {
  const { tf } = call
  const begin = x.shape.map(() => 0)
  const size = [...x.shape]
  const [low, high] =
    step > 0 ? [start, start + (count - 1) * step + 1] : [start + (count - 1) * step, start + 1]
  begin[axis] = count === 0 ? 0 : low
  size[axis] = count === 0 ? 0 : high - low
  const cut = tf.slice(x, begin, size)
  const turned = step < 0 ? tf.reverse(cut, axis) : cut
  const stride = Math.abs(step)
  if (stride === 1 || count === 0) return turned
  // Every `stride`-th: padded to whole groups, of which the first is kept.
  const paddings = x.shape.map((_, i): [number, number] => [
    0,
    i === axis ? count * stride - (high - low) : 0,
  ])
  const whole = tf.pad(turned, paddings)
  const groups = [...size.slice(0, axis), count, stride, ...size.slice(axis + 1)]
  const first = groups.map((length, i) => (i === axis + 1 ? 1 : length))
  return tf.squeeze(
    tf.slice(
      tf.reshape(whole, groups),
      groups.map(() => 0),
      first,
    ),
    [axis + 1],
  )
}

interface Range {
  readonly start: number
  readonly count: number
  readonly step: number
}

function sliceRange(start: number, end: number, step: number, length: number): Range {
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1]
  const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + length : at, low), high)
  const from = clamp(start)
  const count = Math.max(0, Math.ceil((clamp(end) - from) / step))
  return { start: from, count, step }
}

function foldSlice(call: Folding): Known | undefined {
  const { x } = call
  if (x.shape.length !== 1) return undefined
  const step = call.known(4)?.data[0] ?? 1
  const { start, count } = sliceRange(
    call.listOr("starts", 1)![0]!,
    call.listOr("ends", 2)![0]!,
    step,
    x.data.length,
  )
  return known(
    x.type,
    [count],
    Array.from({ length: count }, (_, i) => x.data[start + i * step]!),
  )
}

const sameElements = (shape: (call: Folding) => readonly number[]) => (call: Folding) => ({
  ...call.x,
  shape: shape(call),
})

function unsqueezed(shape: readonly number[], axes: readonly number[]): number[] {
  const rank = shape.length + axes.length
  const added = axes.map(axis => (axis < 0 ? axis + rank : axis))
  const rest = [...shape]
  return Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : rest.shift()!))
}

function squeezed(shape: readonly number[], axes: readonly number[] | undefined): number[] {
  const gone = axes?.map(axis => (axis < 0 ? axis + shape.length : axis))
  return shape.filter((length, axis) => (gone === undefined ? length !== 1 : !gone.includes(axis)))
}

function lengthsOfSplit(call: Call, axis: number): number[] {
  const given = call.listOr("split", 1)
  if (given !== undefined) return [...given]
  const [length, parts] = [call.x.shape[axis]!, call.number("num_outputs", call.outputs)]
  const each = Math.ceil(length / parts)
  return Array.from({ length: parts }, (_, i) => Math.min(each, length - i * each))
}

function padding(call: Call): Tensor {
  const { tf, x } = call
  const pads = call.listOr("pads", 1) ?? call.list("paddings")!
  const axes = call.numbers(3) ?? x.shape.map((_, axis) => axis)
  const both = x.shape.map((): [number, number] => [0, 0])
  for (const [i, axis] of axes.entries()) both[call.axis(axis)] = [pads[i]!, pads[i + axes.length]!]
  const mode = call.text("mode", "constant")
  if (mode === "constant") {
    const value = call.numbers(2)?.[0] ?? call.number("value", 0)
    const grown = both.map(([a, b]): [number, number] => [Math.max(a, 0), Math.max(b, 0)])
    return cropped(call, tf.pad(x, grown, value), both)
  }
  // One axis after the other: an index a position.
  let result = x
  for (const [axis, [before, after]] of both.entries()) {
    if (before === 0 && after === 0) continue
    const length = x.shape[axis]!
    const places = Array.from({ length: length + before + after }, (_, i) =>
      paddedPlace(i - before, length, mode),
    )
    result = tf.gather(result, call.constant(places, [places.length], "int32") as never, axis)
  }
  return result
}

function paddedPlace(at: number, length: number, mode: string): number {
  if (mode === "edge") return Math.min(Math.max(at, 0), length - 1)
  if (mode === "wrap") return ((at % length) + length) % length
  const period = Math.max(2 * (length - 1), 1)
  const folded = ((at % period) + period) % period
  return folded < length ? folded : period - folded
}

function cropped({ tf }: Call, x: Tensor, both: readonly (readonly [number, number])[]): Tensor {
  if (both.every(([a, b]) => a >= 0 && b >= 0)) return x
  const begin = both.map(([a]) => Math.max(-a, 0))
  return tf.slice(
    x,
    begin,
    x.shape.map((length, i) => length - begin[i]! - Math.max(-both[i]![1], 0)),
  )
}

/** Cut or filled with zeros on both sides alike, a cut's odd place at the end, as padding's. */
function centred(call: Call): Tensor {
  const { tf, x } = call
  const wanted = call.numbers(1)!
  const both = x.shape.map((): [number, number] => [0, 0])
  for (const [i, axis] of (call.list("axes") ?? x.shape.map((_, at) => at)).entries()) {
    const at = call.axis(axis)
    const more = wanted[i]! - x.shape[at]!
    const before = Math.sign(more) * Math.floor(Math.abs(more) / 2)
    both[at] = [before, more - before]
  }
  const grown = both.map(([a, b]): [number, number] => [Math.max(a, 0), Math.max(b, 0)])
  return cropped(call, tf.pad(x, grown), both)
}

/** Blocks of channels to places of an image, or back; channels last. */
function blocks(call: Call, toSpace: boolean): Tensor {
  const { tf, x } = call
  const [size, columnFirst] = [call.number("blocksize", 1), call.text("mode", "DCR") === "DCR"]
  const [n, h, w, c] = x.shape as [number, number, number, number]
  if (!toSpace) {
    const apart = tf.reshape(x, [n, h / size, size, w / size, size, c])
    if (!columnFirst)
      return tf.reshape(tf.transpose(apart, [0, 1, 3, 5, 2, 4]), [n, h / size, w / size, c * size * size])
    return tf.reshape(tf.transpose(apart, [0, 1, 3, 2, 4, 5]), [n, h / size, w / size, c * size * size])
  }
  const depth = c / (size * size)
  const apart = tf.reshape(x, columnFirst ? [n, h, w, size, size, depth] : [n, h, w, depth, size, size])
  const turned = tf.transpose(apart, columnFirst ? [0, 1, 3, 2, 4, 5] : [0, 1, 4, 2, 5, 3])
  return tf.reshape(turned, [n, h * size, w * size, depth])
}

export const shape: Readonly<Record<string, Operator>> = {
  Identity: {
    order: "same",
    run: ({ tf, x }) => tf.clone(x),
    fold: ({ x }) => x,
    build: ({ live }) => (live(0) === undefined ? undefined : [live(0)!]),
  },
  Shape: { order: "file", run: never },
  Size: { order: "file", run: never },
  Constant: { order: "file", run: never },
  Cast: {
    order: "same",
    run: call => {
      const to = call.number("to", 1)
      const made = cast(call, onnxTypes[to] ?? "float32")
      return to === uint4 || to === int4 ? fourBits(call, made, to === int4) : made
    },
    fold: call => {
      const to = call.number("to", 1)
      const type = onnxTypes[to] ?? "float32"
      if (to === uint4 || to === int4) return undefined
      const { data } = mapKnown(call, value =>
        type === "bool" ? Number(value !== 0) : type === "int32" ? Math.trunc(value) : value,
      )
      return known(type, call.x.shape, data)
    },
  },
  CastLike: { order: "same", run: call => cast(call, call.tensor(1).dtype as "float32") },
  Dropout: {
    order: "same",
    run: ({ tf, x, outputs }) => (outputs === 1 ? tf.clone(x) : [tf.clone(x), tf.onesLike(x).toBool()]),
    build: ({ tf, name, node, live, known: knownInput, layer, outputs }) => {
      const x = live(0)
      const rate = knownInput(1)?.data[0] ?? node.number("ratio", 0.5)
      return x === undefined || outputs > 1
        ? undefined
        : [layer(tf.layers.dropout({ rate, name }), [x], x.order)]
    },
  },
  Reshape: {
    order: "file",
    known: [1],
    run: call => {
      const keeps = call.number("allowzero", 0) === 0
      const lengths = call
        .listOr("shape", 1)!
        .map((length, i) => (length === 0 && keeps ? call.x.shape[i]! : length))
      return call.tf.reshape(call.x, lengths)
    },
    fold: call => ({ ...call.x, shape: target(call.listOr("shape", 1)!, call.x.shape, false) }),
    build: reshapeLayer,
  },
  Flatten: {
    order: "file",
    run: call => {
      const { x } = call
      const axis = call.number("axis", 1)
      const rows = sizeOf(x.shape.slice(0, axis < 0 ? axis + x.rank : axis))
      return call.tf.reshape(x, [rows, x.size / rows])
    },
    build: flattenLayer,
  },
  Transpose: {
    order: "file",
    run: call => call.tf.transpose(call.x, call.has("perm") ? [...call.list("perm")!] : undefined),
    build: transposeNothing,
  },
  Squeeze: {
    order: "file",
    known: [1],
    run: call => call.tf.reshape(call.x, squeezed(call.x.shape, call.listOr("axes", 1))),
    fold: sameElements(call => squeezed(call.x.shape, call.listOr("axes", 1))),
  },
  Unsqueeze: {
    order: "file",
    known: [1],
    run: call => call.tf.reshape(call.x, unsqueezed(call.x.shape, call.listOr("axes", 1)!)),
    fold: sameElements(call => unsqueezed(call.x.shape, call.listOr("axes", 1)!)),
  },
  Expand: {
    order: "file",
    known: [1],
    run: call => {
      const wanted = call.tf.broadcast_util.assertAndGetBroadcastShape(call.x.shape, [...call.numbers(1)!])
      return call.tf.broadcastTo(call.x, wanted)
    },
  },
  Tile: { order: "axes", known: [1], run: call => call.tf.tile(call.x, placedBy(call, call.numbers(1)!)) },
  Concat: {
    order: "together",
    run: call => {
      const rank = call.x.rank
      return call.tf.concat(call.tensors(), call.axis(call.number("axis", 0), rank))
    },
    fold: call => {
      const parts = call.inputs as readonly Known[]
      if (parts.some(part => part.shape.length !== 1)) return undefined
      const data = parts.flatMap(part => Array.from(part.data))
      return known(parts[0]!.type, [data.length], data)
    },
    build: concatLayer,
  },
  Split: {
    order: "axes",
    known: [1],
    run: call => {
      const axis = call.axis(call.number("axis", 0))
      return call.tf.split(call.x, lengthsOfSplit(call, axis), axis)
    },
  },
  Slice: { order: "axes", known: [1, 2, 3, 4], run: slices, fold: foldSlice },
  Pad: { order: "axes", known: [1, 2, 3], run: padding },
  CenterCropPad: { order: "axes", known: [1], run: centred },
  DepthToSpace: { order: "last", run: call => blocks(call, true) },
  SpaceToDepth: { order: "last", run: call => blocks(call, false) },
  Range: {
    order: "file",
    known: [0, 1, 2],
    run: never,
    fold: call => {
      const [start, limit, delta] = [0, 1, 2].map(i => call.known(i)!.data[0]!) as [number, number, number]
      const count = Math.max(0, Math.ceil((limit - start) / delta))
      return known(
        call.x.type,
        [count],
        Array.from({ length: count }, (_, i) => start + i * delta),
      )
    },
  },
  ConstantOfShape: {
    order: "file",
    known: [0],
    run: call => {
      const { value = [0], type = "float32" } = call.settings as { value?: number[]; type?: "float32" }
      return call.tf.fill([...call.numbers(0)!], value[0]!, type)
    },
    fold: call => {
      const lengths = Array.from(call.x.data)
      if (sizeOf(lengths) > 65_536) return undefined
      const { value = [0], type = "float32" } = call.settings as { value?: number[]; type?: "float32" }
      return known(type, lengths, new Float64Array(sizeOf(lengths)).fill(value[0]!))
    },
  },
  EyeLike: {
    order: "file",
    run: call => {
      const { tf, x } = call
      const [rows, columns] = x.shape as [number, number]
      const at = call.number("k", 0)
      const ones = Array.from({ length: rows * columns }, (_, i) =>
        Number((i % columns) - Math.floor(i / columns) === at),
      )
      return tf.cast(
        call.constant(ones, [rows, columns], "float32"),
        onnxTypes[call.number("dtype", 0)] ?? (x.dtype as "float32"),
      )
    },
  },
  Trilu: {
    order: "file",
    known: [1],
    run: call => {
      const { tf, x } = call
      const [rows, columns] = x.shape.slice(-2) as [number, number]
      const [k, upper] = [call.numbers(1)?.[0] ?? 0, call.number("upper", 1) !== 0]
      const kept = Array.from({ length: rows * columns }, (_, i) => {
        const from = (i % columns) - Math.floor(i / columns)
        return Number(upper ? from >= k : from <= k)
      })
      return tf.mul(x, tf.cast(call.constant(kept, [rows, columns], "float32"), x.dtype as "float32"))
    },
  },
}

function placedBy(call: Call, values: readonly number[]): number[] {
  const result = [...values]
  for (const [axis, value] of values.entries()) result[call.axis(axis)] = value
  return result
}

function concatLayer({ tf, name, node, inputs, live, layer, put }: Building): readonly Value[] | undefined {
  const parts = inputs.map((_, i) => live(i))
  if (parts.length < 2 || new Set(parts.map(part => part?.symbolic)).size < parts.length) return undefined
  if (parts.some(part => part?.type !== "float32")) return undefined
  const values = parts as Live[]
  const rank = values[0]!.dims.length
  const order = values.some(value => value.order === "last") ? "last" : "file"
  const axis = node.number("axis", 0)
  const positive = axis < 0 ? axis + rank : axis
  if (positive === 0 || values.some(value => value.dims[0] !== batch)) return undefined
  const at = order === "file" || rank < 3 ? positive : positive === 1 ? rank - 1 : positive - 1
  const joined = tf.layers.concatenate({ axis: at, name })
  return [
    layer(
      joined,
      values.map(value => put(value, order)),
      order,
    ),
  ]
}

/** For rows whose inputs are always known, so that nothing is left to run. */
function never(): never {
  throw new TypeError("this operator is told when the file is read")
}
