// bf16 and f16 on the real CPU plugin: networks that train as in f32 within a tolerance, weights that stay f32, steps that
// overflow and are skipped, and f32 that is what it was.
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeAll, expect, test } from "vitest"
import { backendReport } from "../../kernel/src/train/backend.js"
import { LossScale, lossScaleOf } from "../../kernel/src/train/LossScale.js"
import { stepCounts } from "../../kernel/src/train/patches/loops.js"
import { precision } from "../../kernel/src/train/precision.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import { xla } from "./onXla.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Precision = ReturnType<typeof precision>

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})
afterEach(() => {
  precision("f32")
})

const seeded = (seed: number) => tf.initializers.glorotUniform({ seed })

function mlp(): LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 32, inputShape: [8], activation: "relu", kernelInitializer: seeded(1) }),
      tf.layers.dense({ units: 1, kernelInitializer: seeded(2) }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" })
  return model
}

function cnn(): LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 1],
        filters: 4,
        kernelSize: 3,
        activation: "relu",
        kernelInitializer: seeded(3),
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: seeded(4) }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy" })
  return model
}

const data = {
  mlp: () => {
    const x = tf.randomNormal([256, 8], 0, 1, "float32", 5)
    return { x, y: tf.sum(x, 1, true) }
  },
  cnn: () => {
    const x = tf.randomNormal([192, 8, 8, 1], 0, 1, "float32", 6)
    const rows = tf.argMax(tf.sum(tf.reshape(x.slice([0, 0, 0, 0], [192, 6, 8, 1]), [192, 3, 16]), 2), 1)
    return { x, y: tf.oneHot(rows, 3).toFloat() }
  },
}

async function losses(kind: "mlp" | "cnn", how: Precision | undefined, epochs: number) {
  const model = kind === "mlp" ? mlp() : cnn()
  const options = how === undefined ? {} : { precision: how }
  const run = await train(model, { data: data[kind](), epochs, batchSize: 64, ...options })
  const weights = model.getWeights().map(weight => Array.from(weight.dataSync()))
  return { run, losses: run.history.loss!, weights, dtypes: model.getWeights().map(w => w.dtype), model }
}

const tolerances = {
  mlp: [
    ["bf16", 0.05],
    ["f16", 0.01],
  ],
  cnn: [["bf16", 0.05]],
} as const

for (const kind of ["mlp", "cnn"] as const) {
  test(`${kind}: narrow products train as f32 does, within 5 % (bf16) and 1 % (f16) of the first loss; weights stay f32`, async () => {
    const full = await losses(kind, "f32", 8)
    for (const [how, tolerance] of tolerances[kind]) {
      const narrow = await losses(kind, how, 8)
      expect(narrow.dtypes.every(dtype => dtype === "float32")).toBe(true)
      expect(narrow.run.precision).toBe(how)
      expect(narrow.losses.at(-1)).toBeLessThan(narrow.losses[0]! * 0.8)
      for (const [i, loss] of narrow.losses.entries())
        expect(Math.abs(loss - full.losses[i]!) / full.losses[0]!, `${how}, epoch ${i + 1}`).toBeLessThan(
          tolerance,
        )
      // Narrow, or the test would compare f32 with itself.
      expect(narrow.weights).not.toEqual(full.weights)
      expect(stepCounts(narrow.model).replayed).toBeGreaterThan(20)
    }
    expect(precision()).toBe("f32")
  })
}

test("f32 is the same to the bit before, between and after", async () => {
  const first = await losses("mlp", undefined, 2)
  await losses("mlp", "bf16", 1)
  const { compiles } = backendReport()
  const second = await losses("mlp", "f32", 2)
  expect(second.weights).toEqual(first.weights)
  expect(second.losses).toEqual(first.losses)
  expect(second.run.skippedSteps).toBeUndefined()
  expect(backendReport().compiles).toBe(compiles)
})

test("f16: a step whose gradients overflow changes nothing, is counted, and halves the factor; then it trains", async () => {
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 1, inputShape: [4], kernelInitializer: "zeros" })],
  })
  const optimizer = tf.train.adam(0.05)
  model.compile({ optimizer, loss: "meanSquaredError" })
  const x = tf.randomNormal([64, 4], 0, 1, "float32", 7)
  // Errors of about 100 a row: lifted by 65,536 their gradient is above what f16 holds until the factor was halved enough.
  const y = tf.mul(tf.sum(x, 1, true), 3000)
  precision("f16")
  const before = model.getWeights().map(weight => Array.from(weight.dataSync()))
  const { loss } = (await model.fit(x, y, { epochs: 1, batchSize: 64, verbose: 0 })).history
  expect(Number.isFinite(loss![0])).toBe(true)
  expect(model.getWeights().map(weight => Array.from(weight.dataSync()))).toEqual(before)
  const slots = () =>
    optimizer.getWeights().then(list => list.map(({ tensor }) => Array.from(tensor.dataSync())))
  expect(
    (await slots())
      .slice(1)
      .flat()
      .every(value => value === 0),
  ).toBe(true)
  expect(lossScaleOf(tf, optimizer).report()).toEqual({ scale: 32_768, skipped: 1 })
  await model.fit(x, y, { epochs: 30, batchSize: 64, verbose: 0 })
  const { scale, skipped } = lossScaleOf(tf, optimizer).report()
  expect(scale).toBe(65_536 / 2 ** skipped)
  expect(skipped).toBeGreaterThan(1)
  expect(skipped).toBeLessThan(20)
  expect(model.getWeights().map(weight => Array.from(weight.dataSync()))).not.toEqual(before)
  expect(
    model
      .getWeights()
      .flatMap(weight => Array.from(weight.dataSync()))
      .every(Number.isFinite),
  ).toBe(true)
})

test("the factor doubles after a run of good steps, halves after a bad one, and the run begins again", () => {
  const weight = tf.variable(tf.scalar(1))
  const optimizer = tf.train.sgd(0.5)
  const scale = new LossScale(tf, 4, 3)
  const step = (gradient: number) => {
    const tensor = tf.scalar(gradient)
    scale.applyGradients(optimizer as never, [{ name: weight.name, tensor }])
    tensor.dispose()
    return [scale.report().scale, weight.dataSync()[0]]
  }
  expect([step(4), step(4)]).toEqual([
    [4, 0.5],
    [4, 0],
  ])
  expect(step(4)).toEqual([8, -0.5])
  expect(step(Number.POSITIVE_INFINITY)).toEqual([4, -0.5])
  expect([step(0), step(Number.NaN), step(0), step(0), step(0)].map(([factor]) => factor)).toEqual([
    4, 2, 2, 2, 4,
  ])
  expect(scale.report()).toEqual({ scale: 4, skipped: 2 })
  scale.dispose()
  weight.dispose()
})

test("train says how many steps were skipped, and refuses another word", async () => {
  const model = mlp()
  const { x, y } = data.mlp()
  const run = await train(model, {
    data: { x, y: tf.mul(y, 1e5) },
    epochs: 1,
    batchSize: 64,
    precision: "f16",
  })
  expect(run.skippedSteps).toBe(4)
  expect(() => precision("fp8" as never)).toThrow(/fp8.*Give one of "f32", "bf16", "f16"|precision/)
  await expect(train(model, { data: { x, y }, precision: "half" as never })).rejects.toThrow(/precision/)
})

test("f16 goes on from a checkpoint to the bit, with the factor; f32 does not take it", async () => {
  const { x, y } = data.mlp()
  const large = { x, y: tf.mul(y, 3000) }
  const common = { data: large, batchSize: 64, precision: "f16" } as const
  const whole = mlp()
  const unbroken = await train(whole, { ...common, epochs: 3 })
  expect(unbroken.skippedSteps).toBeGreaterThan(0)
  const checkpoint = mkdtempSync(join(tmpdir(), "shardlab-f16-"))
  await train(mlp(), { ...common, epochs: 2, checkpoint })
  const resumed = mlp()
  const run = await train(resumed, { ...common, epochs: 3, checkpoint, resume: true })
  expect(run.skippedSteps).toBe(unbroken.skippedSteps)
  const weights = (model: LayersModel) => model.getWeights().map(weight => Array.from(weight.dataSync()))
  expect(weights(resumed)).toEqual(weights(whole))
  const other = { ...common, precision: "f32", epochs: 4, checkpoint, resume: true } as const
  await expect(train(mlp(), other)).rejects.toThrow(/precision: "f16"/)
})

test("f16 with accumulated gradients scales them once: a batch in two parts trains as a whole one", async () => {
  const options = { data: data.mlp(), epochs: 3, batchSize: 64, precision: "f16" } as const
  const [whole, halves] = [await train(mlp(), options), await train(mlp(), { ...options, accumulate: 2 })]
  for (const [i, loss] of whole.history.loss!.entries())
    expect(Math.abs(halves.history.loss![i]! - loss) / whole.history.loss![0]!).toBeLessThan(0.01)
  expect(halves.skippedSteps).toBe(whole.skippedSteps)
})
