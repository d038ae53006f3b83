// A training that writes checkpoints, for the tests that kill it: `node checkpointed.mjs FOLDER EVERY`. Goes on from what the
// folder holds; says `step N` now and then, and at the end what it has learnt, as a digest of every weight.
import { createHash } from "node:crypto"
import { ensureBackend } from "../../../kernel/lib/train/backend.js"
import { fromColumns } from "../../../kernel/lib/train/feed/BatchSource.js"
import { loadTf } from "../../../kernel/lib/train/tf.js"
import { train } from "../../../kernel/lib/train/train.js"

const [folder, every] = process.argv.slice(2)
await ensureBackend()
const tf = loadTf()
const glorot = seed => tf.initializers.glorotUniform({ seed })
const model = tf.sequential({
  layers: [
    tf.layers.dense({ inputShape: [4], units: 32, activation: "relu", kernelInitializer: glorot(1) }),
    tf.layers.batchNormalization(),
    tf.layers.dropout({ rate: 0.3 }),
    tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: glorot(2) }),
  ],
})
model.compile({ optimizer: tf.train.adam(0.01), loss: "binaryCrossentropy", metrics: ["accuracy"] })

const rows = 4000
const column = k => Float32Array.from({ length: rows }, (_, i) => Math.sin(i * (k + 1) * 0.37))
const [a, b, c, d] = [0, 1, 2, 3].map(column)
const y = Float32Array.from({ length: rows }, (_, i) => Number(a[i] * b[i] + c[i] > 0.2))
const run = await train(model, {
  data: fromColumns({ a, b, c, d, y }),
  label: "y",
  epochs: 6,
  batchSize: 32,
  validationSplit: 0.1,
  checkpoint: { folder, every: Number(every) },
  resume: true,
  callbacks: { onEpochEnd: epoch => process.stdout.write(`epoch ${epoch}\n`) },
})
const digest = createHash("sha256")
for (const weight of model.getWeights()) digest.update(new Uint8Array(weight.dataSync().buffer.slice(0)))
const { history, steps, samples, resumedAt } = run
process.stdout.write(
  `${JSON.stringify({ weights: digest.digest("hex"), history, steps, samples, resumedAt })}\n`,
)
process.exit(0)
