// Runs for long, and prints what is in use on the way: `steps`, `models` or `forgotten` (see memory.deep.test.ts). In a process of
// its own, so that the memory is all its own.
import { ensureBackend } from "../../../kernel/lib/train/backend.js"
import { activeXla } from "../../../kernel/lib/train/install.js"
import { loadTf } from "../../../kernel/lib/train/tf.js"

await ensureBackend()
const tf = loadTf()
const { device } = activeXla(tf)
const [what, count] = [process.argv[2], Number(process.argv[3])]
const marks = []

/** After the garbage is gone: what is left is held. */
async function mark() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  // Buffers whose owner was collected are freed by the next upload.
  tf.tidy(() => tf.add(tf.tensor1d([1, 2]), 1).dataSync())
  const { numTensors, numBytes } = tf.memory()
  const rss = process.memoryUsage().rss
  marks.push({
    rss,
    heap: process.memoryUsage().heapUsed,
    device: device.memory().used,
    numTensors,
    numBytes,
  })
}

function network() {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [16], units: 32, activation: "relu" }),
      tf.layers.dense({ units: 4, activation: "softmax" }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(1e-3), loss: "categoricalCrossentropy", metrics: ["accuracy"] })
  return model
}

const rows = 32 * 50
const x = tf.randomNormal([rows, 16], 0, 1, "float32", 1)
const y = tf.oneHot(tf.range(0, rows, 1, "int32").mod(tf.scalar(4, "int32")), 4)

const runs = {
  /** One model, many steps: fits of fifty. */
  async steps() {
    const model = network()
    for (let step = 0; step < count; step += 50) {
      if (step % (count / 5) === 0) await mark()
      await model.fit(x, y, { epochs: 1, batchSize: 32, verbose: 0 })
    }
  },
  /** Many models, each made, trained for some steps and disposed with its optimizer. */
  async models() {
    const [few, labels] = [x.slice(0, 64), y.slice(0, 64)]
    for (let i = 0; i < count; i++) {
      if (i % (count / 5) === 0) await mark()
      const model = network()
      await model.fit(few, labels, { epochs: 3, batchSize: 32, verbose: 0 })
      model.predict(few).dispose()
      model.dispose()
      // A model disposes an optimizer that it made of a name; this one is ours.
      model.optimizer.dispose()
    }
  },
  /** Device memory whose owner forgets it. */
  async forgotten() {
    for (let i = 0; i < count; i++) {
      if (i % (count / 5) === 0) await mark()
      device.upload(new Float32Array(2_500), "f32", [2_500])
      if (i % 1000 === 999) await new Promise(resolve => setTimeout(resolve, 1))
    }
  },
}
await runs[what]()
await mark()
console.log(JSON.stringify(marks))
process.exit(0)
