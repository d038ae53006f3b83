// A training whose device may be lost on the way (SPANNING_LOST_AT), in a process of its own: what it says then, what still
// works in the process, and what a second process goes on from.
import { existsSync, readdirSync } from "node:fs"
import { ensureBackend } from "../../../kernel/lib/train/backend.js"
import { fromColumns } from "../../../kernel/lib/train/feed/BatchSource.js"
import { loadTf } from "../../../kernel/lib/train/tf.js"
import { train } from "../../../kernel/lib/train/train.js"

const [folder] = process.argv.slice(2)
await ensureBackend()
const tf = loadTf()
const kernelInitializer = tf.initializers.glorotUniform({ seed: 7 })
const model = tf.sequential({
  layers: [
    tf.layers.dense({ inputShape: [2], units: 8, activation: "relu", kernelInitializer }),
    tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer }),
  ],
})
model.compile({ optimizer: tf.train.adam(0.01), loss: "binaryCrossentropy" })
const [a, b] = [3, 5].map(k => Float32Array.from({ length: 96 }, (_, i) => Math.sin(i * k)))
const y = Float32Array.from({ length: 96 }, (_, i) => Number(a[i] * b[i] > 0))
const learn = () =>
  train(model, {
    data: fromColumns({ a, b, y }),
    label: "y",
    epochs: 4,
    batchSize: 8,
    seed: 3,
    checkpoint: { folder, every: 5 },
    resume: existsSync(folder),
  })

const codeOf = async work => {
  try {
    await work()
    return "none"
  } catch (error) {
    return error.code
  }
}

const tell = told => console.log(JSON.stringify(told))
try {
  const { steps, resumedAt } = await learn()
  tell({ steps, resumedAt, weights: model.getWeights().flatMap(weight => [...weight.dataSync()]) })
} catch (error) {
  const again = [await codeOf(learn), await codeOf(() => tf.tensor([1]).add(1).data())]
  const numbers = await codeOf(() => model.summary(undefined, undefined, () => {}))
  tell({ code: error.code, message: error.message, again, numbers, kept: readdirSync(folder).length > 0 })
}
