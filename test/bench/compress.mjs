// Bytes, accuracy and latency before and after int8, on real digits, with seven-bit weights (the default) and with eight.
// `npm run bench:compress`. Alone on the machine, or the times mean nothing.

import { createRequire } from "node:module"
import { compress } from "../../kernel/lib/compress/compress.js"
import { displaySymbol, setDisplaySink } from "../../kernel/lib/display.js"
import { ensureBackend } from "../../kernel/lib/train/backend.js"
import { fromColumns } from "../../kernel/lib/train/feed/BatchSource.js"
import { loadTf } from "../../kernel/lib/train/tf.js"
import { train } from "../../kernel/lib/train/train.js"

const { backend } = await ensureBackend()
const tf = loadTf()
const packed = createRequire(import.meta.url)("mnist")
console.log(`training on ${backend}`)
setDisplaySink({ display() {}, clear() {} })

const { dense, conv2d, maxPooling2d, flatten } = tf.layers
const networks = {
  "CNN conv32-conv64-pool-dense128": [
    conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: "relu" }),
    conv2d({ filters: 64, kernelSize: 3, activation: "relu" }),
    maxPooling2d({ poolSize: 2 }),
    flatten(),
    dense({ units: 128, activation: "relu" }),
    dense({ units: 10, activation: "softmax" }),
  ],
  "MLP 784-512-512-10": [
    flatten({ inputShape: [28, 28, 1] }),
    dense({ units: 512, activation: "relu" }),
    dense({ units: 512, activation: "relu" }),
    dense({ units: 10, activation: "softmax" }),
  ],
}

function digits(from, to) {
  const rows = Array.from({ length: to - from }, (_, i) => [(from + i) % 10, Math.floor((from + i) / 10)])
  const pixels = rows.map(([digit, nth]) =>
    Float32Array.from(packed[digit].raw.slice(nth * 784, (nth + 1) * 784)),
  )
  return fromColumns({ pixels, digit: rows.map(([digit]) => digit) })
}

for (const [name, layers] of Object.entries(networks)) {
  const model = tf.sequential({ layers })
  model.compile({ optimizer: tf.train.adam(1e-3), loss: "sparseCategoricalCrossentropy" })
  await train(model, { data: digits(0, 6000), features: "pixels", label: "digit", epochs: 2 })
  for (const reduceRange of [true, false]) {
    const rows = { calibrate: digits(0, 512), evaluate: digits(6000, 8000) }
    const small = await compress(model, { to: "int8", ...rows, reduceRange, measure: { seconds: 4 } })
    console.log(`\n${name}, weights of ${reduceRange ? "seven" : "eight"} bits`)
    console.log(small[displaySymbol]()["text/plain"])
  }
}
process.exit(0)
