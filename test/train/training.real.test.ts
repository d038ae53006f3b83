// What a user of `model.fit` and `train` relies on: the same numbers as tfjs's cpu backend, steps that are captured and
// stay right when something changes, memory that stays flat, clear ends.
import { beforeAll, describe, expect, test } from "vitest"
import { displaySymbol, setDisplaySink } from "../../kernel/src/display.js"
import { beginCell, cellSignal, interruptCell } from "../../kernel/src/interrupt.js"
import { subscribe } from "../../kernel/src/telemetry/bus.js"
import type { TelemetryEvent } from "../../kernel/src/telemetry/events.js"
import { backendReport, devices } from "../../kernel/src/train/backend.js"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import { activeXla } from "../../kernel/src/train/install.js"
import { stopTrainingOn } from "../../kernel/src/train/interruption.js"
import { stepCounts } from "../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import { difference, xla } from "./onXla.js"
import * as smallModels from "./smallModels.js"

type Optimizer = import("@tensorflow/tfjs").Optimizer
type Tensor = import("@tensorflow/tfjs").Tensor
type LayersModel = import("@tensorflow/tfjs").Sequential

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })
const mlp = () => smallModels.mlp(tf)
const cnn = () =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 2],
        filters: 4,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        kernelInitializer: glorot(1),
      }),
      tf.layers.batchNormalization(),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        strides: 2,
        padding: "same",
        activation: "relu",
        kernelInitializer: glorot(2),
      }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4, activation: "softmax", kernelInitializer: glorot(3) }),
    ],
  })

function batch(shape: number[], rows = 32) {
  const x = tf.randomNormal([rows, ...shape], 0, 1, "float32", 7)
  const y = tf.oneHot(
    tf.tensor1d(
      Int32Array.from({ length: rows }, (_, i) => (i * 7) % 4),
      "int32",
    ),
    4,
  )
  return { x, y }
}

function compiled(model: LayersModel, optimizer: Optimizer): LayersModel {
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] })
  return model
}

const weightsOf = (model: LayersModel) => model.getWeights().map(weight => Array.from(weight.dataSync()))

/** 20 steps on one backend. */
async function trained(
  backend: string,
  make: () => LayersModel,
  shape: number[],
  optimizer: () => Optimizer,
) {
  tf.setBackend(backend)
  try {
    const model = compiled(make(), optimizer())
    const { x, y } = batch(shape)
    const { history } = await model.fit(x, y, {
      epochs: 10,
      batchSize: 16,
      shuffle: false,
      verbose: 0,
      validationData: [x, y],
    })
    return {
      history: history as Record<string, number[]>,
      weights: weightsOf(model),
      counts: stepCounts(model),
    }
  } finally {
    tf.setBackend("xla")
  }
}

describe("equal to the tfjs cpu backend after 20 steps", () => {
  const optimizers: Record<string, () => Optimizer> = {
    adam: () => tf.train.adam(0.01),
    sgd: () => tf.train.sgd(0.1),
    momentum: () => tf.train.momentum(0.05, 0.9),
    rmsprop: () => tf.train.rmsprop(0.001),
  }
  const networks: Record<string, [() => LayersModel, number[]]> = { MLP: [mlp, [12]], CNN: [cnn, [8, 8, 2]] }
  const cases = Object.keys(networks).flatMap(network =>
    Object.keys(optimizers).map(name => [network, name] as const),
  )
  test.each(cases)("%s with %s", async (network, name) => {
    const [make, shape] = networks[network]!
    const wanted = await trained("cpu", make, shape, optimizers[name]!)
    const found = await trained("xla", make, shape, optimizers[name]!)
    for (const [i, weight] of wanted.weights.entries())
      expect(difference(weight, found.weights[i]!)).toBeLessThan(1e-5)
    for (const key of Object.keys(wanted.history))
      expect(difference(wanted.history[key]!, found.history[key]!)).toBeLessThan(1e-5)
    expect(found.counts.replayed).toBeGreaterThanOrEqual(16)
  })
})

describe("a captured step", () => {
  /** Twelve steps with a layer that writes an array each time it is called. */
  async function written(backend: string, values: (call: number) => number[]) {
    tf.setBackend(backend)
    let calls = 0
    class Written extends tf.layers.Layer {
      static className = "Written"
      override call(inputs: Tensor | Tensor[]) {
        return tf.tidy(() => tf.mul([inputs].flat()[0]!, tf.tensor1d(values(calls++))))
      }
    }
    const model = mlp()
    model.add(new Written({}))
    compiled(model, tf.train.sgd(0.1))
    const { x, y } = batch([12])
    await model.fit(x, y, { epochs: 6, batchSize: 16, shuffle: false, verbose: 0 })
    const weights = weightsOf(model)
    tf.setBackend("xla")
    return { weights, calls, counts: stepCounts(model) }
  }

  test("keeps an array that its layers write each time", async () => {
    const values = () => [1, 2, 3, 4]
    const [wanted, found] = [await written("cpu", values), await written("xla", values)]
    for (const [i, weight] of wanted.weights.entries())
      expect(difference(weight, found.weights[i]!)).toBeLessThan(1e-5)
    expect(found.counts.replayed).toBe(10)
  })

  test("is none when they write another each time", async () => {
    const values = (call: number) => [1, 2, 3, call]
    const [wanted, found] = [await written("cpu", values), await written("xla", values)]
    for (const [i, weight] of wanted.weights.entries())
      expect(difference(weight, found.weights[i]!)).toBeLessThan(1e-5)
    expect(found.counts.replayed).toBe(0)
    expect(found.calls).toBe(wanted.calls)
  })

  test("takes a new learning rate at once, without another program", async () => {
    const run = async (backend: string) => {
      tf.setBackend(backend)
      const optimizer = tf.train.adam(0.05)
      const model = compiled(mlp(), optimizer)
      const { x, y } = batch([12])
      const before = backend === "xla" ? backendReport().compiles : 0
      const lower = {
        onEpochEnd: () => {
          const adam = optimizer as unknown as { learningRate: number }
          adam.learningRate *= 0.5
        },
      }
      await model.fit(x, y, { epochs: 6, batchSize: 8, shuffle: false, verbose: 0, callbacks: lower })
      const weights = weightsOf(model)
      const compiles = backend === "xla" ? backendReport().compiles - before : 0
      tf.setBackend("xla")
      return { weights, compiles, counts: stepCounts(model) }
    }
    const [wanted, found] = [await run("cpu"), await run("xla")]
    for (const [i, weight] of wanted.weights.entries())
      expect(difference(weight, found.weights[i]!)).toBeLessThan(1e-5)
    expect(found.counts.replayed).toBeGreaterThan(0)
    // The labels that were still to be made, the step, and nothing for the five changes.
    expect(found.compiles).toBeLessThanOrEqual(3)
  })

  test("sees weights that were set by hand between fits", async () => {
    const model = compiled(mlp(), tf.train.sgd(0))
    const { x, y } = batch([12])
    await model.fit(x, y, { epochs: 4, batchSize: 16, verbose: 0 })
    const replayed = stepCounts(model).replayed
    const ones = model.getWeights().map(weight => tf.onesLike(weight))
    model.setWeights(ones)
    await model.fit(x, y, { epochs: 1, batchSize: 16, verbose: 0 })
    expect(stepCounts(model).replayed).toBeGreaterThan(replayed)
    for (const weight of weightsOf(model)) expect(new Set(weight)).toEqual(new Set([1]))
  })

  test.each([
    ["sgd", () => tf.train.sgd(0.1)],
    ["momentum", () => tf.train.momentum(0.1, 0.9)],
    ["rmsprop", () => tf.train.rmsprop(0.01)],
    ["adam", () => tf.train.adam(0.01)],
  ] as const)(
    "%s: replays a rate that changes each step, equal to steps that were recorded",
    async (_, optimizer) => {
      const { x, y } = batch([12], 320)
      const rates: number[] = []
      const schedule = (step: number) => {
        const rate = 0.05 / (1 + step)
        rates.push(rate)
        return rate
      }
      const replayed = compiled(mlp(), optimizer())
      const compiles = backendReport().compiles
      await train(replayed, { data: { x, y }, batchSize: 32, epochs: 2, schedule, shuffle: false })
      const counts = stepCounts(replayed)
      expect(counts.replayed).toBeGreaterThan(14)
      expect(backendReport().compiles - compiles).toBeLessThan(8)
      expect(rates.length).toBeGreaterThanOrEqual(20)

      // The same steps by hand, one call each: nothing is captured there.
      const byHand = compiled(mlp(), optimizer())
      for (let step = 0; step < 20; step++) {
        const rows = tf.slice(x, [(step % 10) * 32, 0], [32, -1])
        const wanted = tf.slice(y, [(step % 10) * 32, 0], [32, -1])
        ;(byHand.optimizer as unknown as { learningRate: number }).learningRate = 0.05 / (1 + step)
        await byHand.trainOnBatch(rows, wanted)
      }
      const [a, b] = [weightsOf(replayed), weightsOf(byHand)]
      for (const [i, values] of a.entries()) expect(difference(values, b[i]!)).toBeLessThan(1e-6)
    },
  )
  test("handles the shorter last batch and other sizes as steps of their own", async () => {
    const model = compiled(mlp(), tf.train.adam(0.01))
    const { x, y } = batch([12], 40)
    const { history } = await model.fit(x, y, { epochs: 6, batchSize: 16, verbose: 0 })
    expect(history.loss!.length).toBe(6)
    const { recorded, replayed } = stepCounts(model)
    expect(recorded + replayed).toBe(18)
    expect(replayed).toBeGreaterThanOrEqual(12)
  })

  test("draws new dropout each step, the same for the same seed", async () => {
    const run = async (seed: number) => {
      const model = tf.sequential({
        layers: [
          tf.layers.dense({ inputShape: [12], units: 64, kernelInitializer: "ones" }),
          tf.layers.dropout({ rate: 0.5 }),
          tf.layers.dense({ units: 1, kernelInitializer: "ones" }),
        ],
      })
      model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" })
      const x = tf.ones([16, 12])
      const y = tf.zeros([16, 1])
      const { history } = await train(model, { data: { x, y }, epochs: 8, batchSize: 16, seed })
      expect(stepCounts(model).replayed).toBe(6)
      return history.loss!
    }
    const [first, again, other] = [await run(1), await run(1), await run(2)]
    expect(new Set(first).size).toBe(8)
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  test("keeps tensors and device memory flat over a long fit", async () => {
    const model = compiled(mlp(), tf.train.adam(0.001))
    const { x, y } = batch([12], 64)
    const fit = () => model.fit(x, y, { epochs: 20, batchSize: 8, verbose: 0 })
    await fit()
    const before = {
      tensors: tf.memory().numTensors,
      ids: activeXla(tf)!.numDataIds(),
      bytes: devices()[0]!.memory.used,
    }
    await fit()
    await fit()
    expect(tf.memory().numTensors).toBe(before.tensors)
    expect(activeXla(tf)!.numDataIds()).toBe(before.ids)
    expect(devices()[0]!.memory.used).toBeLessThanOrEqual(before.bytes + 4096)
  })
})

test("custom loops with minimize run and learn", () => {
  const w = tf.variable(tf.scalar(0))
  const optimizer = tf.train.sgd(0.1)
  for (let step = 0; step < 60; step++) optimizer.minimize(() => tf.square(tf.sub(w, 3)) as never)
  expect(w.dataSync()[0]).toBeCloseTo(3, 4)
})

test("predict and evaluate in batches equal the whole at once", async () => {
  const model = compiled(mlp(), tf.train.sgd(0.1))
  const { x, y } = batch([12], 70)
  const whole = (model.predict(x, { batchSize: 70 }) as import("@tensorflow/tfjs").Tensor).dataSync()
  const parts = (model.predict(x, { batchSize: 16 }) as import("@tensorflow/tfjs").Tensor).dataSync()
  expect(difference(Array.from(whole), Array.from(parts))).toBeLessThan(1e-6)
  const [loss] = model.evaluate(x, y, { batchSize: 16 }) as import("@tensorflow/tfjs").Scalar[]
  const [all] = model.evaluate(x, y, { batchSize: 70 }) as import("@tensorflow/tfjs").Scalar[]
  expect(loss!.dataSync()[0]).toBeCloseTo(all!.dataSync()[0]!, 5)
})

test("predict without a batch size takes many rows at once", async () => {
  const model = compiled(mlp(), tf.train.sgd(0.1))
  const { x } = batch([12], 5000)
  const parts = (model.predict(x, { batchSize: 1000 }) as import("@tensorflow/tfjs").Tensor).dataSync()
  const before = backendReport().runs
  const whole = (model.predict(x) as import("@tensorflow/tfjs").Tensor).dataSync()
  expect(backendReport().runs - before).toBeLessThan(5)
  expect(difference(Array.from(whole), Array.from(parts))).toBeLessThan(1e-6)
})

/** Two numbers and a text that decide a label, learnable to the last row. */
function table(rows: number) {
  const at = (i: number, factor: number) => Math.abs(Math.sin(i * factor) * 1000) % 1
  const a = Float32Array.from({ length: rows }, (_, i) => 100 + 50 * at(i, 1.3))
  const b = BigInt64Array.from({ length: rows }, (_, i) => BigInt(Math.floor(10 * at(i, 2.7))))
  const c = Array.from({ length: rows }, (_, i) => ["low", "mid", "top"][i % 3])
  const late = Array.from(a, value => (value > 125 ? "yes" : "no"))
  return { a, b, c, late }
}

const classifier = (inputs: number) => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [inputs], units: 16, activation: "relu", kernelInitializer: glorot(4) }),
      tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: glorot(5) }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(0.02), loss: "binaryCrossentropy", metrics: ["accuracy"] })
  return model
}

describe("train", () => {
  test("learns from a table: one-hot texts, normalised numbers, text labels, validation rows", async () => {
    const events: TelemetryEvent[] = []
    const stop = subscribe(event => events.push(event))
    const shown: string[] = []
    setDisplaySink({ display: bundle => shown.push(String(bundle["text/plain"])), clear() {} })
    const run = await train(classifier(5), {
      data: fromColumns(table(4000)),
      features: ["a", "b", "c"],
      label: "late",
      encode: "onehot",
      normalise: "standard",
      epochs: 6,
      batchSize: 32,
      validationSplit: 0.2,
      seed: 3,
    })
    stop()
    setDisplaySink()
    expect(run.history.val_acc!.at(-1)).toBeGreaterThan(0.97)
    expect(run.features).toEqual(["a", "b", "c"])
    expect(run.classes).toEqual(["no", "yes"])
    expect(run.normalisation!.mean[0]).toBeGreaterThan(115)
    expect(run.samples / 6).toBeGreaterThan(3000)
    expect(run.samples / 6).toBeLessThan(3400)
    const kinds = events.map(event => event.kind)
    expect(kinds.filter(kind => kind === "train.epoch").length).toBe(6)
    expect([kinds.at(0), kinds.at(-1)]).toEqual(["train.start", "train.end"])
    const bundle = run[displaySymbol]()
    expect(bundle["text/plain"]).toMatch(/^6 epochs, \d+ steps: .*val_acc/)
    expect(bundle["text/html"]).toContain("<polyline")
  })

  test("repeats with the same seed", async () => {
    const once = async (seed: number) => {
      const data = fromColumns(table(500))
      const options = {
        data,
        features: ["a", "b"],
        label: "late",
        normalise: "standard",
        epochs: 2,
        seed,
      } as const
      return (await train(classifier(2), options)).history.loss
    }
    const first = await once(5)
    expect(await once(5)).toEqual(first)
    expect(await once(6)).not.toEqual(first)
  })

  test("takes a column of lists as an image", async () => {
    const pixels = Array.from({ length: 64 }, (_, i) =>
      Uint8Array.from({ length: 16 }, (_, p) => (p % 4 === i % 4 ? 255 : 0)),
    )
    const digit = Int32Array.from({ length: 64 }, (_, i) => i % 4)
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [4, 4, 1], filters: 4, kernelSize: 2, kernelInitializer: glorot(1) }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 4, activation: "softmax", kernelInitializer: glorot(2) }),
      ],
    })
    const run = await train(model, {
      data: fromColumns({ pixels, digit }),
      label: "digit",
      loss: "sparseCategoricalCrossentropy",
      optimizer: tf.train.adam(0.02),
      metrics: ["accuracy"],
      normalise: "standard",
      epochs: 20,
      batchSize: 16,
    })
    expect(run.history.acc!.at(-1)).toBe(1)
  })

  test("stops early, and says so", async () => {
    const model = classifier(2)
    model.compile({ optimizer: tf.train.sgd(0), loss: "binaryCrossentropy" })
    const data = fromColumns(table(200))
    const run = await train(model, {
      data,
      features: ["a", "b"],
      label: "late",
      epochs: 50,
      earlyStop: { patience: 2 },
    })
    expect(run.stoppedEarly).toBe(true)
    expect(run.epochs).toBe(3)
  })

  const bad: [string, object, string][] = [
    ["an unknown option", { batchsize: 3 }, "Did you mean `batchSize`?"],
    ["a misspelt label", { label: "lat" }, "Did you mean `late`?"],
    ["a misspelt feature", { features: ["a", "bb"] }, "Did you mean `b`?"],
    [
      "a text column",
      { features: ["a", "c"] },
      'column `c` holds text, and a network takes numbers. Pass `encode: "onehot"`',
    ],
    [
      "too many columns for the model",
      { features: ["a"] },
      "takes rows of [2]: 2 numbers, and the features give 1 numbers a row (a)",
    ],
    ["no rows", { data: fromColumns({ a: [], late: [] }) }, "no rows to train on"],
    ["a batch size of 0", { batchSize: 0 }, "Give a whole number from 1 on"],
    [
      "a missing value",
      { data: fromColumns({ a: [1, null], b: [1, 2], late: [0, 1] }) },
      "column `a` holds missing values",
    ],
  ]
  test.each(bad)("says what is wrong with %s", async (_, options, message) => {
    const given = { data: fromColumns(table(50)), features: ["a", "b"], label: "late", ...options }
    await expect(train(classifier(2), given)).rejects.toThrow(message)
  })

  test("leaves rows with gaps out when asked", async () => {
    const data = fromColumns({ a: [1, null, 3, Number.NaN], b: [1, 2, 3, 4], late: [0, 1, 1, 0] })
    const run = await train(classifier(2), { data, label: "late", missing: "drop" })
    expect(run.samples).toBe(2)
  })
})

describe("fits that do not end well", () => {
  beforeAll(() => stopTrainingOn(cellSignal))

  test("a loss that is not a number stops with its step", async () => {
    const model = compiled(mlp(), tf.train.sgd(1e30))
    const { x, y } = batch([12])
    model.compile({ optimizer: tf.train.sgd(1e30), loss: "meanSquaredError" })
    await expect(model.fit(x, y, { epochs: 40, batchSize: 16, verbose: 0 })).rejects.toThrow(
      /The loss became (NaN|Infinity) at step \d+/,
    )
  })

  test("an interrupted fit ends, and the model trains again", async () => {
    beginCell()
    const events: string[] = []
    const stop = subscribe(event => events.push(event.kind === "train.end" ? event.status : event.kind))
    const model = compiled(mlp(), tf.train.sgd(0.01))
    const { x, y } = batch([12])
    const interrupt = { onEpochEnd: (epoch: number) => void (epoch === 1 && interruptCell()) }
    await expect(
      model.fit(x, y, { epochs: 1000, batchSize: 16, verbose: 0, callbacks: interrupt }),
    ).rejects.toThrow("interrupted")
    expect(events.at(-1)).toBe("interrupted")
    stop()
    beginCell()
    const { history } = await model.fit(x, y, { epochs: 2, batchSize: 16, verbose: 0 })
    expect(history.loss!.length).toBe(2)
  })

  test("a fit that was cut off in the middle of a step does not block the next one", async () => {
    beginCell()
    const model = compiled(mlp(), tf.train.sgd(0.01))
    const { x, y } = batch([12])
    // Never settles, as after Runtime.terminateExecution: the promise chain is gone, and tfjs's flag stays up.
    void model.fit(x, y, {
      epochs: 1,
      batchSize: 16,
      verbose: 0,
      callbacks: { onEpochEnd: () => new Promise(() => {}) },
    })
    await new Promise(resolve => setTimeout(resolve, 100))
    tf.engine().startScope()
    interruptCell()
    beginCell()
    const { history } = await model.fit(x, y, { epochs: 2, batchSize: 16, verbose: 0 })
    expect(history.loss!.length).toBe(2)
  })
})
