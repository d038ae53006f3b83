// Picking by index: rows of a table (embeddings), elements along an axis, the largest ones.

import type { Call, Operator, Tensor } from "../Operator.js"
import { batches } from "../Value.js"
import { known } from "./folds.js"

/** Indices from the end become such from the start. */
function positive({ tf }: Call, indices: Tensor, length: number): Tensor {
  const whole = tf.cast(indices, "int32")
  return tf.where(tf.less(whole, 0), tf.add(whole, tf.scalar(length, "int32")), whole)
}

function gather(call: Call): Tensor {
  const { tf, x } = call
  const axis = call.axis(call.number("axis", 0))
  const given = call.numbers(1)
  if (given === undefined) return tf.gather(x, positive(call, call.tensor(1), x.shape[axis]!) as never, axis)
  const places = given.map(index => (index < 0 ? index + x.shape[axis]! : index))
  const indices = call.tensor(1)
  if (indices.rank === 0) {
    const begin = x.shape.map((_, i) => (i === axis ? places[0]! : 0))
    const size = x.shape.map((length, i) => (i === axis ? 1 : length))
    return tf.squeeze(tf.slice(x, begin, size), [axis])
  }
  return tf.gather(x, call.constant(places, indices.shape, "int32") as never, axis)
}

/** Full coordinates of each picked element: those of the output, with the index in place of one. */
function coordinates(call: Call, indices: Tensor, length: number, axis: number): Tensor {
  const { tf } = call
  const flat = tf.reshape(positive(call, indices, length), [-1])
  const strides = indices.shape.map((_, i) =>
    indices.shape.slice(i + 1).reduce((size, next) => size * next, 1),
  )
  const own = indices.shape.map((count, i) => {
    if (i === axis) return flat
    const places = Array.from({ length: indices.size }, (_, at) => Math.floor(at / strides[i]!) % count)
    return call.constant(places, [indices.size], "int32")
  })
  return tf.stack(own, 1)
}

function scatterElements(call: Call): Tensor {
  const { tf, x } = call
  const axis = call.axis(call.number("axis", 0))
  const [indices, updates] = [call.tensor(1), call.tensor(2)]
  const where = coordinates(call, indices, x.shape[axis]!, axis)
  const flat = tf.reshape(updates, [-1])
  return isAddition(call)
    ? tf.add(x, tf.scatterND(where, flat, x.shape))
    : tf.tensorScatterUpdate(x, where, flat)
}

function isAddition(call: Call): boolean {
  const reduction = call.text("reduction", "none")
  if (reduction !== "none" && reduction !== "add")
    throw new TypeError(`reduction is ${reduction}, and known are none and add`)
  return reduction === "add"
}

/** The first so many steps of each row in the other order. */
function reversedRows(call: Call): Tensor {
  const { tf, x } = call
  const [time, rows] = [call.number("time_axis", 0), call.number("batch_axis", 1)]
  const perm = [rows, time, ...x.shape.flatMap((_, i) => (i === rows || i === time ? [] : [i]))]
  const turned = tf.transpose(x, perm)
  const steps = x.shape[time]!
  const places = call.constant(
    Array.from({ length: steps }, (_, i) => i),
    [1, steps],
    "int32",
  )
  const lengths = tf.expandDims(tf.cast(call.tensor(1), "int32"), 1)
  const back = tf.sub(tf.sub(lengths, places), tf.scalar(1, "int32"))
  const from = tf.where(tf.less(places, lengths), back, tf.broadcastTo(places, back.shape))
  const picked = tf.gather(turned, from as never, 1, 1)
  return tf.transpose(
    picked,
    perm.map((_, i) => perm.indexOf(i)),
  )
}

export const indexing: Readonly<Record<string, Operator>> = {
  Gather: {
    order: "file",
    run: gather,
    fold: call => {
      const { x } = call
      const indices = call.known(1)!
      if (x.shape.length !== 1) return undefined
      const picked = Array.from(indices.data, index => x.data[index < 0 ? index + x.data.length : index]!)
      return known(x.type, indices.shape, picked)
    },
  },
  GatherElements: {
    order: "file",
    run: call => {
      const { tf, x } = call
      const axis = call.axis(call.number("axis", 0))
      const indices = call.tensor(1)
      const where = coordinates(call, indices, x.shape[axis]!, axis)
      return tf.reshape(tf.gatherND(x, where), indices.shape)
    },
  },
  GatherND: {
    order: "file",
    run: call => {
      const indices = call.tensor(1)
      if (call.number("batch_dims", 0) !== 0) throw new TypeError("batch_dims is not 0")
      return call.tf.gatherND(call.x, call.tf.cast(indices, "int32"))
    },
  },
  ScatterND: {
    order: "file",
    run: call => {
      const { tf, x } = call
      const [indices, updates] = [tf.cast(call.tensor(1), "int32"), call.tensor(2)]
      return isAddition(call)
        ? tf.add(x, tf.scatterND(indices, updates, x.shape))
        : tf.tensorScatterUpdate(x, indices, updates)
    },
  },
  Scatter: { order: "file", run: scatterElements },
  ReverseSequence: { order: "file", run: reversedRows },
  ScatterElements: { order: "file", run: scatterElements },
  OneHot: {
    order: "file",
    known: [1],
    run: call => {
      const { tf, x } = call
      const depth = call.numbers(1)![0]!
      const values = call.tensor(2)
      const [off, on] = tf.split(values, 2).map(value => tf.reshape(value, [])) as [Tensor, Tensor]
      const hot = tf.cast(tf.oneHot(positive(call, x, depth) as never, depth), values.dtype as "float32")
      const spread = tf.add(tf.mul(hot, tf.sub(on, off)), off)
      const axis = call.number("axis", -1)
      const rank = x.rank + 1
      const at = axis < 0 ? axis + rank : axis
      if (at === rank - 1) return spread
      const perm = Array.from({ length: rank - 1 }, (_, i) => i)
      perm.splice(at, 0, rank - 1)
      return tf.transpose(spread, perm)
    },
  },
  TopK: {
    order: "file",
    known: [1],
    run: call => {
      const { tf, x } = call
      const axis = call.axis(call.number("axis", -1))
      const k = call.listOr("k", 1)?.[0] ?? call.number("k", 1)
      const perm = x.shape.map((_, i) => (i === axis ? x.rank - 1 : i === x.rank - 1 ? axis : i))
      const largest = call.number("largest", 1) !== 0
      const turned = tf.transpose(largest ? x : tf.neg(x), perm)
      const { values, indices } = tf.topk(turned, batches(k) ?? k)
      return [tf.transpose(largest ? values : tf.neg(values), perm), tf.transpose(indices, perm)]
    },
  },
}
