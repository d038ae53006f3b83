// `stepsPerExecution` on the real plugin: several captured steps are one execution, equal to the bit to steps by themselves,
// with exact logs, and whoever looks in between sees what has been trained so far.
import { beforeAll, expect, test } from "vitest"
import { backendReport } from "../../kernel/src/train/backend.js"
import { activeXla } from "../../kernel/src/train/install.js"
import { mesh } from "../../kernel/src/train/parallel/Mesh.js"
import { stepCounts } from "../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import { difference, xla } from "./onXla.js"

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

function modelAndData() {
  const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [6], units: 8, activation: "relu", kernelInitializer: glorot(1) }),
      tf.layers.dropout({ rate: 0.2 }),
      tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: glorot(2) }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy", metrics: ["accuracy"] })
  const classes = Int32Array.from({ length: 104 }, (_, i) => (i * 7) % 3)
  const y = tf.oneHot(tf.tensor1d(classes, "int32"), 3).toFloat()
  return { model, x: tf.randomNormal([104, 6], 0, 1, "float32", 7), y }
}

/** Waits for what `work` had compiled off the thread: the program of several steps among it. */
async function withPrograms(work: () => Promise<unknown>): Promise<void> {
  const { device } = activeXla(tf)!
  const { compileAsync } = device
  const started: Promise<unknown>[] = []
  device.compileAsync = function (...args) {
    const compiling = compileAsync.apply(this, args)
    started.push(compiling)
    return compiling
  }
  try {
    await work()
    await Promise.all(started)
  } finally {
    device.compileAsync = compileAsync
  }
}

/** Trains 13 batches an epoch, the first epoch one by one while the program of several is compiled. */
async function trained(stepsPerExecution: number) {
  const { model, x, y } = modelAndData()
  activeXla(tf)!.cutter.setSeed(5)
  const args = { batchSize: 8, shuffle: false, verbose: 0, stepsPerExecution } as const
  await withPrograms(() => model.fit(x, y, { ...args, epochs: 2 }))
  const { runs } = backendReport()
  const { history } = await model.fit(x, y, { ...args, epochs: 6 })
  const weights = model.getWeights().map(weight => Array.from(weight.dataSync()))
  return { history, weights, runs: backendReport().runs - runs, counts: stepCounts(model), model }
}

test("equal bit for bit, logs too, in fewer executions; the rest of an epoch runs by itself", async () => {
  const alone = await trained(1)
  const four = await trained(4)
  expect(four.weights).toEqual(alone.weights)
  expect(four.history).toEqual(alone.history)
  expect(four.counts).toEqual(alone.counts)
  // Six epochs of three executions of four steps and one step by itself, and what else runs.
  expect(alone.runs).toBeGreaterThanOrEqual(6 * 13)
  expect(four.runs).toBeLessThan(6 * 6)
  expect(four.model.optimizer.iterations).toBe(alone.model.optimizer.iterations)
})

test("a callback that looks at weights and logs sees each step's, and a rate that it sets is the next step's", async () => {
  const looked = async (together: number) => {
    const seen: unknown[] = []
    const { model, x, y } = modelAndData()
    activeXla(tf)!.cutter.setSeed(5)
    const optimizer = model.optimizer as unknown as { learningRate: number }
    const onBatchEnd = (batch: number, logs: unknown) => {
      optimizer.learningRate = 0.01 / (1 + batch)
      if (batch % 5 === 2) seen.push(batch, { ...(logs as object) }, model.getWeights()[0]!.arraySync())
    }
    const args = { epochs: 4, batchSize: 8, shuffle: false, verbose: 0, stepsPerExecution: together } as const
    await model.fit(x, y, { ...args, callbacks: { onBatchEnd } as never })
    return [seen, model.getWeights().map(weight => weight.arraySync())]
  }
  expect(await looked(3)).toEqual(await looked(1))
})

test("on two devices, the optimizer cut over them: the same losses and weights in fewer executions", async () => {
  const on = (stepsPerExecution: number) =>
    mesh({ data: 2 }, { shardOptimizer: true }).run(() => trained(stepsPerExecution))
  const [alone, four] = [await on(1), await on(4)]
  expect(difference(alone.history.loss as number[], four.history.loss as number[])).toBeLessThan(1e-6)
  expect(difference(alone.weights.flat(), four.weights.flat())).toBeLessThan(1e-6)
  expect(four.counts).toEqual(alone.counts)
  expect(four.runs).toBeLessThan(alone.runs - 6 * 8)
})

test("in f16, steps that overflow are left out among those that run together, as they are alone", async () => {
  const run = async (stepsPerExecution: number) => {
    const { model, x, y } = modelAndData()
    const options = { data: { x, y }, batchSize: 8, precision: "f16", stepsPerExecution } as const
    await withPrograms(() => train(model, options))
    // A factor so high that the captured steps overflow until it has come down.
    const { lossScale } = model.optimizer as unknown as { lossScale: ReturnType<Tf["variable"]> }
    lossScale.assign(tf.scalar(2 ** 24))
    const { runs } = backendReport()
    const { history, skippedSteps } = await train(model, { ...options, epochs: 2 })
    const weights = model.getWeights().map(weight => [...weight.dataSync()])
    return { history, skippedSteps, weights, runs: backendReport().runs - runs }
  }
  const [alone, four] = [await run(1), await run(4)]
  expect(alone.skippedSteps).toBeGreaterThan(1)
  expect(four).toMatchObject({ ...alone, runs: expect.any(Number) })
  expect(four.runs).toBeLessThan(alone.runs - 2 * 8)
})

test("train takes it too, and refuses what is no number of steps", async () => {
  const weights = []
  for (const stepsPerExecution of [1, 5]) {
    const { model, x, y } = modelAndData()
    const options = { data: { x, y }, epochs: 4, batchSize: 8, stepsPerExecution }
    await withPrograms(() => train(model, options))
    await train(model, options)
    weights.push(model.getWeights().map(weight => weight.arraySync()))
  }
  expect(weights[1]).toEqual(weights[0])
  const { model, x, y } = modelAndData()
  await expect(train(model, { data: { x, y }, stepsPerExecution: 0 })).rejects.toThrow(/stepsPerExecution/)
})

test("tensors and memory stay flat", async () => {
  const { model, x, y } = modelAndData()
  const args = { epochs: 5, batchSize: 8, verbose: 0, stepsPerExecution: 4 } as const
  await model.fit(x, y, args)
  await model.fit(x, y, args)
  const { numTensors } = tf.memory()
  const { used } = activeXla(tf)!.device.memory()
  await model.fit(x, y, args)
  await model.fit(x, y, args)
  expect(tf.memory().numTensors).toBe(numTensors)
  expect(activeXla(tf)!.device.memory().used).toBeLessThanOrEqual(used + 4096)
})
