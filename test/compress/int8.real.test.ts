// int8 networks as onnxruntime runs them: near the float network, on integer kernels, and with what can go wrong on the way.
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { exportModel } from "../../kernel/src/compress/export/exportModel.js"
import { int8 } from "../../kernel/src/compress/formats/int8.js"
import { foldBatchNorm } from "../../kernel/src/compress/quantize/foldBatchNorm.js"
import { foldPadding } from "../../kernel/src/compress/quantize/foldPadding.js"
import { openSession } from "../../kernel/src/compress/runtime/Session.js"
import type { Samples } from "../../kernel/src/compress/samples.js"
import { writeModel } from "../../kernel/src/onnx/writeModel.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { distance, readModel, run, type Values } from "./graphs.js"
import { randomWeights, tfCpu } from "./tfCpu.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type SymbolicTensor = import("@tensorflow/tfjs").SymbolicTensor

let tf: Tf
beforeAll(() => {
  tf = tfCpu()
})

const signal = new AbortController().signal
const options = { observer: "minMax", reduceRange: true, threads: 1, signal } as const

function rowsFor(model: LayersModel, count: number, seed: number): Values {
  const shape = [count, ...(model.inputs[0]!.shape.slice(1) as number[])]
  return { shape, data: Float32Array.from(tf.randomNormal(shape, 0, 1, "float32", seed).dataSync()) }
}

function samplesOf({ shape, data }: Values): Samples {
  const [count, ...row] = shape as [number, ...number[]]
  const width = data.length / count
  return {
    shape: row,
    labelWidth: 0,
    async *batches(rows) {
      for (let from = 0; from < count; from += rows) {
        const to = Math.min(from + rows, count)
        yield { count: to - from, x: data.subarray(from * width, to * width), y: new Float32Array(0) }
      }
    },
  }
}

async function compressed(model: LayersModel, rows = rowsFor(model, 64, 5)): Promise<Uint8Array> {
  return writeModel(await int8(await exportModel(model), { ...options, samples: samplesOf(rows) }))
}

/** Signal to quantisation noise, in decibels. */
function noise(wanted: Values, found: Values): number {
  let [signalPower, noisePower] = [0, 0]
  for (const [i, value] of wanted.data.entries()) {
    signalPower += value ** 2
    noisePower += (value - found.data[i]!) ** 2
  }
  return 10 * Math.log10(signalPower / noisePower)
}

/** The operations left after onnxruntime's own rewriting. */
async function kernels(bytes: Uint8Array): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "compress-"))
  try {
    const optimizedTo = join(folder, "optimised.onnx")
    await (await openSession(bytes, { threads: 1, optimizedTo })).close()
    return readModel(readFileSync(optimizedTo)).graph!.node.map(node => node.opType)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const layer = () => tf.layers
const conv = (filters: number, more: object = {}) =>
  layer().conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu", ...more })

function stack(shape: number[], ...layers: import("@tensorflow/tfjs").layers.Layer[]): LayersModel {
  const input = tf.input({ shape })
  return tf.model({
    inputs: input,
    outputs: layers.reduce((x, one) => one.apply(x) as SymbolicTensor, input),
  })
}

function residual(): LayersModel {
  const input = tf.input({ shape: [8, 8, 3] })
  const first = conv(8).apply(input) as SymbolicTensor
  const second = conv(8, { activation: "linear" }).apply(first) as SymbolicTensor
  const sum = layer().add().apply([first, second]) as SymbolicTensor
  const relu = layer().reLU().apply(sum) as SymbolicTensor
  const both = layer().concatenate().apply([relu, first]) as SymbolicTensor
  const mean = layer().globalAveragePooling2d({}).apply(both) as SymbolicTensor
  return tf.model({ inputs: input, outputs: layer().dense({ units: 4 }).apply(mean) as SymbolicTensor })
}

type Make = () => LayersModel
const networks: Record<string, [Make, kernels: string[], never: string[]]> = {
  "convolutions and dense layers": [
    () =>
      stack(
        [10, 10, 3],
        conv(8),
        layer().maxPooling2d({ poolSize: 2 }),
        conv(8, { strides: 2 }),
        layer().flatten(),
        layer().dense({ units: 16, activation: "relu" }),
        layer().dense({ units: 4 }),
      ),
    ["QLinearConv", "QLinearConv", "QGemm", "QGemm"],
    ["Conv", "Gemm", "Relu"],
  ],
  "batch normalisation, padding layers and relu6": [
    () =>
      stack(
        [9, 9, 3],
        layer().zeroPadding2d({
          padding: [
            [0, 1],
            [0, 1],
          ],
        }),
        layer().conv2d({ filters: 6, kernelSize: 3, strides: 2, useBias: false }),
        layer().batchNormalization(),
        layer().reLU({ maxValue: 6 }),
        layer().depthwiseConv2d({ kernelSize: 3, padding: "same" }),
        layer().batchNormalization(),
        layer().leakyReLU({ alpha: 0.1 }),
        layer().averagePooling2d({ poolSize: 2 }),
        layer().flatten(),
        layer().dense({ units: 4 }),
      ),
    ["QLinearConv", "QLinearConv", "QLinearLeakyRelu", "QLinearAveragePool", "QGemm"],
    ["Conv", "Gemm", "BatchNormalization", "Pad", "Clip"],
  ],
  "a residual sum, a concatenation and a mean": [
    residual,
    ["QLinearConv", "QLinearConv", "QLinearAdd", "QLinearConcat", "QLinearGlobalAveragePool", "QGemm"],
    ["Conv", "Gemm", "Add", "Relu", "Concat", "GlobalAveragePool"],
  ],
  "dense layers along the last of three axes": [
    () =>
      stack(
        [5, 12],
        layer().dense({ units: 16, activation: "relu" }),
        layer().dense({ units: 6, useBias: false }),
      ),
    ["MatMulIntegerToFloat", "MatMulIntegerToFloat"],
    ["MatMul", "Gemm"],
  ],
}

describe.each(Object.entries(networks))("%s", (_, [make, wanted, never]) => {
  let model: LayersModel
  let bytes: Uint8Array
  beforeAll(async () => {
    model = make()
    randomWeights(tf, model)
    bytes = await compressed(model)
  })

  test("runs on int8 kernels and on nothing else that has one", async () => {
    const found = await kernels(bytes)
    for (const op of new Set(wanted))
      expect(found.filter(one => one === op)).toHaveLength(wanted.filter(one => one === op).length)
    for (const op of never) expect(found).not.toContain(op)
  })

  test("gives nearly what the float network gives, on rows it was not calibrated on", async () => {
    const rows = rowsFor(model, 16, 99)
    const [float] = await run(writeModel(await exportModel(model)), [rows])
    const [small] = await run(bytes, [rows])
    expect(noise(float!, small!)).toBeGreaterThan(20)
  })
})

test("folding normalisation and padding changes nothing but the number of nodes", async () => {
  const model = networks["batch normalisation, padding layers and relu6"]![0]()
  randomWeights(tf, model)
  const graph = await exportModel(model)
  const folded = foldPadding(foldBatchNorm(graph))
  expect(graph.nodes.length - folded.nodes.length).toBe(3)
  const rows = rowsFor(model, 4, 3)
  const [wanted] = await run(writeModel(graph), [rows])
  const [found] = await run(writeModel(folded), [rows])
  expect(distance(wanted!, found!)).toBeLessThan(1e-5)
})

test("seven-bit weights add up rightly on any processor; eight-bit ones cut off where there is no VNNI", async () => {
  const model = stack([256], layer().dense({ units: 4, kernelInitializer: "ones", useBias: false }))
  const rows = { shape: [1, 256], data: new Float32Array(256).fill(1) }
  const [found] = await run(await compressed(model, rows), [rows])
  for (const value of found!.data) expect(value).toBeCloseTo(256, 3)
})

test("the order and the grouping of calibration rows do not matter", async () => {
  const model = networks["convolutions and dense layers"]![0]()
  randomWeights(tf, model)
  const { shape, data } = rowsFor(model, 300, 5)
  const width = data.length / 300
  const backwards = Float32Array.from(
    data,
    (_, i) => data[(299 - Math.floor(i / width)) * width + (i % width)]!,
  )
  const [one, other] = [
    await compressed(model, { shape, data }),
    await compressed(model, { shape, data: backwards }),
  ]
  expect(Buffer.from(one).equals(Buffer.from(other))).toBe(true)
})

describe("calibration that cannot end well", () => {
  const model = () => {
    const made = stack([4], layer().dense({ units: 3, name: "hidden" }), layer().dense({ units: 2 }))
    randomWeights(tf, made)
    return made
  }

  test("rows that are not finite", async () => {
    const rows = { shape: [2, 4], data: Float32Array.of(1, 2, Number.NaN, 4, 5, 6, 7, 8) }
    await expect(compressed(model(), rows)).rejects.toMatchObject({ code: "NOT_FINITE" })
    await expect(compressed(model(), rows)).rejects.toThrow("The calibration rows hold NaN")
  })

  test("a layer that runs over", async () => {
    const rows = { shape: [1, 4], data: new Float32Array(4).fill(3e38) }
    await expect(compressed(model(), rows)).rejects.toThrow("The outputs of `hidden` hold")
  })

  test("an interrupt ends it between batches", async () => {
    const stop = new AbortController()
    const given = samplesOf({ shape: [2000, 4], data: new Float32Array(8000) })
    let batches = 0
    const samples: Samples = {
      ...given,
      async *batches(rows) {
        for await (const batch of given.batches(rows)) {
          if (++batches === 2) stop.abort(new Error("The cell was interrupted."))
          yield batch
        }
      },
    }
    const graph = await exportModel(model())
    await expect(int8(graph, { ...options, samples, signal: stop.signal })).rejects.toThrow("interrupted")
    expect(batches).toBe(2)
  })
})
