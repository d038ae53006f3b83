// The loop of `fit` beside tfjs's own, which runs on its cpu backend: the same calls of callbacks in the same order, the same
// logs, the same history; and a fit whose data goes away or changes between two epochs trains on what it was given.
import { beforeAll, expect, test } from "vitest"
import { stepCounts } from "../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { difference, xla } from "./onXla.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type FitArgs = import("@tensorflow/tfjs").ModelFitArgs

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

/** Two inputs of other types and one output. */
function twoInputs() {
  const kernelInitializer = (seed: number) => tf.initializers.glorotUniform({ seed })
  const [ids, dense] = [tf.input({ shape: [1], dtype: "int32" }), tf.input({ shape: [3] })]
  const embeddingsInitializer = kernelInitializer(1)
  const found = tf.layers.embedding({ inputDim: 7, outputDim: 2, embeddingsInitializer }).apply(ids)
  const joined = tf.layers
    .concatenate()
    .apply([tf.layers.flatten().apply(found) as never, dense] as never) as never
  const y = tf.layers.dense({ units: 1, kernelInitializer: kernelInitializer(2) }).apply(joined) as never
  const model = tf.model({ inputs: [ids, dense], outputs: y })
  model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError", metrics: ["mae"] })
  return model
}

function rows(count: number): { x: Tensor[]; y: Tensor } {
  const ids = tf.tensor2d(
    Int32Array.from({ length: count }, (_, i) => (i * 5) % 7),
    [count, 1],
    "int32",
  )
  return {
    x: [ids, tf.randomNormal([count, 3], 0, 1, "float32", 5)],
    y: tf.randomNormal([count, 1], 1, 1, "float32", 6),
  }
}

/** What a fit on `backend` calls, and with which numbers. */
async function fitted(backend: "xla" | "cpu", args: FitArgs, stopAfter = Number.POSITIVE_INFINITY) {
  tf.setBackend(backend)
  try {
    const [model, train, held] = [twoInputs(), rows(22), rows(9)]
    const calls: unknown[] = []
    class Watch extends tf.Callback {
      override async onTrainBegin() {
        calls.push(
          "train begin",
          Object.entries(this.params).filter(([, value]) => typeof value !== "object"),
        )
      }
      override async onBatchBegin(batch: number) {
        calls.push(`batch ${batch}`)
      }
      override async onBatchEnd(batch: number, logs?: object) {
        calls.push(
          `batch end ${batch}`,
          Object.keys(logs ?? {})
            .sort()
            .join(),
        )
        if (calls.length > stopAfter) model.stopTraining = true
      }
      override async onEpochEnd(epoch: number, logs?: object) {
        calls.push(
          `epoch end ${epoch}`,
          Object.keys(logs ?? {})
            .sort()
            .join(),
        )
      }
      override async onTrainEnd() {
        calls.push("train end")
      }
    }
    const { history, epoch } = await model.fit(train.x, train.y, {
      validationData: [held.x, held.y],
      shuffle: false,
      verbose: 0,
      callbacks: [new Watch()],
      ...args,
    })
    return {
      calls,
      epoch,
      numbers: Object.values(history).flat() as number[],
      names: Object.keys(history),
      counts: stepCounts(model),
    }
  } finally {
    tf.setBackend("xla")
  }
}

test.each<[string, FitArgs, number?]>([
  ["a last batch of fewer rows", { epochs: 4, batchSize: 8 }],
  ["one batch", { epochs: 3, batchSize: 64 }],
  ["epochs from a later one", { epochs: 5, initialEpoch: 2, batchSize: 11 }],
  ["no validation", { epochs: 3, batchSize: 8, validationData: undefined as never }],
  [
    "rows split off for validation",
    { epochs: 3, batchSize: 8, validationData: undefined as never, validationSplit: 0.25 },
  ],
  ["a stop in the middle of an epoch", { epochs: 3, batchSize: 4 }, 12],
])("%s: as tfjs's own loop", async (_, args, stopAfter) => {
  const [theirs, ours] = [await fitted("cpu", args, stopAfter), await fitted("xla", args, stopAfter)]
  expect(ours.calls).toEqual(theirs.calls)
  expect([ours.epoch, ours.names]).toEqual([theirs.epoch, theirs.names])
  expect(difference(theirs.numbers, ours.numbers)).toBeLessThan(1e-5)
})

test("shuffled, each epoch sees each row once, and steps are replayed", async () => {
  const model = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [1], units: 1, kernelInitializer: "zeros", useBias: false })],
  })
  // The prediction stays 0, so a batch's loss is the square of its one row's target.
  model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" })
  const targets = Array.from({ length: 12 }, (_, row) => row + 1)
  const epochs: number[][] = [[], [], [], []]
  let current: number[] = []
  await model.fit(tf.zeros([12, 1]), tf.tensor2d(targets, [12, 1]), {
    epochs: 4,
    batchSize: 1,
    verbose: 0,
    callbacks: {
      onEpochBegin: async epoch => {
        current = epochs[epoch]!
      },
      onBatchEnd: async (_, logs) => {
        current.push(Math.sqrt(logs!.loss!))
      },
    },
  })
  for (const seen of epochs) expect(seen.toSorted((a, b) => a - b)).toEqual(targets)
  expect(new Set(epochs.map(String)).size).toBe(4)
  expect(stepCounts(model)).toEqual({ recorded: 2, replayed: 46 })
})

test("a batch of one row, numbered 0 or 1, is no other step", async () => {
  const model = twoInputs()
  const { x, y } = rows(6)
  await model.fit(x, y, { epochs: 2, batchSize: 1, shuffle: false, verbose: 0 })
  expect(stepCounts(model)).toEqual({ recorded: 2, replayed: 10 })
})

test("a second fit on other tensors of the same shapes trains on those", async () => {
  const model = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [1], units: 1, kernelInitializer: "zeros", useBias: false })],
  })
  model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" })
  const lossOn = async (target: number) => {
    const [x, y] = [tf.zeros([6, 1]), tf.fill([6, 1], target)]
    const { history } = await model.fit(x, y, { epochs: 2, batchSize: 2, verbose: 0 })
    tf.dispose([x, y])
    return history.loss
  }
  expect(await lossOn(2)).toEqual([4, 4])
  expect(await lossOn(3)).toEqual([9, 9])
  expect(await lossOn(5)).toEqual([25, 25])
  expect(stepCounts(model).recorded).toBe(2)
})

test("nothing of a fit stays behind", async () => {
  const [model, { x, y }] = [twoInputs(), rows(22)]
  const fit = () => model.fit(x, y, { epochs: 2, batchSize: 8, verbose: 0 })
  await fit()
  const before = tf.memory()
  await fit()
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes })
})
