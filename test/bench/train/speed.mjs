// Samples a second of training, six networks (test/train/models.mjs): `model.fit` on XLA beside the compiled step driven by hand,
// TensorFlow.js's own backends, JAX and PyTorch, all on the CPU, each in a process of its own, in turns in one run.
// `npm run bench:train -- speed [network ...]`. Alone on the machine, or the ratios mean nothing.
import { spawn } from "node:child_process"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as pause } from "node:timers/promises"
import { networks } from "../../train/models.mjs"
import { installPeers } from "./install.mjs"

const rounds = 4
/** About a second of work on XLA. */
const steps = { mlp: 200, cnn: 16, resnet: 5, lstm: 60, gpt: 16, recommender: 300 }
/** tfjs's wasm backend has no gradient of a convolution or an embedding, and is slow: fewer steps, fewer networks. */
const wasmSteps = { mlp: 8, lstm: 4, gpt: 1 }

const node = file => [process.execPath, join(import.meta.dirname, file)]
const contenders = [
  { name: "fit on xla", command: [...node("tfjsSteps.mjs"), "xla"] },
  { name: "step by hand", command: node("rawSteps.mjs") },
  { name: "tfjs wasm", command: [...node("tfjsSteps.mjs"), "wasm"], steps: wasmSteps },
  ...installPeers(),
].map(contender => ({ steps, ...contender, ask: start(contender) }))

console.log(`samples/s, the best of ${rounds} rounds in turns, and fit's multiple of it`)
console.log(["".padEnd(14), ...contenders.map(({ name }) => name.padStart(18))].join(""))
const chosen = process.argv.slice(3)
for (const key of chosen.length > 0 ? chosen : Object.keys(networks)) {
  const rates = await measured(key)
  const cells = rates.map((rate, i) => {
    if (rate === undefined) return "-".padStart(18)
    const multiple = i === 0 ? "" : ` ${(rates[0] / rate).toFixed(2)}x`
    return `${rate.toFixed(0)}${multiple.padStart(8)}`.padStart(18)
  })
  console.log(`${key.padEnd(14)}${cells.join("")}   ${networks[key].name}`)
}
process.exit(0)

/** The best rate of each contender; undefined for one that cannot train this network. */
async function measured(key) {
  const { batch } = networks[key].sizes.full
  const best = contenders.map(() => undefined)
  for (let round = 0; round <= rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const count = contender.steps[key]
      if (count === undefined || (round > 0 && best[i] === undefined)) continue
      // The threads of the one before may go on looking for work for a while (OpenBLAS's do).
      await pause(300)
      const { ms, error, loss } = await contender.ask({ network: key, steps: count })
      if (error !== undefined || !Number.isFinite(loss)) {
        console.log(`  ${contender.name} does not train ${key}: ${error ?? `its loss is ${loss}`}`)
        continue
      }
      // The first round compiles.
      best[i] = round === 0 ? 0 : Math.max(best[i], (1000 * batch * count) / ms)
    }
  }
  return best
}

function start({ command: [program, ...args], env = {} }) {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", process.env.SHARDLAB_BENCH_LOUD ? "inherit" : "ignore"],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async request => {
    child.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await lines.next()
    return done ? { error: "its process ended" } : JSON.parse(value)
  }
}
