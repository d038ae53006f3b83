// What a user of `compress` relies on: a smaller file that answers nearly as well, figures that belong together, rows made
// as the training made them, and errors that say what to do.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Compressed } from "../../kernel/src/compress/Compressed.js"
import { compress } from "../../kernel/src/compress/compress.js"
import type { CompressOptions } from "../../kernel/src/compress/compressOptions.js"
import { displaySymbol } from "../../kernel/src/display.js"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { beginCell, interruptCell } from "../../kernel/src/interrupt.js"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import type { TrainRun } from "../../kernel/src/train/TrainRun.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import { xla } from "../train/onXla.js"
import { digits } from "./digits.js"
import { distance, run as runFile, valuesOf } from "./graphs.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Sequential = import("@tensorflow/tfjs").Sequential
type Tensor = import("@tensorflow/tfjs").Tensor

let tf: Tf
let folder: string
beforeAll(async () => {
  tf = await xla()
  folder = mkdtempSync(join(tmpdir(), "compress-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const quick = { measure: { seconds: 0.05 } }
const glorot = (seed: number) => tf.initializers.glorotUniform({ seed })

function cnn(): Sequential {
  const conv = (filters: number, seed: number, more: object = {}) =>
    tf.layers.conv2d({ filters, kernelSize: 3, activation: "relu", kernelInitializer: glorot(seed), ...more })
  const model = tf.sequential({
    layers: [
      conv(32, 1, { inputShape: [28, 28, 1] }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      conv(64, 2),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 128, activation: "relu", kernelInitializer: glorot(3) }),
      tf.layers.dense({ units: 10, activation: "softmax", kernelInitializer: glorot(4) }),
    ],
  })
  model.compile({
    optimizer: tf.train.adam(0.002),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  })
  return model
}

describe("a convolutional network trained on real digits", () => {
  let model: LayersModel
  let small: Compressed
  beforeAll(async () => {
    model = cnn()
    await train(model, {
      data: digits(0, 3000),
      features: "pixels",
      label: "digit",
      epochs: 2,
      batchSize: 64,
    })
    small = await compress(model, { to: "int8", calibrate: digits(0, 512), evaluate: digits(6000, 8000) })
  })
  afterAll(() => small.close())

  test("is a quarter of the size and within a point of the accuracy", () => {
    const [float32, int8] = small.report.rows
    expect(small.bytes.length / small.float32.length).toBeLessThan(0.27)
    expect(float32!.score).toBeGreaterThan(0.93)
    expect(Math.abs(float32!.score! - int8!.score!)).toBeLessThan(0.01)
    expect(int8!.drop!.value).toBeCloseTo(float32!.score! - int8!.score!, 12)
    expect(int8!.drop!.low).toBeLessThan(int8!.drop!.value)
    expect(int8!.drop!.high).toBeGreaterThan(int8!.drop!.value)
    expect(int8!.drop!.high).toBeLessThan(0.015)
  })

  test("reports figures that belong together", () => {
    const { report, bytes, float32 } = small
    expect(report).toMatchObject({ metric: "accuracy", evaluated: 2000, calibrated: 512, threads: 1 })
    expect(report.runtime).toBe("onnxruntime-node 1.30.0")
    expect(report.rows.map(row => [row.format, row.bytes])).toEqual([
      ["float32", float32.length],
      ["int8", bytes.length],
    ])
    for (const { latency } of report.rows) {
      expect(latency.map(({ batch }) => batch)).toEqual([1, 64])
      for (const { p50, p95 } of latency) expect(p95).toBeGreaterThanOrEqual(p50)
      expect(latency[1]!.p50).toBeGreaterThan(latency[0]!.p50)
    }
    expect(["faster", "smaller on disk only", "no gain", "slower"]).toContain(report.rows[1]!.speed)
    expect(small[displaySymbol]()["text/plain"]).toContain(
      "int8: accuracy on 2,000 rows; ranges from 512 rows",
    )
    expect(small[displaySymbol]()["text/html"]).toContain("<table>")
  })

  test("the float32 file is the model", async () => {
    const x = tf.randomUniform([7, 28, 28, 1], 0, 1, "float32", 3)
    const [found] = await runFile(small.float32, [valuesOf(x)])
    expect(distance(valuesOf(model.predict(x) as Tensor), found!)).toBeLessThan(1e-5)
  })

  test("a saved file gives the same answers elsewhere, and half a file is never seen", async () => {
    const path = join(folder, "digits.onnx")
    await small.save(path)
    await small.save(path)
    expect(readdirSync(folder)).toEqual(["digits.onnx"])
    const x = tf.randomUniform([5, 28, 28, 1], 0, 1, "float32", 4)
    const [found] = await runFile(readFileSync(path), [valuesOf(x)])
    const predicted = await small.predict(x)
    expect(predicted.shape).toEqual([5, 10])
    expect(found!.data).toEqual(predicted.dataSync())
  })

  test("predicts from numbers as from a tensor, and after it was closed", async () => {
    const x = tf.randomUniform([3, 28, 28, 1], 0, 1, "float32", 5)
    const wanted = (await small.predict(x)).dataSync()
    await small.close()
    expect((await small.predict(Float32Array.from(x.dataSync()))).dataSync()).toEqual(wanted)
    await small.close()
    await small.close()
  })

  test.each([
    [
      "numbers that are no rows",
      () => Float32Array.of(1, 2, 3),
      "`x` is 3 numbers. Give a tensor of shape [rows, 28, 28, 1]",
    ],
    [
      "another shape",
      () => tf.zeros([2, 784]),
      "`x` is of shape [2, 784]. Give a tensor of shape [rows, 28, 28, 1]",
    ],
  ])("predict refuses %s", async (_, x, message) => {
    await expect(small.predict(x())).rejects.toThrow(message)
  })

  test.each([
    [
      "digits.tflite",
      "WRONG_EXTENSION",
      "`digits.tflite` ends in `.tflite`, and a model is saved as `.onnx`. Save it as `digits.onnx`.",
    ],
    ["digits", "WRONG_EXTENSION", "`digits` has no extension, and"],
    ["/no/such/folder/digits.onnx", "NOT_WRITABLE", "/no/such/folder/digits.onnx cannot be written"],
  ])("save refuses %s", async (path, code, message) => {
    await expect(small.save(path)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  test("a save that fails leaves nothing beside the target", async () => {
    const taken = join(folder, "taken")
    mkdirSync(join(taken, "digits.onnx"), { recursive: true })
    await expect(small.save(join(taken, "digits.onnx"))).rejects.toMatchObject({ code: "NOT_WRITABLE" })
    expect(readdirSync(taken)).toEqual(["digits.onnx"])
    rmSync(taken, { recursive: true })
  })

  test("leaves no tensors behind", async () => {
    const before = tf.memory().numTensors
    await compress(model, { to: "int8", calibrate: digits(0, 64), evaluate: digits(6000, 6064), ...quick })
    expect(tf.memory().numTensors).toBe(before)
  })

  test("says that accuracy was not measured without `evaluate`", async () => {
    const { report } = await compress(model, { to: "int8", calibrate: digits(0, 64), ...quick })
    expect(report.metric).toBeUndefined()
    expect(report.rows.map(({ score, drop }) => [score, drop])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ])
    expect(report[displaySymbol]()["text/plain"]).toContain("accuracy not measured: pass `evaluate`")
  })

  test("an interrupt of the cell ends it", async () => {
    beginCell()
    const going = compress(model, { to: "int8", calibrate: digits(0, 512), measure: { seconds: 60 } })
    setTimeout(interruptCell, 200)
    await expect(going).rejects.toThrow("interrupted")
    beginCell()
  })

  const bad: [string, object, code: string, message: string][] = [
    [
      "an unknown option",
      { calibrat: 1 },
      "UNKNOWN_OPTION",
      "`compress` has no option `calibrat`. Did you mean `calibrate`?",
    ],
    [
      "an unknown format",
      { to: "int88" },
      "BAD_VALUE",
      "compress: `to` is `int88`. Known: int8. Did you mean `int8`?",
    ],
    ["no format", { to: undefined }, "BAD_VALUE", "compress: `to` is missing. Known: int8."],
    ["an unknown observer", { ranges: "minmax" }, "BAD_VALUE", "Did you mean `minMax`?"],
    ["no calibration", { calibrate: undefined }, "BAD_VALUE", "compress: `calibrate` is missing."],
    [
      "calibration that is no data",
      { calibrate: 3 },
      "BAD_VALUE",
      "`calibrate` is neither a DataFrame nor { x } with a tensor",
    ],
    ["an empty frame", { calibrate: digits(0, 0) }, "COMPRESS_NO_ROWS", "there are no rows in `calibrate`"],
    [
      "an empty frame to evaluate",
      { evaluate: digits(0, 0) },
      "COMPRESS_NO_ROWS",
      "there are no rows in `evaluate`",
    ],
    [
      "an empty tensor",
      { calibrate: { x: () => tf.zeros([0, 28, 28, 1]) } },
      "COMPRESS_NO_ROWS",
      "Give at least one row",
    ],
    [
      "a tensor of another shape",
      { calibrate: { x: () => tf.zeros([4, 784]) } },
      "BAD_VALUE",
      "`calibrate` is of shape [4, 784], and the model takes [rows, 28, 28, 1]",
    ],
    [
      "other features than the training's",
      { features: ["pixel"] },
      "BAD_VALUE",
      "`features` is pixel, and the model was trained on pixels",
    ],
    [
      "a frame without the column",
      { calibrate: fromColumns({ pixel: [new Float32Array(784)] }) },
      "UNKNOWN_COLUMN",
      "compress: calibrate: there is no column `pixels`. Did you mean `pixel`?",
    ],
    [
      "a misspelt label",
      { evaluate: digits(0, 5), label: "digits" },
      "UNKNOWN_COLUMN",
      "compress: evaluate: there is no column `digits`. Did you mean `digit`?",
    ],
    [
      "labels of another width",
      { evaluate: { x: () => tf.zeros([4, 28, 28, 1]), y: () => tf.zeros([4, 3]) } },
      "BAD_VALUE",
      "with labels of 3 numbers a row, and the model gives 10",
    ],
    [
      "labels for other rows",
      { evaluate: { x: () => tf.zeros([4, 28, 28, 1]), y: () => tf.zeros([5, 1]) } },
      "BAD_VALUE",
      "4 rows of x and 5 of y",
    ],
    ["no threads", { threads: 0 }, "BAD_VALUE", "Give a whole number from 1 on"],
    ["no time", { measure: { seconds: 0 } }, "BAD_VALUE", "`measure.seconds` is 0"],
    ["an unknown measure", { measure: { second: 1 } }, "UNKNOWN_OPTION", "Did you mean `seconds`?"],
  ]
  test.each(bad)("says what is wrong with %s", async (_, options, code, message) => {
    const given = { to: "int8", calibrate: digits(0, 16), ...quick, ...made(options) } as CompressOptions
    const error = await compress(model, given).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  /** Tensors cannot be made before the backend is: functions stand for them. */
  function made(options: object): object {
    const entries = Object.entries(options).map(([key, value]) => {
      if (typeof value === "function" && (key === "x" || key === "y")) return [key, value()]
      return [key, value?.constructor === Object ? made(value) : value]
    })
    return Object.fromEntries(entries)
  }

  test("without what the training knew, asks for the label", async () => {
    const options = {
      to: "int8",
      calibrate: digits(0, 16),
      evaluate: digits(0, 16),
      features: "pixels",
      ...quick,
    } as const
    const error = compress(model, { ...options, run: { recipe: undefined } })
    await expect(error).rejects.toThrow(
      "compress: `label` is missing, and `evaluate` compares with it. Name the column",
    )
    const { report } = await compress(model, { ...options, run: { recipe: undefined }, label: "digit" })
    expect(report.evaluated).toBe(16)
  })
})

describe("rows of a table, made as the training made them", () => {
  /** A text and two numbers of very different size decide the label; some values are missing. */
  const rows = Array.from({ length: 1200 }, (_, i) => {
    const amount = 5000 + 900 * Math.sin(i * 1.7)
    const kind = ["card", "cash", "wire"][i % 3]!
    const late = amount + (kind === "wire" ? 400 : 0) > 5100 ? "yes" : "no"
    return { amount: i % 50 === 0 ? null : amount, share: Math.cos(i * 2.3) / 1000, kind, late }
  })
  const read = createReader(duckdbEngine())
  const frame = (from: number, to: number) => read.rows(rows.slice(from, to))
  const options = { label: "late", normalise: "standard", encode: "onehot", missing: "drop" } as const
  const features = ["amount", "share", "kind"]

  function network(): Sequential {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [5], units: 32, activation: "relu", kernelInitializer: glorot(1) }),
        tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: glorot(2) }),
      ],
    })
    model.compile({ optimizer: tf.train.adam(0.02), loss: "binaryCrossentropy", metrics: ["accuracy"] })
    return model
  }

  let model: Sequential
  let trained: TrainRun
  beforeAll(async () => {
    model = network()
    trained = await train(model, { data: frame(0, 900), features, ...options, epochs: 30, batchSize: 32 })
  })

  test("the model remembers its training: texts, classes, spread, gaps", async () => {
    const { report } = await compress(model, {
      to: "int8",
      calibrate: frame(0, 300),
      evaluate: frame(900, 1200),
      ...quick,
    })
    expect(report.metric).toBe("binary accuracy")
    // Every 50th row has a gap.
    expect([report.calibrated, report.evaluated]).toEqual([294, 294])
    for (const { score } of report.rows) expect(score).toBeGreaterThan(0.95)
  })

  test("a copy of the model does not, and takes the run instead", async () => {
    const copy = network()
    copy.setWeights(model.getWeights())
    const given = { to: "int8", calibrate: frame(0, 300), evaluate: frame(900, 1200), ...quick } as const
    const { report } = await compress(copy, { ...given, run: trained })
    for (const { score } of report.rows) expect(score).toBeGreaterThan(0.95)
    await expect(compress(copy, { ...given, features, label: "late" })).rejects.toThrow(
      "compress: calibrate: column `kind` holds text, and a network takes numbers. Only the training knows its texts: pass `run`",
    )
    const numbers = fromColumns({ a: [1], b: [2], c: [3], d: [4], e: [5], late: ["yes"] })
    await expect(
      compress(copy, { ...given, calibrate: numbers, evaluate: numbers, label: "late" }),
    ).rejects.toThrow(
      "`label` is `late`, a column of text, and only the training knows which class is which number. Pass `run`",
    )
  })

  test("calibration needs no label column, and numeric columns but the label go in by themselves", async () => {
    const unlabelled = fromColumns({ amount: [5000, 6000], share: [0, 0.001], kind: ["card", "wire"] })
    const { report } = await compress(model, { to: "int8", calibrate: unlabelled, ...quick })
    expect(report.calibrated).toBe(2)
    const plain = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] })
    const numbers = fromColumns({ a: [1, 2], b: [3, 4], y: [4, 6] })
    const other = await compress(plain, {
      to: "int8",
      calibrate: numbers,
      evaluate: numbers,
      label: "y",
      ...quick,
    })
    expect(other.report).toMatchObject({ metric: "mean squared error", evaluated: 2 })
  })

  test("a gap is an error unless the training, or the call, drops it", async () => {
    const gaps = { to: "int8", calibrate: frame(0, 60), ...quick } as const
    const run = { recipe: { ...trained.recipe!, missing: "error" as const } }
    await expect(compress(model, { ...gaps, run })).rejects.toThrow(
      "compress: calibrate: column `amount` holds missing values",
    )
    expect((await compress(model, { ...gaps, run, missing: "drop" })).report.calibrated).toBe(58)
  })
})

test("numbers to predict: squared errors, and their rise", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [3], units: 16, activation: "tanh", kernelInitializer: glorot(1) }),
      tf.layers.dense({ units: 1, kernelInitializer: glorot(2) }),
    ],
  })
  const x = tf.randomNormal([400, 3], 0, 1, "float32", 1)
  const y = tf.sum(x, 1, true)
  model.compile({ optimizer: tf.train.adam(0.03), loss: "meanSquaredError" })
  await model.fit(x, y, { epochs: 15, batchSize: 40, verbose: 0 })
  const { report } = await compress(model, { to: "int8", calibrate: { x }, evaluate: { x, y }, ...quick })
  const [before, after] = report.rows
  const loss = (model.evaluate(x, y) as import("@tensorflow/tfjs").Scalar).dataSync()[0]!
  expect(report.metric).toBe("mean squared error")
  expect(before!.score).toBeCloseTo(loss, 4)
  expect(after!.drop!.value).toBeCloseTo(after!.score! - before!.score!, 10)
  expect(after!.score).toBeLessThan(before!.score! + 0.05)
})

test("models with several inputs or outputs are refused, not guessed at", async () => {
  const input = tf.input({ shape: [3] })
  const outputs = [1, 2].map(
    units => tf.layers.dense({ units }).apply(input) as import("@tensorflow/tfjs").SymbolicTensor,
  )
  const x = tf.zeros([2, 3])
  await expect(
    compress(tf.model({ inputs: input, outputs }), { to: "int8", calibrate: { x } }),
  ).rejects.toThrow("`model` is one of 1 inputs and 2 outputs")
})

test("the package exports it, and neither it nor the runtime writes to stderr", () => {
  const script = `
    const { compress, tf } = await import("${resolve(import.meta.dirname, "../../kernel/lib/index.js")}")
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3, activation: "softmax" })] })
    const small = await compress(model, { to: "int8", calibrate: { x: tf.ones([4, 4]) }, measure: { seconds: 0.05 } })
    console.log(small.bytes.length > 0, (await small.predict(tf.ones([2, 4]))).shape.join())
    process.exit(0)`
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  })
  expect(stderr).toBe("")
  expect(stdout.trim().split("\n").at(-1)).toBe("true 2,3")
})
