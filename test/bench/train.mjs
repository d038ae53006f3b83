// Samples a second of `model.fit` on XLA, beside the compiled step driven by hand and tfjs's wasm, in one run.
// `npm run bench:train`. Alone on the machine, or the ratios mean nothing. A word picks a part in `train/` instead:
// `npm run bench:train -- cache`.

import { createRequire } from "node:module"
import { ensureBackend } from "../../kernel/lib/train/backend.js"
import { activeXla } from "../../kernel/lib/train/install.js"
import { stepCounts } from "../../kernel/lib/train/patches/loops.js"
import { loadTf } from "../../kernel/lib/train/tf.js"

const [part] = process.argv.slice(2)
if (part !== undefined) {
  await import(`./train/${part}.mjs`)
  process.exit()
}

const info = await ensureBackend()
const tf = loadTf()
if (info.backend !== "xla") throw new Error(`no XLA here: ${info.reason}`)

const { dense, conv2d, maxPooling2d, flatten } = tf.layers
const networks = {
  "MLP 784-512-256-10, batch 128, Adam": {
    input: [784],
    batch: 128,
    batches: 200,
    layers: () => [
      dense({ inputShape: [784], units: 512, activation: "relu" }),
      dense({ units: 256, activation: "relu" }),
      dense({ units: 10, activation: "softmax" }),
    ],
    wasmBatches: 6,
  },
  "CNN conv32-conv64-pool-dense128, batch 64, Adam": {
    input: [28, 28, 1],
    batch: 64,
    batches: 40,
    layers: () => [
      conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: "relu" }),
      conv2d({ filters: 64, kernelSize: 3, activation: "relu" }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 128, activation: "relu" }),
      dense({ units: 10, activation: "softmax" }),
    ],
    // tfjs wasm has no gradient of a convolution's filter.
    wasmBatches: 0,
  },
}

function prepare({ input, layers }, rows) {
  const model = tf.sequential({ layers: layers() })
  model.compile({ optimizer: tf.train.adam(1e-3), loss: "categoricalCrossentropy", metrics: ["accuracy"] })
  const x = tf.randomUniform([rows, ...input], 0, 1, "float32", 7)
  const y = tf
    .oneHot(
      tf.tensor1d(
        Int32Array.from({ length: rows }, (_, i) => i % 10),
        "int32",
      ),
      10,
    )
    .toFloat()
  return { model, x, y }
}

/** Best of `rounds`, in samples a second: other work on the machine only ever makes a round slower. */
async function fitRate(network, batches, rounds) {
  const { model, x, y } = prepare(network, network.batch * batches)
  const fit = () => model.fit(x, y, { epochs: 1, batchSize: network.batch, verbose: 0 })
  if (rounds > 1) await fit()
  let best = 0
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await fit()
    best = Math.max(best, (network.batch * batches * 1000) / (performance.now() - start))
  }
  return { best, counts: stepCounts(model) }
}

/** The very program that fit replays, run in a bare loop on its own results. */
async function rawRate(network, rounds) {
  const { cutter } = activeXla(tf)
  const { model, x, y } = prepare(network, network.batch * 4)
  let seen
  const { rerun } = cutter
  cutter.rerun = function (run, inputs, place) {
    seen = {
      run,
      shapes: inputs.map(input => ({ dtype: input.dtype, shape: input.shape, data: input.read() })),
    }
    return rerun.call(this, run, inputs, place)
  }
  await model.fit(x, y, { epochs: 1, batchSize: network.batch, verbose: 0 })
  cutter.rerun = rerun
  const { run, shapes } = seen
  const device = activeXla(tf).device
  const inputs = shapes.map(({ data, dtype, shape }) => device.upload(data, dtype, shape))
  const carried = new Set(run.aliases.values())
  const step = () => {
    const outputs = run.executable.run(inputs, run.donated)
    for (const [parameter, output] of run.aliases) {
      inputs[parameter].free()
      inputs[parameter] = outputs[output]
    }
    return outputs.filter((_, i) => !carried.has(i))
  }
  let best = 0
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    let logs = []
    for (let i = 0; i < network.batches; i++) {
      for (const log of logs) log.free()
      logs = step()
      if (i % 8 === 7) logs[0].read()
    }
    for (const log of logs) log.read()
    best = Math.max(best, (network.batch * network.batches * 1000) / (performance.now() - start))
  }
  return best
}

console.log(`${info.device}, ${process.version}, TensorFlow.js ${tf.version.tfjs}`)
const results = {}
for (const [name, network] of Object.entries(networks)) {
  const rounds = 4
  const raw = await rawRate(network, rounds)
  const { best: fit, counts } = await fitRate(network, network.batches, rounds)
  results[name] = { raw, fit }
  console.log(`${name}`)
  console.log(`  compiled step by hand   ${raw.toFixed(0).padStart(7)} samples/s`)
  console.log(
    `  model.fit on xla        ${fit.toFixed(0).padStart(7)} samples/s   ${(fit / raw).toFixed(2)} of it` +
      `   (${counts.recorded} steps recorded, ${counts.replayed} replayed)`,
  )
}
createRequire(import.meta.url)("@tensorflow/tfjs-backend-wasm")
await tf.setBackend("wasm")
for (const [name, network] of Object.entries(networks)) {
  if (network.wasmBatches === 0) {
    console.log(`${name}: tfjs wasm cannot train it`)
    continue
  }
  const { best } = await fitRate(network, network.wasmBatches, 2)
  const times = results[name].fit / best
  console.log(`${name}: tfjs wasm ${best.toFixed(0)} samples/s, so xla is ${times.toFixed(1)}x`)
}
process.exit(0)
