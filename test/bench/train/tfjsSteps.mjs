// A contender of speed.mjs: `model.fit` of plain TensorFlow.js. Which backend: xla (this repository's), wasm, or tfjs-node where
// SHARDLAB_TFJS names it. Answers each line `{ network, steps }` of stdin with the milliseconds that so many steps took.
import { createRequire } from "node:module"
import { createInterface } from "node:readline"
import { prepared } from "./prepared.mjs"

const tf = await loaded(process.env.SHARDLAB_TFJS ?? process.argv[2])
const ready = new Map()

for await (const line of createInterface({ input: process.stdin })) {
  const { network, steps } = JSON.parse(line)
  try {
    console.log(JSON.stringify(await timed(network, steps)))
  } catch (error) {
    console.log(JSON.stringify({ error: error.message.split("\n")[0] }))
  }
}
process.exit(0)

async function timed(network, steps) {
  const { model, x, y, batch } = prepare(network, steps)
  const start = performance.now()
  const { history } = await model.fit(x, y, { epochs: 1, batchSize: batch, verbose: 0 })
  return { ms: performance.now() - start, loss: Number(history.loss[0]) }
}

function prepare(network, steps) {
  const known = ready.get(network)
  if (known?.steps === steps) return known
  const made = { steps, ...prepared(tf, network, steps) }
  ready.set(network, made)
  return made
}

async function loaded(which) {
  const require = createRequire(import.meta.url)
  if (which === "xla") {
    const { ensureBackend } = await import("../../../kernel/lib/train/backend.js")
    const { backend, reason } = await ensureBackend()
    if (backend !== "xla") throw new Error(`no XLA here: ${reason}`)
    return require("@tensorflow/tfjs")
  }
  if (which === "wasm") {
    const found = require("@tensorflow/tfjs")
    require("@tensorflow/tfjs-backend-wasm")
    await found.setBackend("wasm")
    return found
  }
  const node = require(which)
  await node.ready()
  return node
}
