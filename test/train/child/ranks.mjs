// One process of several that train together, for the tests: `mpirun -n 2 node ranks.mjs FOLDER OPTIONS`. Writes what it has
// learnt to FOLDER/rank-N.json. Its weights start elsewhere in each process, so that only rank 0's can explain the result.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { launchOf } from "../../../kernel/lib/device/world/launch.js"
import { ensureBackend } from "../../../kernel/lib/train/backend.js"
import { fromColumns } from "../../../kernel/lib/train/feed/BatchSource.js"
import { loadTf } from "../../../kernel/lib/train/tf.js"
import { train } from "../../../kernel/lib/train/train.js"
import { freeze } from "../../../kernel/lib/train/transfer/freeze.js"

const [folder, text = "{}"] = process.argv.slice(2)
const { normalised = false, frozen = false, outlier, killAt, ...options } = JSON.parse(text)
await ensureBackend()
const tf = loadTf()
const rank = launchOf()?.rank ?? 0
const glorot = seed => tf.initializers.glorotUniform({ seed: seed + 100 * rank })
const model = tf.sequential({
  layers: [
    tf.layers.dense({
      name: "first",
      inputShape: [3],
      units: 16,
      activation: "relu",
      kernelInitializer: glorot(1),
    }),
    ...(normalised ? [tf.layers.batchNormalization()] : []),
    tf.layers.dense({ name: "last", units: 1, activation: "sigmoid", kernelInitializer: glorot(2) }),
  ],
})
if (frozen) freeze(model, { until: model.layers[0] })
model.compile({ optimizer: tf.train.adam(0.01), loss: "binaryCrossentropy", metrics: ["accuracy"] })

// Of 97 rows the last batch of an epoch has one, less than there are processes.
const column = k => Float32Array.from({ length: 97 }, (_, i) => Math.sin(i * (k + 1) * 0.37))
const [a, b, c] = [0, 1, 2].map(column)
const y = Float32Array.from({ length: 97 }, (_, i) => Number(a[i] * b[i] + c[i] > 0.2))
// Of the first 32 rows this one belongs to the second of two processes.
const weight = new Float32Array(97).fill(1)
if (outlier !== undefined) weight[20] = outlier
let said = 0
const run = await train(model, {
  data: fromColumns({ a, b, c, weight, y }),
  features: ["a", "b", "c"],
  label: "y",
  epochs: 5,
  batchSize: 32,
  callbacks: {
    onEpochEnd: async () => {
      if (killAt !== undefined && rank === 1 && ++said === killAt) process.kill(process.pid, "SIGKILL")
    },
  },
  ...(outlier !== undefined && { sampleWeight: "weight" }),
  ...options,
})
const weights = model.getWeights().flatMap(weight => Array.from(weight.dataSync()))
const { history, samples, steps, resumedAt, skippedSteps } = run
writeFileSync(
  join(folder, `rank-${rank}.json`),
  JSON.stringify({ history, samples, steps, resumedAt, skippedSteps, weights }),
)
process.exit(0)
