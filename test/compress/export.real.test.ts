// Every row of the layer table: the exported file, run by onnxruntime, gives what model.predict gives on tfjs's cpu backend.
import { beforeAll, describe, expect, test } from "vitest"
import { exportModel } from "../../kernel/src/compress/export/exportModel.js"
import { layerTable } from "../../kernel/src/compress/export/layerTable.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { distance, onOnnx, valuesOf } from "./graphs.js"
import { randomWeights, tfCpu } from "./tfCpu.js"

type Layer = import("@tensorflow/tfjs").layers.Layer
type LayersModel = import("@tensorflow/tfjs").LayersModel
type SymbolicTensor = import("@tensorflow/tfjs").SymbolicTensor
type Tensor = import("@tensorflow/tfjs").Tensor

let tf: Tf
beforeAll(() => {
  tf = tfCpu()
})

/** Runs the model both ways, on 1 row and on 5. */
async function expectSame(model: LayersModel, seed = 1): Promise<void> {
  randomWeights(tf, model, seed)
  for (const rows of [1, 5]) {
    const inputs = model.inputs.map((input, i) => {
      const shape = input.shape.slice(1).map(length => length ?? 7)
      return tf.randomNormal([rows, ...shape], 0, 1, "float32", seed + 100 + i)
    })
    const wanted = [model.predict(inputs.length === 1 ? inputs[0]! : inputs) as Tensor | Tensor[]].flat()
    const found = await onOnnx(model, inputs.map(valuesOf))
    expect(found.map(({ shape }) => shape)).toEqual(wanted.map(({ shape }) => shape))
    for (const [i, output] of wanted.entries())
      expect(distance(valuesOf(output), found[i]!)).toBeLessThan(1e-5)
  }
}

function stack(inputShape: (number | null)[], ...layers: Layer[]): LayersModel {
  const input = tf.input({ shape: inputShape })
  const output = layers.reduce((x, layer) => layer.apply(x) as SymbolicTensor, input)
  return tf.model({ inputs: input, outputs: output })
}

type Cases = Record<string, () => [shape: (number | null)[], ...layers: Layer[]]>

const convolutions: Cases = {
  "Conv1D, same and dilated": () => [
    [9, 3],
    tf.layers.conv1d({ filters: 4, kernelSize: 3, padding: "same", dilationRate: 2 }),
  ],
  "Conv1D, same with stride 2": () => [
    [9, 3],
    tf.layers.conv1d({ filters: 4, kernelSize: 4, padding: "same", strides: 2, activation: "tanh" }),
  ],
  "Conv2D, valid": () => [
    [8, 7, 3],
    tf.layers.conv2d({ filters: 5, kernelSize: [3, 2], activation: "relu" }),
  ],
  "Conv2D, same with stride 2 on even and odd lengths": () => [
    [8, 7, 3],
    tf.layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, padding: "same" }),
  ],
  "Conv2D, same with an even kernel and stride 3": () => [
    [10, 11, 2],
    tf.layers.conv2d({ filters: 3, kernelSize: [4, 2], strides: 3, padding: "same", useBias: false }),
  ],
  "Conv2D, dilated": () => [
    [9, 9, 2],
    tf.layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: "same" }),
  ],
  "Conv2D, lengths that only a run knows": () => [
    [null, null, 2],
    tf.layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: "same" }),
    tf.layers.conv2d({ filters: 3, kernelSize: 3, padding: "same" }),
    tf.layers.globalAveragePooling2d({}),
  ],
  "DepthwiseConv2D, two filters a channel": () => [
    [7, 8, 3],
    tf.layers.depthwiseConv2d({
      kernelSize: 3,
      depthMultiplier: 2,
      strides: 2,
      padding: "same",
      activation: "relu6",
    }),
  ],
  SeparableConv2D: () => [
    [7, 8, 3],
    tf.layers.separableConv2d({
      filters: 4,
      kernelSize: 3,
      depthMultiplier: 2,
      padding: "same",
      activation: "elu",
    }),
  ],
}

const poolings: Cases = {
  MaxPooling1D: () => [[9, 3], tf.layers.maxPooling1d({ poolSize: 2 })],
  "MaxPooling2D, same with odd lengths": () => [
    [7, 9, 3],
    tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }),
  ],
  AveragePooling1D: () => [[9, 3], tf.layers.averagePooling1d({ poolSize: 3, strides: 2, padding: "same" })],
  "AveragePooling2D, same": () => [
    [7, 9, 3],
    tf.layers.averagePooling2d({ poolSize: [3, 2], strides: 2, padding: "same" }),
  ],
  GlobalAveragePooling1D: () => [[9, 3], tf.layers.globalAveragePooling1d()],
  GlobalAveragePooling2D: () => [[5, 4, 3], tf.layers.globalAveragePooling2d({})],
  GlobalMaxPooling1D: () => [[9, 3], tf.layers.globalMaxPooling1d()],
  GlobalMaxPooling2D: () => [[5, 4, 3], tf.layers.globalMaxPooling2d({})],
}

const conv = (filters = 4) => tf.layers.conv2d({ filters, kernelSize: 3 })

const shapes: Cases = {
  "Flatten after a convolution, then Dense": () => [
    [6, 7, 2],
    conv(),
    tf.layers.flatten(),
    tf.layers.dense({ units: 5 }),
  ],
  "Flatten after a convolution as the output": () => [[6, 7, 2], conv(), tf.layers.flatten()],
  "Flatten, an activation and BatchNormalization, then Dense": () => [
    [6, 7, 2],
    conv(),
    tf.layers.flatten(),
    tf.layers.activation({ activation: "tanh" }),
    tf.layers.batchNormalization(),
    tf.layers.dense({ units: 5, useBias: false }),
  ],
  "Flatten of the input": () => [[4, 3, 2], tf.layers.flatten(), tf.layers.dense({ units: 3 })],
  "Reshape to an image and back": () => [
    [48],
    tf.layers.reshape({ targetShape: [4, 4, 3] }),
    conv(),
    tf.layers.reshape({ targetShape: [-1, 8] }),
  ],
  Permute: () => [[4, 5, 3], conv(), tf.layers.permute({ dims: [3, 1, 2] })],
  "ZeroPadding2D, uneven": () => [
    [4, 5, 3],
    tf.layers.zeroPadding2d({
      padding: [
        [0, 1],
        [2, 1],
      ],
    }),
    tf.layers.conv2d({ filters: 2, kernelSize: 3, strides: 2 }),
  ],
  Cropping2D: () => [
    [6, 7, 3],
    tf.layers.cropping2D({
      cropping: [
        [1, 0],
        [2, 1],
      ],
    }),
  ],
  "UpSampling2D, nearest": () => [[3, 4, 2], tf.layers.upSampling2d({ size: [2, 3] })],
  "UpSampling2D, bilinear": () => [
    [3, 4, 2],
    tf.layers.upSampling2d({ size: [2, 2], interpolation: "bilinear" }),
  ],
  "a convolution as the output": () => [[6, 7, 2], conv()],
  "layers that do nothing after training": () => [
    [6],
    tf.layers.dropout({ rate: 0.5 }),
    tf.layers.gaussianNoise({ stddev: 1 }),
    tf.layers.gaussianDropout({ rate: 0.5 }),
    tf.layers.alphaDropout({ rate: 0.5 }),
    tf.layers.dense({ units: 3 }),
  ],
  SpatialDropout1D: () => [[6, 3], tf.layers.spatialDropout1d({ rate: 0.5 })],
  "nothing at all": () => [[6], tf.layers.dropout({ rate: 0.5 })],
}

const dense: Cases = {
  Dense: () => [[6], tf.layers.dense({ units: 4, activation: "softmax" })],
  "Dense, no bias": () => [[6], tf.layers.dense({ units: 4, useBias: false })],
  "Dense along the last of three axes": () => [
    [5, 6],
    tf.layers.dense({ units: 4, activation: "relu" }),
    tf.layers.dense({ units: 3, useBias: false }),
  ],
  "Dense after a convolution, without Flatten": () => [[5, 6, 2], conv(), tf.layers.dense({ units: 3 })],
}

const normalisations: Cases = {
  "BatchNormalization of channels": () => [[5, 6, 2], conv(), tf.layers.batchNormalization()],
  "BatchNormalization without scale": () => [
    [6],
    tf.layers.batchNormalization({ scale: false, epsilon: 0.01 }),
  ],
  "BatchNormalization without center": () => [[6], tf.layers.batchNormalization({ center: false })],
  "LayerNormalization after a convolution": () => [[5, 6, 2], conv(), tf.layers.layerNormalization()],
  Rescaling: () => [[4, 4, 2], tf.layers.rescaling({ scale: 1 / 255, offset: -0.5 }), conv()],
}

const activations: Cases = {
  ...Object.fromEntries(
    "linear relu relu6 elu selu sigmoid hardSigmoid softplus softsign tanh softmax logSoftmax swish mish gelu"
      .split(" ")
      .map(name => [
        `Activation ${name}`,
        (): [number[], ...Layer[]] => [
          [5, 6, 2],
          conv(),
          tf.layers.activation({ activation: name as "relu" }),
        ],
      ]),
  ),
  ReLU: () => [[6], tf.layers.reLU()],
  "ReLU with a maximum": () => [[6], tf.layers.reLU({ maxValue: 0.7 })],
  LeakyReLU: () => [[6], tf.layers.leakyReLU({ alpha: 0.2 })],
  ELU: () => [[6], tf.layers.elu()],
  ThresholdedReLU: () => [[6], tf.layers.thresholdedReLU({ theta: 0.4 })],
  "PReLU, a slope a number": () => [[4, 5, 2], conv(), tf.layers.prelu()],
  "PReLU, a slope a channel": () => [[4, 5, 2], conv(), tf.layers.prelu({ sharedAxes: [1, 2] })],
  Softmax: () => [[5, 6], tf.layers.softmax({ axis: -1 })],
}

describe.each(Object.entries({ convolutions, poolings, shapes, dense, normalisations, activations }))(
  "%s",
  (_, cases) => {
    test.each(Object.entries(cases))("%s", async (_name, make) => {
      await expectSame(stack(...make()))
    })
  },
)

describe("graphs", () => {
  test("Add of two branches, residual", async () => {
    const input = tf.input({ shape: [6, 6, 3] })
    const same = { kernelSize: 3, padding: "same" as const }
    const first = tf.layers.conv2d({ filters: 4, ...same, activation: "relu" }).apply(input) as SymbolicTensor
    const second = tf.layers.conv2d({ filters: 4, ...same }).apply(first) as SymbolicTensor
    const sum = tf.layers.add().apply([first, second]) as SymbolicTensor
    const output = tf.layers.activation({ activation: "relu" }).apply(sum) as SymbolicTensor
    await expectSame(tf.model({ inputs: input, outputs: output }))
  })

  test("Concatenate of channels, of rows, and of what was flattened", async () => {
    const input = tf.input({ shape: [6, 6, 3] })
    const [a, b] = [2, 3].map(filters => conv(filters).apply(input) as SymbolicTensor)
    const channels = tf.layers.concatenate().apply([a!, b!]) as SymbolicTensor
    const cut = tf.layers.reLU().apply(channels) as SymbolicTensor
    const doubled = tf.layers.concatenate({ axis: 1 }).apply([channels, cut]) as SymbolicTensor
    const flat = [channels, doubled].map(x => tf.layers.flatten().apply(x) as SymbolicTensor)
    const output = tf.layers.concatenate().apply(flat) as SymbolicTensor
    await expectSame(tf.model({ inputs: input, outputs: output }))
  })

  test("Multiply, Average, Maximum and Minimum, and layouts that differ", async () => {
    const input = tf.input({ shape: [4, 4, 3] })
    const convolved = tf.layers
      .conv2d({ filters: 3, kernelSize: 3, padding: "same" })
      .apply(input) as SymbolicTensor
    const merged = [tf.layers.multiply(), tf.layers.average(), tf.layers.maximum(), tf.layers.minimum()]
    const outputs = merged.map(layer => layer.apply([input, convolved]) as SymbolicTensor)
    await expectSame(tf.model({ inputs: input, outputs }))
  })

  test("a squeeze and excitation block", async () => {
    const input = tf.input({ shape: [5, 5, 3] })
    const x = conv(4).apply(input) as SymbolicTensor
    const pooled = tf.layers.globalAveragePooling2d({}).apply(x) as SymbolicTensor
    const gate = tf.layers.dense({ units: 4, activation: "sigmoid" }).apply(pooled) as SymbolicTensor
    const wide = tf.layers.reshape({ targetShape: [1, 1, 4] }).apply(gate) as SymbolicTensor
    const output = tf.layers.multiply().apply([x, wide]) as SymbolicTensor
    await expectSame(tf.model({ inputs: input, outputs: output }))
  })

  test("two inputs and two outputs", async () => {
    const [a, b] = [tf.input({ shape: [4] }), tf.input({ shape: [5] })]
    const left = tf.layers.dense({ units: 3 }).apply(a) as SymbolicTensor
    const right = tf.layers.dense({ units: 3 }).apply(b) as SymbolicTensor
    const sum = tf.layers.add().apply([left, right]) as SymbolicTensor
    await expectSame(tf.model({ inputs: [a, b], outputs: [sum, left] }))
  })

  test("nested models, used twice with the same weights", async () => {
    const tower = tf.sequential({
      name: "tower",
      layers: [
        tf.layers.conv2d({ inputShape: [6, 6, 1], filters: 2, kernelSize: 3, activation: "relu" }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, name: "embedding" }),
      ],
    })
    const [a, b] = [tf.input({ shape: [6, 6, 1] }), tf.input({ shape: [6, 6, 1] })]
    const pair = [a, b].map(input => tower.apply(input) as SymbolicTensor)
    const output = tf.layers.concatenate().apply(pair) as SymbolicTensor
    const model = tf.model({ inputs: [a, b], outputs: output })
    await expectSame(model)
    const { nodes, constants } = await exportModel(model)
    expect(nodes.map(node => node.name)).toEqual(
      expect.arrayContaining(["tower/embedding", "tower/embedding.2"]),
    )
    expect([...constants.keys()].filter(name => name.includes("embedding/kernel"))).toHaveLength(1)
  })

  test("a Sequential that begins with a model", async () => {
    const base = tf.sequential({
      layers: [tf.layers.conv2d({ inputShape: [6, 6, 1], filters: 2, kernelSize: 3 })],
    })
    const model = tf.sequential()
    model.add(base)
    model.add(tf.layers.flatten())
    model.add(tf.layers.dense({ units: 3 }))
    await expectSame(model)
  })

  test("a layer shared between a flattened image and a plain row", async () => {
    const [image, row] = [tf.input({ shape: [5, 5, 1] }), tf.input({ shape: [18] })]
    const flat = tf.layers.flatten().apply(conv(2).apply(image)) as SymbolicTensor
    const shared = tf.layers.dense({ units: 3 })
    const outputs = [flat, row].map(x => shared.apply(x) as SymbolicTensor)
    await expectSame(tf.model({ inputs: [image, row], outputs }))
  })
})

test("a network of convolutions is transposed once, at its input", async () => {
  const { nodes } = await exportModel(
    stack(
      [8, 8, 3],
      conv(),
      tf.layers.batchNormalization(),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      conv(2),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2 }),
    ),
  )
  expect(nodes.map(node => node.op)).toEqual([
    "Transpose",
    "Conv",
    "BatchNormalization",
    "MaxPool",
    "Conv",
    "Flatten",
    "Gemm",
  ])
})

test("every row of the table has a case", () => {
  const text = Object.values({ convolutions, poolings, shapes, dense, normalisations, activations })
    .flatMap(cases => Object.values(cases))
    .flatMap(make => make().slice(1) as Layer[])
    .map(layer => layer.getClassName())
  const merged = ["Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"]
  expect([...new Set([...text, ...merged])].sort()).toEqual(Object.keys(layerTable).sort())
})

describe("refuses, naming the layer", () => {
  test("a class without a row", async () => {
    const model = stack([4, 3], tf.layers.lstm({ units: 2, name: "memory" }))
    await expect(exportModel(model)).rejects.toMatchObject({ code: "LAYER_NOT_EXPORTABLE" })
    await expect(exportModel(model)).rejects.toThrow(
      "Layer `memory` (LSTM) cannot be written as ONNX: its class has no ONNX form here. Supported: Dense, Conv1D,",
    )
  })

  test("channels first", async () => {
    const layer = tf.layers.maxPooling2d({ poolSize: 2, dataFormat: "channelsFirst", name: "pool" })
    await expect(exportModel(stack([3, 8, 8], layer))).rejects.toThrow(
      "Layer `pool` (MaxPooling2D) cannot be written as ONNX: it takes channels first.",
    )
  })

  test("weights that are not finite", async () => {
    const model = stack([3], tf.layers.dense({ units: 1, name: "head", kernelInitializer: "zeros" }))
    model.setWeights([tf.tensor2d([1, Number.NaN, 2], [3, 1]), tf.zeros([1])])
    await expect(exportModel(model)).rejects.toThrow("The weights of layer `head` hold NaN")
  })

  test("a model without layers", async () => {
    const model = tf.sequential()
    await expect(exportModel(model)).rejects.toThrow("Give its first layer an `inputShape`")
  })
})
