// Clipped gradients and averaged weights: what their definitions give by hand, inside the captured step, kept by checkpoints.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { backendReport } from "../../kernel/src/train/backend.js"
import { stepCounts } from "../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import type { TrainOptions } from "../../kernel/src/train/trainOptions.js"
import { difference, xla } from "./onXla.js"

type LayersModel = import("@tensorflow/tfjs").Sequential
type Optimizer = import("@tensorflow/tfjs").Optimizer

let tf: Tf
const folder = mkdtempSync(join(tmpdir(), "shardlab-updates-"))
beforeAll(async () => {
  tf = await xla()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** `y = x . w + b`, so that gradients are a line of arithmetic. */
function linear(optimizer: Optimizer = tf.train.sgd(0.1)): LayersModel {
  const made = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [2], units: 1, kernelInitializer: "ones" })],
  })
  made.compile({ optimizer, loss: "meanSquaredError" })
  return made
}
const rows = 48
const a = Float32Array.from({ length: rows }, (_, i) => 3 * Math.cos(i))
const b = Float32Array.from({ length: rows }, (_, i) => 2 * Math.sin(i * 1.7))
const target = Float32Array.from(a, (value, i) => 10 * value - 7 * b[i]! + 4)
const data = () => ({
  x: tf.tensor2d(
    Array.from(a).flatMap((value, i) => [value, b[i]!]),
    [rows, 2],
  ),
  y: tf.tensor2d(target, [rows, 1]),
})
const options = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  data: data(),
  batchSize: 16,
  shuffle: false,
  epochs: 4,
  ...more,
})

/** The same training in numbers: SGD at 0.1 on batches of 16, in order. */
function byHand(clip: (gradient: number[]) => number[], decay = 0) {
  let w = [1, 1, 0]
  let average = w
  for (let step = 0; step < 12; step++) {
    const gradient = [0, 0, 0]
    for (let i = 0; i < 16; i++) {
      const row = ((step % 3) * 16 + i) as number
      const off = w[0]! * a[row]! + w[1]! * b[row]! + w[2]! - target[row]!
      for (const [k, input] of [a[row]!, b[row]!, 1].entries()) gradient[k]! += (2 * off * input) / 16
    }
    const limited = clip(gradient)
    w = w.map((value, k) => value - 0.1 * limited[k]!)
    average = average.map((value, k) => decay * value + (1 - decay) * w[k]!)
  }
  return { weights: w, average }
}
const same = (gradient: number[]) => gradient
const weightsOf = (made: LayersModel) => made.getWeights().flatMap(weight => [...weight.dataSync()])

const clips: [string, TrainOptions["clip"], (gradient: number[]) => number[]][] = [
  [
    "norm",
    { norm: 1 },
    gradient => {
      const norm = Math.hypot(...gradient)
      return gradient.map(value => value * Math.min(1, 1 / norm))
    },
  ],
  ["value", { value: 0.5 }, gradient => gradient.map(value => Math.max(-0.5, Math.min(0.5, value)))],
]
test.each(clips)("clip by %s equals the arithmetic, captured after two steps", async (_, clip, limit) => {
  const model = linear()
  const compiles = backendReport().compiles
  await train(model, options({ clip: clip! }))
  expect(difference(byHand(limit).weights, weightsOf(model))).toBeLessThan(1e-5)
  expect(difference(byHand(same).weights, weightsOf(model))).toBeGreaterThan(0.1)
  expect(stepCounts(model)).toEqual({ recorded: 2, replayed: 10 })
  // One program, and no second one for the clipping or for reading its norm.
  expect(backendReport().compiles - compiles).toBeLessThanOrEqual(2)
})

test("a limit that no gradient reaches changes nothing", async () => {
  const [free, limited] = [linear(), linear()]
  await train(free, options())
  await train(limited, options({ clip: { norm: 1e6 } }))
  expect(difference(weightsOf(free), weightsOf(limited))).toBeLessThan(1e-6)
})

test("averages equal the arithmetic: validation sees them, the model has them at the end", async () => {
  const model = linear()
  const validation = data()
  const run = await train(model, options({ ema: 0.9, validation }))
  const { weights, average } = byHand(same, 0.9)
  expect(difference(average, weightsOf(model))).toBeLessThan(1e-5)
  expect(difference(weights, weightsOf(model))).toBeGreaterThan(0.1)
  expect(stepCounts(model)).toEqual({ recorded: 2, replayed: 10 })
  const off = (w: number[]) =>
    target.reduce((sum, value, i) => sum + (w[0]! * a[i]! + w[1]! * b[i]! + w[2]! - value) ** 2, 0) / rows
  expect(run.history.val_loss!.at(-1)! / off(average)).toBeCloseTo(1, 3)
})

test("a run without them is as before, and leaves nothing behind", async () => {
  const model = linear(tf.train.adam(0.05))
  await train(model, options())
  const tensors = tf.memory().numTensors
  await train(model, options({ clip: { norm: 1 }, ema: 0.99 }))
  expect(tf.memory().numTensors).toBe(tensors + 2)
  expect(Object.keys(model.optimizer)).not.toContain("averages")
  expect(Object.keys(model.optimizer)).not.toContain("applyGradients")
})

test("resumed with both, equal to the bit; without `ema` that checkpoint is another model's", async () => {
  const more = { clip: { norm: 1 }, ema: 0.95, shuffle: true, seed: 3 } as const
  const whole = linear(tf.train.adam(0.05))
  const { history } = await train(whole, options({ ...more, validation: data() }))
  const checkpoint = { folder: join(folder, "both"), every: 2 }
  await train(linear(tf.train.adam(0.05)), options({ ...more, validation: data(), epochs: 2, checkpoint }))
  const plain = linear(tf.train.adam(0.05))
  const before = weightsOf(plain)
  await expect(train(plain, options({ epochs: 4, checkpoint, resume: true }))).rejects.toMatchObject({
    code: "CHECKPOINT_OTHER_MODEL",
    message: expect.stringContaining("it was trained with `ema`"),
  })
  expect(weightsOf(plain)).toEqual(before)
  const resumed = linear(tf.train.adam(0.05))
  const second = await train(resumed, options({ ...more, validation: data(), checkpoint, resume: true }))
  expect(second.resumedAt).toBe(6)
  expect(second.history).toEqual(history)
  expect(weightsOf(resumed)).toEqual(weightsOf(whole))
})

test("on two devices, with the optimizer cut over them, it is the same", async () => {
  const more = { clip: { norm: 1 }, ema: 0.9, validation: data() } as const
  const [one, two] = [linear(tf.train.adam(0.05)), linear(tf.train.adam(0.05))]
  const wanted = await train(one, options(more))
  const found = await train(two, options({ ...more, devices: 2, shardOptimizer: true }))
  expect(difference(weightsOf(one), weightsOf(two))).toBeLessThan(1e-5)
  expect(difference([...wanted.history.val_loss!], [...found.history.val_loss!])).toBeLessThan(1e-5)
})

const bad: [object, RegExp][] = [
  [{ clip: { norn: 1 } }, /no option `norn`.*Did you mean `norm`/],
  [{ clip: { norm: 1, value: 2 } }, /`clip` is both norm and value/],
  [{ clip: {} }, /`clip` is empty/],
  [{ clip: { value: 0 } }, /`clip.value` is 0.*above 0/],
  [{ ema: 1 }, /`ema` is 1.*between 0 and 1/],
  [{ earlyStop: { patiense: 1 } }, /no option `patiense`.*Did you mean `patience`/],
]
test.each(bad)("%j is refused", async (more, message) => {
  await expect(train(linear(), options(more))).rejects.toThrow(message)
})
