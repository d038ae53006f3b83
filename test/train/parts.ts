// Trainings of one small network with each optimizer, whole batches or parts of them: for both suites of accumulation.
import { stepCounts } from "../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import type { TrainOptions } from "../../kernel/src/train/trainOptions.js"
import { mlp, rows, weightsOf } from "./smallModels.js"

type Optimizer = import("@tensorflow/tfjs").Optimizer

export const optimizers: Readonly<Record<string, (tf: Tf) => Optimizer>> = {
  sgd: tf => tf.train.sgd(0.1),
  momentum: tf => tf.train.momentum(0.05, 0.9, true),
  adam: tf => tf.train.adam(0.01),
  adamax: tf => tf.train.adamax(0.01),
  adagrad: tf => tf.train.adagrad(0.1),
  adadelta: tf => tf.train.adadelta(1),
  // Its centred form divides by the root of a negative number at the first step, in tfjs 4.22 itself.
  rmsprop: tf => tf.train.rmsprop(0.005, 0.9, 0.5),
}

/** Five epochs in batches of 32; `count` rows. */
export async function learnt(
  tf: Tf,
  optimizer: Optimizer,
  { count, ...options }: { count: number } & Partial<TrainOptions>,
) {
  const model = mlp(tf)
  let counts = { recorded: 0, replayed: 0 }
  const run = await train(model, {
    data: rows(tf, [12], count),
    optimizer,
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
    epochs: 5,
    batchSize: 32,
    callbacks: {
      onEpochEnd: async () => {
        counts = { ...stepCounts(model) }
      },
    },
    ...options,
  })
  return { history: run.history, weights: weightsOf(model), counts }
}
