// A process that trains a few steps and prints the losses and where its programs came from.

import { backendReport, ensureBackend } from "../../../kernel/lib/train/backend.js"
import { loadTf } from "../../../kernel/lib/train/tf.js"

await ensureBackend()
const tf = loadTf()
const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 })
const model = tf.sequential({
  layers: [tf.layers.dense({ inputShape: [8], units: 4, activation: "softmax", kernelInitializer })],
})
model.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy" })
const x = tf.randomNormal([32, 8], 0, 1, "float32", 7)
const y = tf.oneHot(tf.range(0, 32, 1, "int32").mod(tf.scalar(4, "int32")), 4)
const { history } = await model.fit(x, y, { epochs: 5, batchSize: 16, shuffle: false, verbose: 0 })
console.log(JSON.stringify({ loss: history.loss, report: backendReport() }))
process.exit(0)
