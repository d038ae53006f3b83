// Training on several devices of one process gives what one device gives: batches that divide and such that do not,
// batch normalisation over all rows, steps that are captured, an optimizer that is cut, one lane a device in the panel.
import { beforeAll, expect, test } from "vitest"
import { subscribe } from "../../kernel/src/telemetry/bus.js"
import { mesh } from "../../kernel/src/train/parallel/Mesh.js"
import { stepCounts } from "../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import { difference, xla } from "./onXla.js"
import { cnn, mlp, rows, weightsOf } from "./smallModels.js"

type Sequential = import("@tensorflow/tfjs").Sequential

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

interface Fit {
  readonly make: (tf: Tf) => Sequential
  readonly shape: number[]
  readonly count: number
}

/** 20 steps; with 115 rows the last batch of each epoch is smaller, and divides by no number of devices. */
async function fitted({ make, shape, count }: Fit, devices?: number) {
  const model = make(tf)
  model.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy", metrics: ["accuracy"] })
  const { x, y } = rows(tf, shape, count)
  const fit = async () => model.fit(x, y, { epochs: 5, batchSize: 32, shuffle: false, verbose: 0 })
  const history = devices === undefined ? await fit() : await mesh({ data: devices }).run(fit)
  return { model, losses: history.history.loss as number[], weights: weightsOf(model) }
}

test.each([
  ["an MLP, its last batch not divisible", { make: mlp, shape: [12], count: 115 }],
  ["a CNN with batch normalisation", { make: cnn, shape: [8, 8, 2], count: 128 }],
])("2 and 4 devices train %s as one does, in captured steps", async (_, fit) => {
  const one = await fitted(fit)
  expect(one.losses.at(-1)).toBeLessThan(one.losses[0]!)
  for (const devices of [2, 4]) {
    const many = await fitted(fit, devices)
    expect(difference(one.losses, many.losses)).toBeLessThan(1e-5)
    expect(difference(one.weights, many.weights)).toBeLessThan(1e-5)
    expect(stepCounts(many.model).replayed).toBeGreaterThan(10)
  }
})

test("train({ devices: 2 }) is the same run; shardOptimizer halves what each device keeps of Adam", async () => {
  const data = rows(tf, [12], 128)
  const runOn = async (options: { devices?: number; shardOptimizer?: boolean }) => {
    const model = mlp(tf, 512)
    const compile = { optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy" }
    const run = await train(model, { data, ...compile, epochs: 5, batchSize: 32, ...options })
    return { run, weights: weightsOf(model), bytes: 4 * model.countParams() }
  }
  const lanes = new Set<string>()
  const unsubscribe = subscribe(event => {
    if (event.kind === "device.sample") lanes.add(`${event.id} ${event.name.split(" on ")[0]}`)
  })
  const one = await runOn({})
  expect(lanes.size).toBe(0)
  const two = await runOn({ devices: 2 })
  const cut = await runOn({ devices: 2, shardOptimizer: true })
  unsubscribe()
  expect([...lanes]).toEqual(["cpu:0 virtual device 1 of 2", "cpu:1 virtual device 2 of 2"])
  for (const many of [two, cut]) {
    expect(difference(one.run.history.loss!, many.run.history.loss!)).toBeLessThan(1e-5)
    expect(difference(one.weights, many.weights)).toBeLessThan(1e-5)
  }
  // Adam keeps twice the weights' bytes: whole on each device, or half of it.
  const [whole, half] = [two, cut].map(({ run }) => run.memory!.map(({ used }) => used)) as [
    number[],
    number[],
  ]
  expect(whole).toHaveLength(2)
  for (const [i, used] of whole.entries())
    expect(Math.abs(used - half[i]! - one.bytes)).toBeLessThan(0.02 * one.bytes)
})

test("a mesh that cannot be made says why", async () => {
  const bad = (axes: object) => () => mesh(axes as never)
  expect(bad({ rows: 2 })).toThrow(/`rows` is 2.*`data` and `model`/)
  expect(bad({ data: 1.5 })).toThrow(/whole number/)
  const inner = () => mesh({ data: 2 }).run(() => {})
  await expect(mesh({ data: 2 }).run(inner)).rejects.toMatchObject({ code: "MESH_BUSY" })
})
