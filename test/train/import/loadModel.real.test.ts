// loadModel: by what is in a file, with an error that says what it is and where to go from there.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import type { Graph } from "../../../kernel/src/onnx/Graph.js"
import { writeModel } from "../../../kernel/src/onnx/writeModel.js"
import { loadModel } from "../../../kernel/src/train/import/loadModel.js"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { difference, xla } from "../onXla.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Tensor = import("@tensorflow/tfjs").Tensor

const folder = mkdtempSync(join(tmpdir(), "shardlab-import-"))
let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

const write = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}
const message = (run: Promise<unknown>) =>
  run.then(
    () => "nothing",
    (error: Error) => error.message,
  )

/** model.json and one shard, as tfjs and its converter write them. */
async function saveKeras(
  model: LayersModel,
  name: string,
  change: (json: Record<string, unknown>) => void = () => {},
) {
  const at = join(folder, name)
  mkdirSync(at, { recursive: true })
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const json = {
        format: "layers-model",
        modelTopology,
        weightsManifest: [{ paths: ["group1-shard1of1.bin"], weights: weightSpecs }],
      }
      change(json)
      writeFileSync(join(at, "model.json"), JSON.stringify(json))
      writeFileSync(join(at, "group1-shard1of1.bin"), new Uint8Array(weightData as ArrayBuffer))
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } }
    }),
  )
  return at
}

const small = () =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, name: "edges" }),
      tf.layers.batchNormalization({ name: "norm" }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, name: "head" }),
    ],
  })

/** x -> convolution (OIHW) -> a free shape computed by Shape and Concat -> a matrix, in ONNX's order of axes. */
function tinyGraph(changes: Partial<Graph> = {}): Graph {
  const numbers = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i))
  return {
    name: "tiny",
    inputs: [{ name: "x", shape: ["batch", 1, 4, 4] }],
    outputs: [{ name: "y" }],
    nodes: [
      {
        op: "Conv",
        name: "conv",
        inputs: ["x", "k"],
        output: "c",
        attributes: { pads: { ints: [1, 1, 1, 1] } },
      },
      { op: "Shape", name: "shape", inputs: ["c"], output: "s", attributes: {} },
      { op: "Gather", name: "rows", inputs: ["s", "zero"], output: "n", attributes: {} },
      { op: "Concat", name: "target", inputs: ["n", "rest"], output: "t", attributes: { axis: { int: 0 } } },
      { op: "Reshape", name: "flat", inputs: ["c", "t"], output: "f", attributes: {} },
      { op: "MatMul", name: "product", inputs: ["f", "w"], output: "y", attributes: {} },
    ],
    constants: new Map([
      ["k", { shape: [2, 1, 3, 3], data: numbers(18) }],
      ["zero", { shape: [1], data: BigInt64Array.of(0n) }],
      ["rest", { shape: [1], data: BigInt64Array.of(-1n) }],
      ["w", { shape: [32, 3], data: numbers(96) }],
    ]),
    ...changes,
  }
}

describe("Keras layers models", () => {
  test("a folder with model.json and its shards predicts as the model did", async () => {
    const model = small()
    const at = await saveKeras(model, "whole")
    const x = tf.randomNormal([2, 8, 8, 1], 0, 1, "float32", 3)
    const [wanted, found] = [model.predict(x) as Tensor, (await loadModel(at)).predict(x) as Tensor]
    expect(difference(Array.from(await wanted.data()), Array.from(await found.data()))).toBeLessThan(1e-6)
  })

  test("a missing weight is named with the nearest one, another shape with both", async () => {
    const renamed = await saveKeras(small(), "renamed", json => {
      const [{ weights }] = json.weightsManifest as [{ weights: { name: string }[] }]
      weights[0]!.name = "edge/kernel"
    })
    expect(await message(loadModel(renamed))).toMatch(
      /weight `edges\/kernel` is not in its shards.*Did you mean `edge\/kernel`/,
    )
    const reshaped = await saveKeras(small(), "reshaped", json => {
      const [{ weights }] = json.weightsManifest as [{ weights: { shape: number[] }[] }]
      weights[0]!.shape = [9, 1, 1, 4]
    })
    expect(await message(loadModel(reshaped))).toContain(
      "`edges/kernel` is [9, 1, 1, 4] in its shards, and the layer takes [3, 3, 1, 4]",
    )
  })

  test("a shard that is cut off, a graph model and a folder without a model say so", async () => {
    const cut = await saveKeras(small(), "cut")
    writeFileSync(join(cut, "group1-shard1of1.bin"), new Uint8Array(100))
    expect(await message(loadModel(cut))).toContain(
      "100 bytes of its shards are not the weights that it lists",
    )
    expect(await message(loadModel(write("graph.json", '{"format":"graph-model"}')))).toContain(
      "graph model of TensorFlow.js",
    )
    expect(await message(loadModel(join(folder, "nowhere.onnx")))).toContain("There is no file")
  })
})

describe("ONNX", () => {
  test("a free batch goes through Shape, Gather, Concat and Reshape, and the layers are TensorFlow.js's own", async () => {
    const model = await loadModel(write("tiny.onnx", writeModel(tinyGraph())))
    expect(model.layers.map(layer => layer.getClassName())).toEqual([
      "InputLayer",
      "Conv2D",
      "Permute",
      "Reshape",
      "Dense",
    ])
    for (const rows of [1, 5])
      expect((model.predict(tf.ones([rows, 4, 4, 1])) as Tensor).shape).toEqual([rows, 3])
  })

  test("an operator that is not known is named with its node and the nearest one", async () => {
    const [conv, ...rest] = tinyGraph().nodes
    const graph = tinyGraph({ nodes: [{ ...conv!, op: "Convv" }, ...rest] })
    const text = await message(loadModel(write("unknown.onnx", writeModel(graph))))
    expect(text).toMatch(
      /node `conv` needs the operator Convv, which cannot be imported. Did you mean `Conv`.*Imported are: Abs, Acos/,
    )
  })

  test("an open length asks for inputShape; one that does not fit says both", async () => {
    const open = write(
      "open.onnx",
      writeModel(tinyGraph({ inputs: [{ name: "x", shape: ["batch", 1, "h", "w"] }] })),
    )
    expect(await message(loadModel(open))).toMatch(
      /input `x` takes rows of \[\?, \?, 1\].*inputShape: \[64, 64, 1\]/,
    )
    expect((await loadModel(open, { inputShape: [4, 4, 1] })).inputs[0]!.shape).toEqual([null, 4, 4, 1])
    expect(await message(loadModel(open, { inputShape: [4, 4, 3] }))).toContain(
      "`inputShape` is [4, 4, 3], and input `x` takes rows of [?, ?, 1]",
    )
  })

  test("what does not fit is told with its node", async () => {
    const constants = new Map(tinyGraph().constants).set("w", { shape: [30, 3], data: new Float32Array(90) })
    expect(await message(loadModel(write("wrong.onnx", writeModel(tinyGraph({ constants })))))).toMatch(
      /node `product` \(MatMul\)/,
    )
  })
})

test("other formats are named, each with a way to one that can be loaded", async () => {
  const cases: [string, Uint8Array | string, RegExp][] = [
    ["net.pt", "PK\x03\x04....", /torch\.save.*safetensors\.torch\.save_file/],
    ["net.keras", "PK\x03\x04....", /Keras 3 archive.*model\.export/],
    ["net.h5", Buffer.from("\x89HDF\r\n", "latin1"), /HDF5 file of Keras/],
    ["saved_model.pb", Buffer.from([8, 1]), /SavedModel.*tf2onnx/],
    ["text.txt", "hello", /neither a Keras layers model nor ONNX/],
  ]
  for (const [name, bytes, wanted] of cases)
    expect(await message(loadModel(write(name, bytes)))).toMatch(wanted)
})

test("an imported model is saved and loaded, and trains on captured steps as before", async () => {
  const nodes = tinyGraph().nodes.map(node => (node.output === "y" ? { ...node, output: "p" } : node))
  const graph = tinyGraph({
    nodes: [...nodes, { op: "HardSwish", name: "swish", inputs: ["p"], output: "y", attributes: {} }],
  })
  const model = await loadModel(write("trained.onnx", writeModel(graph)))
  const again = await loadModel(await saveKeras(model, "trained"))
  const x = tf.randomNormal([64, 4, 4, 1], 0, 1, "float32", 5)
  const y = tf.sum(x, [2, 3]).slice([0, 0], [64, 3])
  const losses = []
  for (const one of [model, again]) {
    one.compile({ optimizer: tf.train.adam(3e-2), loss: "meanSquaredError" })
    const { history } = await one.fit(x, y, { epochs: 12, batchSize: 16, shuffle: false })
    losses.push(history.loss as number[])
  }
  expect(losses[0]!.at(-1)!).toBeLessThan(losses[0]![0]! / 2)
  expect(losses[1]).toEqual(losses[0])
  const { stepCounts } = await import("../../../kernel/src/train/patches/loops.js")
  expect(stepCounts(model).replayed).toBeGreaterThan(10)
})
