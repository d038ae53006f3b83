// What rows count for, and how many steps there are: weights by class and by row as their definition gives by hand, `steps`
// in place of epochs, an interrupt without checkpoints.
import { beforeAll, describe, expect, test } from "vitest"
import { beginCell, cellSignal, interruptCell } from "../../kernel/src/interrupt.js"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import { stopTrainingOn } from "../../kernel/src/train/interruption.js"
import { stepCounts } from "../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import type { TrainOptions } from "../../kernel/src/train/trainOptions.js"
import { difference, xla } from "./onXla.js"

type LayersModel = import("@tensorflow/tfjs").Sequential

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

/** A logistic regression: its gradient is `(p - y) x w / rows`. */
function logistic(): LayersModel {
  const made = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [2], units: 1, activation: "sigmoid", kernelInitializer: "zeros" }),
    ],
  })
  made.compile({ optimizer: tf.train.sgd(0.5), loss: "binaryCrossentropy" })
  return made
}
const rows = 48
const a = Float32Array.from({ length: rows }, (_, i) => Math.cos(i))
const b = Float32Array.from({ length: rows }, (_, i) => Math.sin(i * 1.7))
const y = Float32Array.from(a, (value, i) => Number(value + b[i]! > 0.6))
const own = Float32Array.from(a, (_, i) => i % 3)
const weightsOf = (made: LayersModel) => made.getWeights().flatMap(weight => [...weight.dataSync()])

function byHand(weight: (row: number) => number, steps = 6) {
  const w = [0, 0, 0]
  for (let step = 0; step < steps; step++) {
    const gradient = [0, 0, 0]
    for (let i = 0; i < 16; i++) {
      const row = (step % 3) * 16 + i
      const p = 1 / (1 + Math.exp(-(w[0]! * a[row]! + w[1]! * b[row]! + w[2]!)))
      for (const [k, input] of [a[row]!, b[row]!, 1].entries())
        gradient[k]! += ((p - y[row]!) * input * weight(row)) / 16
    }
    for (const k of w.keys()) w[k]! -= 0.5 * gradient[k]!
  }
  return w
}
const options = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  data: fromColumns({ a, b, own, y }),
  features: ["a", "b"],
  label: "y",
  batchSize: 16,
  shuffle: false,
  epochs: 2,
  ...more,
})
const ones = y.reduce((sum, value) => sum + value, 0)

describe("what a row counts for", () => {
  const tensors = () => ({
    x: tf.tensor2d(
      Array.from(a).flatMap((v, i) => [v, b[i]!]),
      [rows, 2],
    ),
    y: tf.tensor1d(y),
  })
  const cases: [string, () => Partial<TrainOptions>, (row: number) => number][] = [
    ["by class", () => ({ classWeight: { 1: 3 } }), row => (y[row] === 1 ? 3 : 1)],
    ["balanced", () => ({ classWeight: "balanced" }), row => rows / 2 / (y[row] === 1 ? ones : rows - ones)],
    ["by a column", () => ({ sampleWeight: "own" }), row => own[row]!],
    [
      "both",
      () => ({ sampleWeight: "own", classWeight: { 0: 0.5 } }),
      row => own[row]! * (y[row] === 1 ? 1 : 0.5),
    ],
    [
      "by class, for texts",
      () => ({
        data: fromColumns({ a, b, y: Array.from(y, value => (value === 1 ? "yes" : "no")) }),
        classWeight: { yes: 3 },
      }),
      row => (y[row] === 1 ? 3 : 1),
    ],
    [
      "by class and a tensor, beside tensors",
      () => ({ data: tensors(), sampleWeight: tf.tensor1d(own), classWeight: { 1: 3 } }),
      row => own[row]! * (y[row] === 1 ? 3 : 1),
    ],
  ]
  test.each(cases)("%s", async (_, more, weight) => {
    const model = logistic()
    await train(model, options(more()))
    expect(difference(byHand(weight), weightsOf(model))).toBeLessThan(1e-5)
    expect(
      difference(
        byHand(() => 1),
        weightsOf(model),
      ),
    ).toBeGreaterThan(1e-2)
    expect(stepCounts(model)).toEqual({ recorded: 2, replayed: 4 })
  })

  test("a column of weights is no input, goes along with its row when shuffled and split, and leaks nothing", async () => {
    const model = logistic()
    const all = { data: fromColumns({ a, b, own, y }), label: "y", sampleWeight: "own", features: undefined }
    const run = await train(model, options({ ...all, shuffle: true, validationSplit: 0.3 }))
    expect(run.features).toEqual(["a", "b"])
    const before = tf.memory().numTensors
    await train(model, options({ ...all, shuffle: true, validationSplit: 0.3 }))
    expect(tf.memory().numTensors).toBe(before)
    // Rows that count nothing teach nothing, wherever they went.
    const untouched = logistic()
    await train(
      untouched,
      options({ ...all, data: fromColumns({ a, b, own: new Float32Array(rows), y }), shuffle: true }),
    )
    expect(weightsOf(untouched)).toEqual([0, 0, 0])
  })

  const bad: [object, RegExp][] = [
    [{ classWeight: { yes: 2 } }, /classWeight` is given for `yes`.*The classes are 0, 1/],
    [{ classWeight: { 1: -2 } }, /classWeight\["1"\]` is -2.*from 0 on/],
    [{ sampleWeight: "ovn" }, /no column `ovn`.*Did you mean `own`/],
    [{ sampleWeight: "a" }, /sampleWeight` is -0\.\d+ in column a, row 2 \(from 0\)/],
  ]
  test.each(bad)("%j is refused", async (more, message) => {
    await expect(train(logistic(), options(more))).rejects.toThrow(message)
  })
})

describe("steps", () => {
  test("in place of epochs: the last epoch is cut short", async () => {
    const model = logistic()
    const run = await train(model, options({ epochs: undefined, steps: 5 }))
    expect(run).toMatchObject({ steps: 5, epochs: 2, samples: 80 })
    expect(
      difference(
        byHand(() => 1, 5),
        weightsOf(model),
      ),
    ).toBeLessThan(1e-5)
  })

  test("a schedule knows how many there are", async () => {
    const places: number[] = []
    const schedule = (_: number, place: { steps: number }) => {
      places.push(place.steps)
      return 0.1
    }
    await train(logistic(), options({ epochs: undefined, steps: 4, schedule }))
    expect(new Set(places)).toEqual(new Set([4]))
  })

  test("beside epochs they are refused", async () => {
    await expect(train(logistic(), options({ steps: 5 }))).rejects.toThrow(/`steps` is 5, beside 2 epochs/)
  })
})

test("an interrupt without checkpoints stops at a whole step and keeps what was learnt", async () => {
  stopTrainingOn(cellSignal)
  beginCell()
  const model = logistic()
  let steps = 0
  const callbacks = { onBatchEnd: async () => void (++steps === 7 && interruptCell()) }
  await expect(train(model, options({ epochs: 100, callbacks }))).rejects.toThrow("The cell was interrupted.")
  // The step in which the interrupt was noticed is whole as well.
  expect(
    difference(
      byHand(() => 1, 8),
      weightsOf(model),
    ),
  ).toBeLessThan(1e-5)
  beginCell()
  await train(model, options({ epochs: undefined, steps: 1 }))
})
