// Checkpoints of `train`: whole or not there, equal continuation, damaged and foreign ones, interrupts and full disks.
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { beginCell, cellSignal, interruptCell } from "../../kernel/src/interrupt.js"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import { seeded } from "../../kernel/src/train/feed/random.js"
import { stopTrainingOn } from "../../kernel/src/train/interruption.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import type { TrainOptions } from "../../kernel/src/train/trainOptions.js"
import { killedTraining } from "./killed.js"
import { xla } from "./onXla.js"

type Optimizer = import("@tensorflow/tfjs").Optimizer

let tf: Tf
const folder = mkdtempSync(join(tmpdir(), "shardlab-checkpoints-"))
const run = (name: string) => join(folder, name)
beforeAll(async () => {
  tf = await xla()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function model(optimizer: Optimizer = tf.train.adam(0.01), units = 8) {
  const layer = (more: object, seed: number) =>
    tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed }), ...more })
  const made = tf.sequential({
    layers: [
      layer({ inputShape: [2], units, activation: "tanh" }, 1),
      tf.layers.dropout({ rate: 0.2 }),
      layer({}, 2),
    ],
  })
  made.compile({ optimizer, loss: "meanSquaredError" })
  return made
}
const values = (k: number) => Float32Array.from({ length: 300 }, (_, i) => Math.cos(i * k))
const options: TrainOptions = {
  data: fromColumns({ a: values(0.3), b: values(0.7), y: values(0.5) }),
  label: "y",
  batchSize: 16,
}
const weightsOf = (made: ReturnType<typeof model>) => made.getWeights().map(weight => [...weight.dataSync()])

test("a killed training goes on and ends as one that never stopped, to the bit", async () => {
  const { unbroken, killed, ended } = await killedTraining(2, 7, seeded(Date.now()))
  expect(killed).toBe(2)
  const { resumedAt, ...rest } = ended
  expect(resumedAt).toBeGreaterThan(0)
  expect(rest).toEqual(unbroken)
}, 300_000)

const optimizers: readonly [string, () => Optimizer][] = [
  ["sgd", () => tf.train.sgd(0.05)],
  ["momentum", () => tf.train.momentum(0.05, 0.9)],
  ["adagrad", () => tf.train.adagrad(0.05)],
  ["adadelta", () => tf.train.adadelta(0.05)],
  ["rmsprop", () => tf.train.rmsprop(0.01)],
  ["adamax", () => tf.train.adamax(0.01)],
  ["adam", () => tf.train.adam(0.01)],
]
test.each(optimizers)("%s: two epochs and then two more are four", async (name, optimizer) => {
  const whole = model(optimizer())
  const { history } = await train(whole, { ...options, epochs: 4 })
  await train(model(optimizer()), { ...options, epochs: 2, checkpoint: run(name) })
  const resumed = model(optimizer())
  const second = await train(resumed, { ...options, epochs: 4, checkpoint: run(name), resume: true })
  expect(second).toMatchObject({ history, resumedAt: 38, epochs: 4, steps: 76 })
  expect(weightsOf(resumed)).toEqual(weightsOf(whole))
})

test("an interrupt keeps the last step, and the run goes on within the epoch", async () => {
  stopTrainingOn(cellSignal)
  const whole = model()
  const wanted = await train(whole, { ...options, epochs: 3 })
  beginCell()
  let steps = 0
  const stopped = train(model(), {
    ...options,
    epochs: 3,
    checkpoint: run("interrupted"),
    callbacks: { onBatchEnd: async () => void (++steps === 25 && interruptCell()) },
  })
  await expect(stopped).rejects.toThrow("The cell was interrupted.")
  beginCell()
  const resumed = model()
  const done = await train(resumed, { ...options, epochs: 3, checkpoint: run("interrupted"), resume: true })
  expect(done.resumedAt).toBe(26)
  expect(done.history).toEqual(wanted.history)
  expect(weightsOf(resumed)).toEqual(weightsOf(whole))
})

test("the newest ones stay, and the best", async () => {
  const optimizer = tf.train.sgd(0.05)
  // From the third epoch on it only gets worse.
  const callbacks = {
    onEpochBegin: async (epoch: number) => void (epoch === 2 && optimizer.setLearningRate(-0.05)),
  }
  const checkpoint = { folder: run("kept"), keep: 2 }
  const { history } = await train(model(optimizer), { ...options, epochs: 6, checkpoint, callbacks })
  const best = history.loss!.indexOf(Math.min(...history.loss!)) + 1
  expect(best).toBeLessThan(5)
  const kept = [best, 5, 6].map(epoch => `step-${String(epoch * 19).padStart(9, "0")}`)
  expect(readdirSync(run("kept")).sort()).toEqual(kept)
})

test("a damaged checkpoint: the one before it is taken, and that is said; all damaged is an error", async () => {
  const path = run("damaged")
  await train(model(), { ...options, epochs: 3, checkpoint: path })
  const [first, second, third] = readdirSync(path).sort() as [string, string, string]
  truncateSync(join(path, third, "model.safetensors"), 100)
  const bytes = readFileSync(join(path, second, "optimizer.safetensors"))
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(join(path, second, "optimizer.safetensors"), bytes)
  const said = vi.spyOn(console, "log").mockImplementation(() => {})
  const resumed = await train(model(), { ...options, epochs: 3, checkpoint: path, resume: true })
  expect(resumed).toMatchObject({ resumedAt: 19, epochs: 3 })
  expect(said.mock.calls.map(([line]) => line)).toEqual([
    expect.stringMatching(`${third}. is damaged: model.safetensors is not what was written`),
    expect.stringMatching(`${second}. is damaged: optimizer.safetensors is not what was written`),
  ])
  said.mockRestore()
  for (const name of readdirSync(path)) truncateSync(join(path, name, "state.json"), 10)
  await expect(
    train(model(), { ...options, epochs: 3, checkpoint: path, resume: true }),
  ).rejects.toMatchObject({
    code: "CHECKPOINT_DAMAGED",
  })
  expect(first).toBe("step-000000019")
})

test("another model, another optimizer, a folder in use and a wrong option are refused by name", async () => {
  const path = run("other")
  await train(model(), { ...options, checkpoint: path })
  const resume = { ...options, epochs: 2, checkpoint: path, resume: true }
  const wider = model(undefined, 9)
  const before = weightsOf(wider)
  await expect(train(wider, resume)).rejects.toMatchObject({
    code: "CHECKPOINT_OTHER_MODEL",
    message: expect.stringMatching(/kernel` is \[2, 8\] there, and `0\/.*kernel` is \[2, 9\] here/),
  })
  expect(weightsOf(wider)).toEqual(before)
  await expect(train(model(tf.train.sgd(0.1)), resume)).rejects.toThrow(
    /trained with Adam.*compiled with SGD/,
  )
  await expect(train(model(), { ...options, checkpoint: path })).rejects.toMatchObject({
    code: "CHECKPOINT_EXISTS",
  })
  await expect(train(model(), { ...options, resume: true })).rejects.toThrow(/Name the folder/)
  await expect(
    train(model(), { ...options, checkpoint: { folder: path, evry: 3 } as never }),
  ).rejects.toThrow(/evry.*every/s)
})

test("a folder that takes no more ends the run by name; what was there before goes on", async () => {
  const path = run("full")
  const aside = `${path}.aside`
  // After the first checkpoint a file stands where the folder was: whoever is root may write anywhere else.
  const callbacks = {
    onEpochBegin: async (epoch: number) => {
      if (epoch !== 2) return
      renameSync(path, aside)
      writeFileSync(path, "")
    },
  }
  const made = model()
  await expect(train(made, { ...options, epochs: 4, checkpoint: path, callbacks })).rejects.toMatchObject({
    code: "CHECKPOINT_FAILED",
    message: expect.stringContaining(path),
  })
  rmSync(path)
  renameSync(aside, path)
  expect(readdirSync(path).every(name => /^step-\d{9}$/.test(name))).toBe(true)
  const whole = model()
  await train(whole, { ...options, epochs: 4 })
  const resumed = model()
  await train(resumed, { ...options, epochs: 4, checkpoint: path, resume: true })
  expect(weightsOf(resumed)).toEqual(weightsOf(whole))
})
