// Losses that a file computes itself. Classes are the second axis of the scores, as ONNX has them.

import type { Call, Operator, Tensor } from "../Operator.js"

/** `logs`: `[N, C, ...]`. A label that is to be ignored weighs nothing. */
function likelihood(call: Call, logs: Tensor, labels: Tensor, weights: Tensor | undefined): Tensor {
  const { tf } = call
  const classes = logs.shape[1]!
  const axes = logs.shape.map((_, axis) => axis).slice(2)
  const last = tf.transpose(logs, [0, ...axes, 1])
  const whole = tf.cast(labels, "int32")
  const hot = tf.oneHot(whole as never, classes)
  const picked = tf.neg(tf.sum(tf.where(tf.equal(hot, 1), last, tf.zerosLike(last)), -1))
  const counted = call.has("ignore_index")
    ? tf.cast(tf.notEqual(whole, tf.scalar(call.number("ignore_index", 0), "int32")), "float32")
    : undefined
  const own = weights && tf.sum(tf.mul(tf.cast(hot, "float32"), weights), -1)
  const factor = own === undefined ? counted : counted === undefined ? own : tf.mul(own, counted)
  const losses = factor === undefined ? picked : tf.mul(picked, factor)
  const reduction = call.text("reduction", "mean")
  if (reduction === "none") return losses
  const sum = tf.sum(losses)
  if (reduction === "sum") return sum
  return factor === undefined ? tf.mean(losses) : tf.div(sum, tf.sum(factor))
}

export const loss: Readonly<Record<string, Operator>> = {
  NegativeLogLikelihoodLoss: {
    order: "file",
    run: call => likelihood(call, call.x, call.tensor(1), call.optional(2)),
  },
  SoftmaxCrossEntropyLoss: {
    order: "file",
    run: call => {
      const { tf, x } = call
      const logs = tf.sub(x, tf.logSumExp(x, 1, true))
      const value = likelihood(call, logs, call.tensor(1), call.optional(2))
      return call.outputs > 1 ? [value, logs] : value
    },
  },
}
