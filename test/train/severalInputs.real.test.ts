// Models of several inputs and outputs, and rows that count differently in validation: `train` gives what tfjs's own fit and
// plain arithmetic give.
import { beforeAll, expect, test } from "vitest"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import type { TrainOptions } from "../../kernel/src/train/trainOptions.js"
import { difference, xla } from "./onXla.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Tensor = import("@tensorflow/tfjs").Tensor

let tf: Tf
let data: Record<"a" | "b" | "sum" | "kind", Tensor>
beforeAll(async () => {
  tf = await xla()
  const [a, b] = [tf.randomNormal([40, 3], 0, 1, "float32", 1), tf.randomNormal([40, 2], 0, 1, "float32", 2)]
  const sum = tf.add(tf.sum(a, 1, true), tf.sum(b, 1, true))
  data = { a, b, sum, kind: tf.cast(tf.greater(tf.reshape(sum, [-1]), 0), "float32") }
})

/** Two inputs `a` and `b`; a number `sum` and one of two classes `kind`. */
function model(): LayersModel {
  const seeded = (seed: number) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }) })
  const inputs = [tf.input({ shape: [3], name: "a" }), tf.input({ shape: [2], name: "b" })]
  const both = tf.layers.concatenate().apply(inputs) as ReturnType<Tf["input"]>
  const sum = tf.layers.dense({ units: 1, name: "sum", ...seeded(1) }).apply(both)
  const kind = tf.layers.dense({ units: 2, activation: "softmax", name: "kind", ...seeded(2) }).apply(both)
  const made = tf.model({ inputs, outputs: [sum, kind] as never })
  made.compile({
    optimizer: tf.train.adam(0.05),
    loss: { sum: "meanSquaredError", kind: "sparseCategoricalCrossentropy" },
  })
  return made
}

test("inputs and outputs by place and by name are those of tfjs's fit, losses by output among the history", async () => {
  const { a, b, sum, kind } = data
  const own = model()
  const column = tf.reshape(kind, [-1, 1])
  const fitted = await own.fit([a, b], [sum, column], {
    epochs: 3,
    batchSize: 16,
    shuffle: false,
    verbose: 0,
  })
  for (const given of [
    { x: [a, b], y: [sum, kind] },
    { x: { b, a }, y: { kind, sum } },
  ]) {
    const { history } = await train(model(), { data: given, epochs: 3, batchSize: 16, shuffle: false })
    expect(Object.keys(history).sort()).toEqual(Object.keys(fitted.history).sort())
    for (const [name, values] of Object.entries(fitted.history))
      expect(difference(values as number[], history[name]!)).toBeLessThan(1e-6)
  }
  const { history } = await train(model(), {
    data: { x: [a, b], y: [sum, kind] },
    validation: { x: { a, b }, y: { sum, kind } },
    validationSplit: 0.25,
    epochs: 2,
  })
  expect(history.val_loss).toHaveLength(2)
})

test("what does not fit a model of several is named, before any step", async () => {
  const { a, b, sum, kind } = data
  const refused = async (options: TrainOptions, ...parts: string[]) => {
    const error = await train(model(), options).catch(reason => reason)
    for (const part of parts) expect(error.message).toContain(part)
  }
  const y = { sum, kind }
  await refused({ data: { x: a, y } }, "`x` is 1 tensor, and the model has", "2 inputs: a, b")
  await refused({ data: { x: { a }, y } }, "without a tensor for `b`")
  await refused({ data: { x: { a, b, c: a }, y } }, "given for `c`")
  await refused({ data: { x: { a: b, b }, y } }, "layer `a` takes rows of [3], and `x.a` has rows of [2]")
  await refused({ data: { x: { a, b }, y: { sum, kind: tf.fill([40], 3) } } }, "`kind`", "y.kind", "is 3")
  await refused({ data: { x: { a, b: tf.zeros([7, 2]) }, y } }, "`x.b`", "7 rows, and `x.a` has 40")
  await refused({ data: { x: { a, b }, y }, classWeight: "balanced" }, "2 inputs and 2 outputs")
  await refused(
    { data: fromColumns({ a: [1], y: [1] }), label: "y" },
    "`data` is given for a model of 2 inputs and 2 outputs",
  )
})

/** A model that gives 0 and learns nothing, so that losses are means of the targets. */
function still(): LayersModel {
  const made = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [1], units: 1, kernelInitializer: "zeros" })],
  })
  made.compile({ optimizer: tf.train.sgd(1e-12), loss: tf.metrics.meanAbsoluteError, metrics: ["mae"] })
  return made
}

test("sample weights count in validation, and not in its metrics; class weights do not; as in Keras", async () => {
  const count = 20
  const y = Float32Array.from({ length: count }, (_, i) => i % 2)
  const w = Float32Array.from({ length: count }, (_, i) => 1 + i)
  const x = new Float32Array(count)
  const frame = fromColumns({ x, y, w })
  const plain = y.reduce((sum, value) => sum + value, 0) / count
  const weighted = y.reduce((sum, value, i) => sum + value * w[i]!, 0) / count
  const options = { data: frame, features: "x", label: "y", validation: frame, batchSize: 8 }
  const valued = async (more: Partial<TrainOptions>) => {
    const { history } = await train(still(), { ...options, ...more })
    return [history.val_loss![0]!, history.val_mae![0]!]
  }
  const close = (found: number[], loss: number) => {
    expect(found[0]).toBeCloseTo(loss, 4)
    expect(found[1]).toBeCloseTo(plain, 4)
  }
  close(await valued({ sampleWeight: "w" }), weighted)
  close(await valued({ sampleWeight: "w", classWeight: { 1: 5 } }), weighted)
  close(await valued({ classWeight: { 1: 5 } }), plain)
  close(await valued({ sampleWeight: "w", validation: fromColumns({ x, y }) }), plain)
  const tensors = { x: tf.tensor2d(x, [count, 1]), y: tf.tensor1d(y) }
  const sampleWeight = tf.tensor1d(w)
  close(await valued({ data: tensors, validation: { ...tensors, sampleWeight } }), weighted)
  expect(tensors.x.isDisposed || sampleWeight.isDisposed).toBe(false)
  const split = await train(still(), {
    data: { x: tf.zeros([200, 1]), y: tf.ones([200, 1]) },
    sampleWeight: tf.fill([200], 3),
    classWeight: { 1: 5 },
    validationSplit: 0.3,
  })
  expect(split.history.val_loss![0]).toBeCloseTo(3, 4)
  expect(split.history.loss![0]).toBeCloseTo(15, 4)
})
