// Predictions for a table: rows are made as in the training, down to the vocabulary and the normalisation.
import { beforeAll, expect, test } from "vitest"
import { displaySymbol } from "../../kernel/src/display.js"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import { predict } from "../../kernel/src/train/predict.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import { xla } from "./onXla.js"

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

const reviews = ["a good film", "good fun", "so good", "a bad film", "bad acting", "so bad"]
const table = {
  review: Array.from({ length: 120 }, (_, i) => reviews[i % 6]!),
  stars: Float32Array.from({ length: 120 }, (_, i) => 100 + (i % 7)),
  verdict: Array.from({ length: 120 }, (_, i) => (i % 6 < 3 ? "like" : "dislike")),
}

test("texts by the vocabulary of the training, beside numbers; classes by their texts", async () => {
  const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })
  const words = tf.sequential({
    layers: [
      tf.layers.embedding({ inputShape: [3], inputDim: 20, outputDim: 4, embeddingsInitializer: glorot(1) }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: glorot(2) }),
    ],
  })
  words.compile({ optimizer: tf.train.adam(0.05), loss: "binaryCrossentropy", metrics: ["accuracy"] })
  const text = { column: "review", length: 3, vocabulary: 20 }
  const options = { data: fromColumns(table), features: ["review"], label: "verdict", text, batchSize: 30 }
  const run = await train(words, { ...options, epochs: 8 })
  expect(run.history.acc!.at(-1)).toBe(1)
  // Words that were never seen, and no label.
  const found = await predict(words, fromColumns({ review: ["good stuff", "really bad", "Bad, bad BAD!"] }))
  expect(found.classes).toEqual(["like", "dislike", "dislike"])
  expect(found).toMatchObject({ rows: 3, outputs: 1 })
  expect(found[displaySymbol]()["text/plain"]).toContain("dislike")
  // The recipe is data: another session's model takes it along.
  const recipe = JSON.parse(JSON.stringify(run.recipe))
  expect((await predict(words, fromColumns({ review: ["so good"] }), { recipe })).classes).toEqual(["like"])
})

test("in batches, the same as all at once, and as the network says of rows made by hand", async () => {
  const model = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [1], units: 1, kernelInitializer: "ones" })],
  })
  model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" })
  const data = fromColumns({ stars: table.stars, next: table.stars.map(value => value + 1) })
  const { normalisation } = await train(model, { data, label: "next", normalise: "standard" })
  const found = await predict(model, data, { batchSize: 50 })
  const [mean, deviation] = [normalisation!.mean[0]!, normalisation!.deviation[0]!]
  const wanted = table.stars.map(value => (value - mean) / deviation)
  expect(found.values.every((value, i) => Math.abs(value - wanted[i]!) < 1e-5)).toBe(true)
  expect(found.classes).toBeUndefined()
  const tensors = tf.memory().numTensors
  expect((await predict(model, data)).values).toEqual(found.values)
  expect(tf.memory().numTensors).toBe(tensors)
})

test("a model without a recipe, a column that is not there and a gap are said by name", async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] })
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" })
  await expect(predict(model, fromColumns({ a: [1] }))).rejects.toThrow(/`recipe` is missing/)
  await train(model, { data: fromColumns({ a: [1, 2, null], y: [1, 2, 3] }), label: "y", missing: "drop" })
  await expect(predict(model, fromColumns({ aa: [1] }))).rejects.toThrow(/no column `a`.*Did you mean `aa`/)
  await expect(predict(model, fromColumns({ a: [1, null] }))).rejects.toThrow(
    /column `a` holds missing values, the first in row 1/,
  )
  await expect(predict(model, fromColumns({ a: [1] }), { batch: 3 } as never)).rejects.toThrow(
    /no option `batch`/,
  )
})
