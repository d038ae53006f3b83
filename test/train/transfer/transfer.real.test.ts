// Transfer learning on a small network: what is frozen stays, what is cached gives the same, rates are shares of an update.
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, describe, expect, test, vi } from "vitest"
import { stepCounts } from "../../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { train } from "../../../kernel/src/train/train.js"
import { freeze, unfreeze } from "../../../kernel/src/train/transfer/freeze.js"
import { withHead } from "../../../kernel/src/train/transfer/withHead.js"
import { difference, xla } from "../onXla.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Tensor = import("@tensorflow/tfjs").Tensor

let tf: Tf
let data: { x: Tensor; y: Tensor }
beforeAll(async () => {
  tf = await xla()
  const x = tf.randomNormal([96, 8, 8, 2], 0, 1, "float32", 11)
  const y = tf.cast(tf.greater(tf.mean(x, [1, 2, 3]), 0), "float32")
  data = { x, y }
})

const seeded = (seed: number) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }) })

/** Convolution, batch normalisation, a residual sum, dropout, two dense layers. */
function network(): LayersModel {
  const { layers } = tf
  const input = tf.input({ shape: [8, 8, 2] })
  const conv = layers
    .conv2d({ filters: 4, kernelSize: 3, padding: "same", name: "conv1", ...seeded(1) })
    .apply(input)
  const norm = layers.batchNormalization({ name: "norm1" }).apply(conv)
  const again = layers
    .conv2d({ filters: 4, kernelSize: 3, padding: "same", name: "conv2", ...seeded(2) })
    .apply(norm)
  const sum = layers.add({ name: "sum" }).apply([norm, again] as never)
  const flat = layers.flatten({ name: "flat" }).apply(sum)
  const dropped = layers.dropout({ rate: 0.5, seed: 3, name: "drop" }).apply(flat)
  const dense = layers.dense({ units: 8, activation: "relu", name: "dense", ...seeded(4) }).apply(dropped)
  const out = layers.dense({ units: 3, activation: "softmax", name: "scores", ...seeded(5) }).apply(dense)
  return tf.model({ inputs: input, outputs: out as never })
}

const weightsOf = (model: LayersModel, layer: string) =>
  model
    .getLayer(layer)
    .getWeights()
    .map(weight => Array.from(weight.dataSync()))
const settings = { loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] }

describe("freeze", () => {
  test("weights and running statistics of what is frozen stay, the rest learns on captured steps", async () => {
    const model = freeze(network(), { until: "sum" })
    const before = ["conv1", "norm1", "conv2"].map(name => weightsOf(model, name))
    const dense = weightsOf(model, "dense")
    const run = await train(model, {
      data,
      batchSize: 16,
      epochs: 3,
      optimizer: tf.train.adam(1e-2),
      ...settings,
    })
    expect(["conv1", "norm1", "conv2"].map(name => weightsOf(model, name))).toEqual(before)
    expect(weightsOf(model, "dense")).not.toEqual(dense)
    expect(run.history.loss!.at(-1)!).toBeLessThan(run.history.loss![0]!)
    expect(stepCounts(model).replayed).toBeGreaterThan(10)
  })

  test("a compiled model goes on with another set of weights, and learns all of them after unfreeze", async () => {
    const model = network()
    model.compile({ optimizer: tf.train.adam(1e-2), ...settings })
    await train(model, { data, batchSize: 16 })
    freeze(model, { until: "sum" })
    const conv = weightsOf(model, "conv1")
    await train(model, { data, batchSize: 16 })
    expect(weightsOf(model, "conv1")).toEqual(conv)
    unfreeze(model)
    await train(model, { data, batchSize: 16 })
    expect(weightsOf(model, "conv1")).not.toEqual(conv)
  })

  test("a layer that is not there is named with the nearest", () => {
    expect(() => freeze(network(), { until: "cnov1" })).toThrow(
      /`cnov1`, which is no layer.*Did you mean `conv1`/,
    )
  })
})

describe("withHead", () => {
  test("cuts before the last dense layer; an image is averaged; base and model share their layers", () => {
    const base = network()
    const model = withHead(base, { classes: 5, dropout: 0.2 })
    expect(model.outputs[0]!.shape).toEqual([null, 5])
    expect(model.layers.at(-3)!.name).toBe("dense")
    expect(model.getLayer("conv1")).toBe(base.getLayer("conv1"))
    expect(model.trainableWeights.map(({ originalName }) => originalName)).toEqual([
      "head/kernel",
      "head/bias",
    ])
    const early = withHead(base, { outputs: 1, cut: "norm1", freeze: false })
    expect(early.layers.map(({ name }) => name).slice(-3)).toEqual(["norm1", "head_pool", "head"])
    expect(() => withHead(base, { classes: 2, cut: "sun" })).toThrow(/Did you mean `sum`/)
    expect(() => withHead(base, {})).toThrow(/`classes` is missing/)
  })
})

describe("cacheFeatures", () => {
  test("gives what the whole network gives, with validation and captured steps, and says what it leaves out", async () => {
    const say = vi.spyOn(console, "log").mockImplementation(() => {})
    const run = async (cacheFeatures: boolean) => {
      const model = withHead(network(), { classes: 3, hidden: 6, seed: 7 })
      const options = { data, batchSize: 16, epochs: 4, validationSplit: 0.25, seed: 5, cacheFeatures }
      const done = await train(model, { ...options, optimizer: tf.train.adam(1e-2), ...settings })
      return {
        history: done.history,
        weights: ["head_hidden", "head", "conv1"].flatMap(name => weightsOf(model, name).flat()),
        model,
      }
    }
    const [whole, cached] = [await run(false), await run(true)]
    expect(say.mock.calls.flat().join()).toMatch(/features: 96 rows of 8 in .* each step runs 2 of 9 layers/)
    say.mockRestore()
    expect(difference(whole.weights, cached.weights)).toBeLessThan(1e-5)
    for (const name of ["loss", "acc", "val_loss", "val_acc"])
      expect(difference([...whole.history[name]!], [...cached.history[name]!]), name).toBeLessThan(1e-5)
    // The layers' second use is gone: the network can be cut and cached again.
    expect(cached.model.getLayer("head").inboundNodes.length).toBe(1)
    expect(cached.model.getLayer("dense").outboundNodes.length).toBe(2)
  })

  test("says so when nothing is frozen", async () => {
    await expect(
      train(network(), { data, cacheFeatures: true, optimizer: "sgd", ...settings }),
    ).rejects.toThrow(/no part in front is frozen/)
  })

  test("goes on from a checkpoint", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shardlab-transfer-"))
    const run = (epochs: number, checkpoint: string, resume: boolean) => {
      const model = withHead(network(), { classes: 3 })
      return train(model, {
        data,
        batchSize: 32,
        epochs,
        cacheFeatures: true,
        checkpoint,
        resume,
        optimizer: tf.train.adam(1e-2),
        ...settings,
      })
    }
    vi.spyOn(console, "log").mockImplementation(() => {})
    const unbroken = await run(4, join(folder, "a"), false)
    await run(2, join(folder, "b"), false)
    const resumed = await run(4, join(folder, "b"), true)
    expect(resumed.history).toEqual(unbroken.history)
    vi.restoreAllMocks()
  })
})

describe("layerRates", () => {
  test("an update is a share of what it was; zero is none; captured steps keep to it", async () => {
    const model = network()
    const [x, y] = [data.x.slice(0, 32), data.y.slice(0, 32)]
    const one = { data: { x, y }, batchSize: 32, ...settings, shuffle: false }
    const step = async (layerRates?: Record<string, number>) => {
      const fresh = network()
      const before = weightsOf(fresh, "conv2")[0]!
      await train(fresh, { ...one, layerRates, optimizer: tf.train.adam(1e-2) })
      return weightsOf(fresh, "conv2")[0]!.map((value, i) => value - before[i]!)
    }
    const [full, tenth] = [await step(), await step({ "conv*": 0.1 })]
    expect(
      difference(
        full.map(value => value * 100),
        tenth.map(value => value * 1000),
      ),
    ).toBeLessThan(1e-3)
    const conv = weightsOf(model, "conv1")
    await train(model, {
      ...one,
      epochs: 8,
      layerRates: { conv1: 0, "norm*": 0.5 },
      optimizer: tf.train.adam(1e-2),
    })
    expect(weightsOf(model, "conv1")).toEqual(conv)
    expect(stepCounts(model).replayed).toBeGreaterThan(4)
    // Other shares are another step: the captured one is not taken again.
    await train(model, { ...one, epochs: 8 })
    expect(weightsOf(model, "conv1")).not.toEqual(conv)
  })

  test("a name that fits no layer, and a share that is none, are told", async () => {
    const wrong = (layerRates: Record<string, number>) =>
      train(network(), { data, layerRates, optimizer: "sgd", ...settings })
    await expect(wrong({ covn1: 0.1 })).rejects.toThrow(
      /`covn1`, which no layer is named.*Did you mean `conv1`/,
    )
    await expect(wrong({ conv1: -1 })).rejects.toThrow(/layerRates: conv1/)
  })
})

test("on two devices, rates by layer and cached features are those of one; a Sequential may cache as well", async () => {
  const sequential = () =>
    tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [6], units: 8, activation: "relu", name: "body", ...seeded(1) }),
        tf.layers.dense({ units: 3, activation: "softmax", name: "top", ...seeded(2) }),
      ],
    })
  const x = tf.randomNormal([96, 6], 0, 1, "float32", 9)
  const said = vi.spyOn(console, "log").mockImplementation(() => {})
  for (const how of [{ layerRates: { body: 0.1 } }, { cacheFeatures: true }]) {
    const run = async (devices: number) => {
      const model = sequential()
      if ("cacheFeatures" in how) freeze(model, { until: "body" })
      const options = { data: { x, y: data.y }, batchSize: 16, epochs: 2, optimizer: tf.train.adam(0.05) }
      const { history } = await train(model, { ...options, ...settings, ...how, devices })
      return [history.loss!, [weightsOf(model, "body"), weightsOf(model, "top")].flat(2)] as const
    }
    const [one, two] = [await run(1), await run(2)]
    expect(difference(one[0], two[0])).toBeLessThan(1e-5)
    expect(difference(one[1], two[1])).toBeLessThan(1e-5)
  }
  said.mockRestore()
})
