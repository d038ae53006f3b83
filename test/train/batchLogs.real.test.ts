// What callbacks get at the end of a batch: on time and exact, whoever looks and whoever does not.
import { inspect } from "node:util"
import { beforeAll, expect, test } from "vitest"
import type { DeviceBuffer } from "../../kernel/src/device/Device.js"
import { activeXla } from "../../kernel/src/train/install.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { xla } from "./onXla.js"

type Logs = Record<string, number>

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

function modelAndData() {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 })
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1, kernelInitializer })] })
  model.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError", metrics: ["mae"] })
  return { model, x: tf.randomNormal([40, 4], 0, 1, "float32", 3), y: tf.ones([40, 1]) }
}

const options = { epochs: 3, batchSize: 8, shuffle: false, verbose: 0 } as const

/** The logs of all batches, looked at by `look`, on a backend. */
async function logsOn(backend: "xla" | "cpu", look: (logs: Logs) => unknown = logs => ({ ...logs })) {
  tf.setBackend(backend)
  try {
    const { model, x, y } = modelAndData()
    const seen: unknown[] = []
    const onBatchEnd = (batch: number, logs: unknown) => {
      seen.push([batch, look(logs as Logs)])
    }
    const { history } = await model.fit(x, y, { ...options, callbacks: { onBatchEnd } })
    return { seen, history }
  } finally {
    tf.setBackend("xla")
  }
}

test("each batch's own numbers, equal to tfjs's", async () => {
  const [ours, theirs] = [await logsOn("xla"), await logsOn("cpu")]
  expect(ours.seen).toHaveLength(15)
  const rounded = (seen: unknown) =>
    JSON.parse(JSON.stringify(seen), (_, value) =>
      typeof value === "number" ? Number(value.toFixed(4)) : value,
    )
  expect(rounded(ours.seen)).toEqual(rounded(theirs.seen))
})

test("logs that are kept and looked at after the fit are those of their batch; printed they are numbers", async () => {
  const now = await logsOn("xla")
  const kept = await logsOn("xla", logs => logs)
  expect(kept.seen.map(item => (item as [number, Logs])[1].loss)).toEqual(
    now.seen.map(item => (item as [number, Logs])[1].loss),
  )
  expect(inspect((kept.seen[3] as [number, Logs])[1])).toMatch(/loss: \d/)
  expect(kept.history).toEqual(now.history)
})

test("a callback that does not look waits for no step, and one that sets the rate sets that of the next", async () => {
  const { device } = activeXla(tf)!
  const { model, x, y } = modelAndData()
  const optimizer = model.optimizer as unknown as { learningRate: number }
  await model.fit(x, y, options)
  // A read of a buffer that a step has just made would wait for the step.
  const proto = Object.getPrototypeOf(device.upload(Float32Array.of(1), "f32", [1])) as DeviceBuffer
  const { read } = proto
  const reads: number[] = []
  let batches = 0
  proto.read = function () {
    reads.push(batches)
    return read.call(this)
  }
  try {
    const onBatchEnd = () => {
      batches++
      optimizer.learningRate = 0
    }
    await model.fit(x, y, { ...options, epochs: 1, callbacks: { onBatchEnd } })
  } finally {
    proto.read = read
  }
  expect(batches).toBe(5)
  // FitRun reads losses three steps late.
  expect(reads.every(at => at >= 3)).toBe(true)
  const before = model.getWeights().map(weight => [...weight.dataSync()])
  await model.fit(x, y, { ...options, epochs: 1 })
  expect(model.getWeights().map(weight => [...weight.dataSync()])).toEqual(before)
})
