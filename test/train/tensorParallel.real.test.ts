// Weights that are cut over devices: dense layers in pairs, attention between two of them, embeddings; equal to one device, and
// each device holds its part.
import { beforeAll, expect, test } from "vitest"
import { mesh } from "../../kernel/src/train/parallel/Mesh.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import { networks } from "./models.mjs"
import { difference, xla } from "./onXla.js"
import { mlp, rows, weightsOf } from "./smallModels.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Axes = Parameters<typeof mesh>[0]

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

/** 20 steps on the same batch of rows. */
async function fitted(name: "gpt" | "recommender", axes?: Axes) {
  const { sizes, make } = networks[name]!
  const { model, loss, batch, data } = make(tf, { ...sizes.small, vocabulary: 12 })
  model.compile({ optimizer: tf.train.adam(0.01), loss })
  const { x, y } = data(batch)
  const fit = async () => model.fit(x, y, { epochs: 20, batchSize: batch, shuffle: false, verbose: 0 })
  const history = axes === undefined ? await fit() : await mesh(axes).run(fit)
  const weights = (model as LayersModel).getWeights().flatMap(one => Array.from(one.dataSync()))
  return { losses: history.history.loss as number[], weights }
}

test.each(["gpt", "recommender"] as const)("%s on 2 and on 2 x 2 devices is that on one", async name => {
  const one = await fitted(name)
  expect(one.losses.at(-1)).toBeLessThan(one.losses[0]!)
  for (const axes of [{ model: 2 }, { data: 2, model: 2 }]) {
    const many = await fitted(name, axes)
    expect(difference(one.losses, many.losses)).toBeLessThan(1e-5)
    expect(difference(one.weights, many.weights)).toBeLessThan(1e-5)
  }
})

/** XLA's compiler goes deep into its stack for it. */
test("square layers, one after another, on 2 x 2 devices", async () => {
  const fit = async (axes?: Axes) => {
    const dense = (units: number, seed: number) =>
      tf.layers.dense({
        units,
        activation: "relu",
        kernelInitializer: tf.initializers.glorotUniform({ seed }),
      })
    const model = tf.sequential()
    model.add(tf.layers.inputLayer({ inputShape: [8] }))
    for (const [i, units] of [64, 64, 64, 2].entries()) model.add(dense(units, i + 1))
    const data = {
      x: tf.randomNormal([32, 8], 0, 1, "float32", 1),
      y: tf.randomNormal([32, 2], 0, 1, "float32", 2),
    }
    const compile = { optimizer: "sgd", loss: "meanSquaredError", epochs: 3, batchSize: 32 } as const
    const run = await train(model, { data, ...compile, ...(axes && { mesh: mesh(axes) }) })
    return run.history.loss!
  }
  expect(difference(await fit(), await fit({ data: 2, model: 2 }))).toBeLessThan(1e-5)
})

test("each device holds a part of the weights and of what the optimizer keeps of them", async () => {
  const runOn = async (given: ReturnType<typeof mesh>) => {
    const model = mlp(tf, 512)
    const compile = { optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy" }
    const data = rows(tf, [12], 32)
    const run = await train(model, { data, ...compile, epochs: 20, batchSize: 32, mesh: given })
    return { run, weights: weightsOf(model), bytes: 4 * model.countParams() }
  }
  const whole = await runOn(mesh({ data: 2 }))
  const cut = await runOn(mesh({ model: 2 }))
  const both = await runOn(mesh({ data: 2, model: 2 }, { shardOptimizer: true }))
  for (const some of [cut, both]) {
    expect(difference(whole.run.history.loss!, some.run.history.loss!)).toBeLessThan(1e-5)
    expect(difference(whole.weights, some.weights)).toBeLessThan(1e-5)
  }
  const used = ({ run }: typeof whole) => Math.max(...run.memory!.map(one => one.used))
  // Weights and two slots of Adam: three times the bytes, halved. ZeRO has next to nothing left to cut.
  const near = (saved: number, expected: number) =>
    expect(Math.abs(saved - expected)).toBeLessThan(0.05 * whole.bytes)
  near(used(whole) - used(cut), 1.5 * whole.bytes)
  near(used(whole) - used(both), 1.5 * whole.bytes)
})

test("a layer's cut can be told", async () => {
  const model = mlp(tf)
  const given = mesh({ model: 2 }).cut(model.layers[0]!, "whole").cut(model.layers[1]!, "rows")
  const compile = { optimizer: tf.train.sgd(0.1), loss: "categoricalCrossentropy" }
  const run = await train(model, { data: rows(tf, [12], 32), ...compile, mesh: given })
  expect(run.steps).toBe(1)
  expect(() => given.cut(model.layers[0]!, "diagonal" as never)).toThrow(/columns/)
  const embedding = tf.layers.embedding({ inputDim: 4, outputDim: 2 })
  expect(() => given.cut(embedding, "columns")).toThrow(/rows/)
})
