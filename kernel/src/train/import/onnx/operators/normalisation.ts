// Normalisations. The batch's is TensorFlow.js's own layer where its numbers are known: it learns, and freezes.

import type { Building, Call, Operator, Tensor } from "../Operator.js"
import type { Value } from "../Value.js"

function centred(call: Call, x: Tensor, axes: number[], epsilon: number): Tensor {
  const { tf } = call
  const { mean, variance } = tf.moments(x, axes, true)
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)))
}

/** `[C]` to the shape that lies along the channels of an image whose channels are last. */
const affine = (call: Call, x: Tensor, scale: Tensor, bias: Tensor | undefined) => {
  const scaled = call.tf.mul(x, scale)
  return bias === undefined ? scaled : call.tf.add(scaled, bias)
}

function batchNorm(call: Call): Tensor {
  const { tf, x } = call
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map(i => call.tensor(i)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ]
  const spread = tf.rsqrt(tf.add(variance, call.number("epsilon", 1e-5)))
  return tf.add(tf.mul(tf.sub(x, mean), tf.mul(spread, scale)), bias)
}

function batchNormLayer({
  tf,
  name,
  node,
  live,
  known,
  layer,
  put,
  outputs,
}: Building): readonly Value[] | undefined {
  const x = live(0)
  const numbers = [1, 2, 3, 4].map(i => known(i))
  if (x === undefined || outputs > 1 || x.dims.length < 2 || numbers.some(one => one === undefined))
    return undefined
  const weights = numbers.map(one => tf.tensor1d(Float32Array.from(one!.data)))
  const made = tf.layers.batchNormalization({
    axis: -1,
    epsilon: node.number("epsilon", 1e-5),
    momentum: node.number("momentum", 0.9),
    weights,
    name,
  })
  const result = layer(made, [put(x, "last")], "last")
  for (const weight of weights) weight.dispose()
  return [result]
}

function layerNorm(call: Call, byMean: boolean): Tensor | Tensor[] {
  const { tf, x } = call
  const first = call.axis(call.number("axis", -1))
  const axes = x.shape.flatMap((_, axis) => (axis >= first ? [axis] : []))
  const epsilon = call.number("epsilon", 1e-5)
  const mean = byMean ? tf.mean(x, axes, true) : undefined
  const around = mean === undefined ? x : tf.sub(x, mean)
  const deviation = tf.rsqrt(tf.add(tf.mean(tf.square(around), axes, true), epsilon))
  const result = affine(call, tf.mul(around, deviation), call.tensor(1), call.optional(2))
  if (call.outputs === 1) return result
  return mean === undefined ? [result, deviation] : [result, mean, deviation].slice(0, call.outputs)
}

/** Channels in groups, each normalised with its places; channels last. */
function groupNorm(call: Call): Tensor {
  const { tf, x } = call
  const groups = call.number("num_groups", 1)
  const channels = x.shape.at(-1)!
  const apart = tf.reshape(x, [x.shape[0]!, -1, groups, channels / groups])
  const result = tf.reshape(centred(call, apart, [1, 3], call.number("epsilon", 1e-5)), x.shape)
  const spread = (weight: Tensor) => {
    if (weight.size === channels) return weight
    return tf.reshape(tf.tile(tf.reshape(weight, [groups, 1]), [1, channels / groups]), [channels])
  }
  return affine(call, result, spread(call.tensor(1)), spread(call.tensor(2)))
}

function localResponse(call: Call): Tensor {
  const { tf, x } = call
  const size = call.number("size", 1)
  const [alpha, beta, bias] = [call.number("alpha", 1e-4), call.number("beta", 0.75), call.number("bias", 1)]
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)]
  const channels = x.shape.at(-1)!
  const wide = tf.pad(tf.square(x), [
    ...x.shape.slice(1).map((): [number, number] => [0, 0]),
    [before, after],
  ])
  const begin = x.shape.slice(1).map(() => 0)
  const parts = Array.from({ length: size }, (_, i) =>
    tf.slice(wide, [...begin, i], [...x.shape.slice(0, -1), channels]),
  )
  const sum = parts.reduce((a, b) => tf.add(a, b))
  return tf.div(x, tf.pow(tf.add(tf.mul(sum, alpha / size), bias), beta))
}

export const normalisation: Readonly<Record<string, Operator>> = {
  BatchNormalization: { order: "last", run: batchNorm, build: batchNormLayer },
  LayerNormalization: { order: "file", run: call => layerNorm(call, true) },
  RMSNormalization: { order: "file", run: call => layerNorm(call, false) },
  InstanceNormalization: {
    order: "last",
    run: call => {
      const axes = call.x.shape.slice(1, -1).map((_, i) => i + 1)
      const result = centred(call, call.x, axes, call.number("epsilon", 1e-5))
      return affine(call, result, call.tensor(1), call.tensor(2))
    },
  },
  GroupNormalization: { order: "last", run: groupNorm },
  LRN: { order: "last", run: localResponse },
  LpNormalization: {
    order: "axes",
    run: call => {
      const { tf, x } = call
      const axis = call.axis(call.number("axis", -1))
      const norm =
        call.number("p", 2) === 1 ? tf.sum(tf.abs(x), axis, true) : tf.sqrt(tf.sum(tf.square(x), axis, true))
      return tf.divNoNan(x, norm)
    },
  },
  MeanVarianceNormalization: {
    order: "axes",
    run: call => {
      const axes = (call.list("axes") ?? [0, 2, 3]).map(axis => call.axis(axis))
      return centred(call, call.x, axes, 1e-9)
    },
  },
}
