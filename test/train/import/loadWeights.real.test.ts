// loadWeights: PyTorch's names and layouts into layers built here, checked against onnxruntime on the same numbers, which
// has PyTorch's layouts; what is matched, and what is said where it cannot be.
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { openSession } from "../../../kernel/src/compress/runtime/Session.js"
import type { Constant, GraphNode } from "../../../kernel/src/onnx/Graph.js"
import { writeModel } from "../../../kernel/src/onnx/writeModel.js"
import { type NamedArray, toSafetensors } from "../../../kernel/src/train/checkpoint/safetensors.js"
import { loadModel } from "../../../kernel/src/train/import/loadModel.js"
import { loadWeights } from "../../../kernel/src/train/import/weights/loadWeights.js"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { difference, xla } from "../onXla.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Tensor = import("@tensorflow/tfjs").Tensor

const folder = mkdtempSync(join(tmpdir(), "shardlab-weights-"))
let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

/** As `{name: value for name, value in model.state_dict().items()}` of a small convolutional network. */
const shapes: Record<string, number[]> = {
  "conv1.weight": [6, 2, 3, 3],
  "conv1.bias": [6],
  "bn1.weight": [6],
  "bn1.bias": [6],
  "bn1.running_mean": [6],
  "bn1.running_var": [6],
  "depth.weight": [6, 1, 3, 3],
  "depth.bias": [6],
  "fc1.weight": [5, 96],
  "fc1.bias": [5],
  "fc2.weight": [5, 5],
  "fc2.bias": [5],
}
const stateDict: NamedArray[] = Object.entries(shapes).map(([name, shape], at) => {
  const size = shape.reduce((product, length) => product * length, 1)
  const wave = (i: number) => Math.sin(1 + i * 0.7 + at) * 0.3
  const values = Float32Array.from({ length: size }, (_, i) => (name.endsWith("var") ? 1 + wave(i) : wave(i)))
  return { name, shape, values }
})

const save = (name: string, arrays: readonly NamedArray[]) => {
  writeFileSync(join(folder, name), toSafetensors(arrays))
  return join(folder, name)
}
const changed = (change: Record<string, string>) =>
  stateDict.map(one => ({
    ...one,
    name: Object.entries(change).reduce((name, [from, to]) => name.replace(from, to), one.name),
  }))

function network(names: { conv?: string; first?: string } = {}): LayersModel {
  const { layers } = tf
  return tf.sequential({
    layers: [
      layers.conv2d({
        inputShape: [8, 8, 2],
        filters: 6,
        kernelSize: 3,
        padding: "same",
        name: names.conv ?? "conv1",
      }),
      layers.batchNormalization({ epsilon: 1e-5, name: "bn1" }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.depthwiseConv2d({ kernelSize: 3, padding: "same", name: "depth" }),
      layers.activation({ activation: "relu" }),
      layers.flatten(),
      layers.dense({ units: 5, activation: "relu", name: names.first ?? "fc1" }),
      layers.dense({ units: 5, name: "fc2" }),
    ],
  })
}

/** The same network in ONNX, whose layouts are PyTorch's. */
async function expected(x: Tensor): Promise<Float32Array> {
  const node = (
    op: string,
    inputs: string[],
    output: string,
    attributes: GraphNode["attributes"] = {},
  ): GraphNode => ({ op, name: output, inputs, output, attributes })
  const pads = { pads: { ints: [1, 1, 1, 1] } }
  const two = { ints: [2, 2] }
  const gemm = { transB: { int: 1 } }
  const constants = new Map<string, Constant>(
    stateDict.map(({ name, shape, values }) => [name, { shape, data: values as Float32Array }]),
  )
  const bytes = writeModel({
    name: "net",
    inputs: [{ name: "x", shape: ["n", 2, 8, 8] }],
    outputs: [{ name: "y" }],
    constants,
    nodes: [
      node("Conv", ["x", "conv1.weight", "conv1.bias"], "a", pads),
      node("BatchNormalization", ["a", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"], "b"),
      node("MaxPool", ["b"], "c", { kernel_shape: two, strides: two }),
      node("Conv", ["c", "depth.weight", "depth.bias"], "d", { ...pads, group: { int: 6 } }),
      node("Relu", ["d"], "e"),
      node("Flatten", ["e"], "f"),
      node("Gemm", ["f", "fc1.weight", "fc1.bias"], "g", gemm),
      node("Relu", ["g"], "h"),
      node("Gemm", ["h", "fc2.weight", "fc2.bias"], "y", gemm),
    ],
  })
  const first = tf.transpose(x, [0, 3, 1, 2])
  const session = await openSession(bytes, { threads: 1 })
  const results = await session.run({ x: { data: (await first.data()) as Float32Array, shape: first.shape } })
  await session.close()
  // The file is also a way to the same network: both must agree.
  writeFileSync(join(folder, "net.onnx"), bytes)
  return results.get("y")!.data
}

describe("PyTorch's state_dict", () => {
  test("by names: kernels turned, a flattened image reordered, batch normalisation's vectors renamed", async () => {
    const x = tf.randomNormal([3, 8, 8, 2], 0, 1, "float32", 4)
    const wanted = await expected(x)
    const model = network()
    const { from, unused } = await loadWeights(model, save("whole.safetensors", stateDict))
    expect(from["bn1/moving_variance"]).toBe("bn1.running_var")
    expect(unused).toEqual([])
    expect(difference([...wanted], [...(await (model.predict(x) as Tensor).data())])).toBeLessThan(1e-5)
    const imported = await loadModel(join(folder, "net.onnx"))
    expect(difference([...wanted], [...(await (imported.predict(x) as Tensor).data())])).toBeLessThan(1e-5)
  })

  test("with longer names, and by shape where one way is left", async () => {
    const file = save(
      "prefixed.safetensors",
      changed({ conv1: "backbone.stem.conv", fc1: "classifier.0", fc2: "classifier.2", bn1: "backbone.bn1" }),
    )
    const { from } = await loadWeights(network(), file)
    expect(from["conv1/kernel"]).toBe("backbone.stem.conv.weight")
    expect(from["fc1/kernel"]).toBe("classifier.0.weight")
  })

  test("half floats, and what batch normalisation counts, are taken in stride", async () => {
    const halves = stateDict.filter(({ name }) => name.startsWith("fc2"))
    const header = {
      "fc2.weight": { dtype: "BF16", shape: [5, 5], data_offsets: [0, 50] },
      "fc2.bias": { dtype: "F16", shape: [5], data_offsets: [50, 60] },
      steps: { dtype: "I64", shape: [], data_offsets: [60, 68] },
    }
    const text = Buffer.from(JSON.stringify(header))
    const file = Buffer.alloc(8 + text.length + 68)
    file.writeBigUInt64LE(BigInt(text.length))
    text.copy(file, 8)
    const bits = new Uint32Array((halves[0]!.values as Float32Array).buffer.slice(0))
    for (const [i, bit] of bits.entries()) file.writeUInt16LE(bit >>> 16, 8 + text.length + 2 * i)
    for (let i = 0; i < 5; i++) file.writeUInt16LE(0x3c00 + i, 8 + text.length + 50 + 2 * i)
    const path = join(folder, "half.safetensors")
    writeFileSync(path, file)
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [5], units: 5, name: "fc2" })] })
    const { unused } = await loadWeights(model, path)
    expect(unused).toEqual(["steps"])
    const [kernel, bias] = model.getWeights().map(weight => [...weight.dataSync()]) as [number[], number[]]
    // Turned: the second of the first row in the file is the first of the second row here.
    expect(kernel[5]! / halves[0]!.values[1]!).toBeCloseTo(1, 2)
    expect(bias).toEqual([1, 1 + 1 / 1024, 1 + 2 / 1024, 1 + 3 / 1024, 1 + 4 / 1024])
  })
})

describe("where it is not clear", () => {
  const message = (run: Promise<unknown>) =>
    run.then(
      () => "nothing",
      (error: Error) => error.message,
    )

  test("every weight without a place is in the table, with what the file has instead; nothing is changed", async () => {
    const other = stateDict.map(one => (one.name === "fc1.weight" ? { ...one, shape: [10, 48] } : one))
    const model = network()
    const before = [...model.getWeights()[0]!.dataSync()]
    const text = await message(loadWeights(model, save("other.safetensors", other)))
    expect(text).toMatch(/2 of the model's 12 weights have no place/)
    expect(text).toMatch(/fc1\/kernel +\[96, 5\] +<- +fc1\.weight is \[10, 48\]/)
    expect(text).toMatch(/Left in the file: fc1\.weight \[10, 48\]/)
    expect([...model.getWeights()[0]!.dataSync()]).toEqual(before)
  })

  test("a map settles it, partial keeps what is new, and a wrong key has a nearest one", async () => {
    const file = save(
      "twins.safetensors",
      changed({ fc2: "y.a" }).concat(
        stateDict
          .filter(({ name }) => name.startsWith("fc2"))
          .map(one => ({ ...one, name: one.name.replace("fc2", "y.b") })),
      ),
    )
    expect(await message(loadWeights(network(), file))).toMatch(
      /fc2\/kernel +\[5, 5\] +<- +fits y\.a, y\.b: which\?/,
    )
    expect((await loadWeights(network(), file, { map: { fc2: "y.b" } })).from["fc2/bias"]).toBe("y.b.bias")
    expect(
      (await loadWeights(network(), file, { map: { "fc2/kernel": "y.a.weight", "fc2/bias": "y.b.bias" } }))
        .unused,
    ).toEqual(["y.a.bias", "y.b.weight"])
    expect((await loadWeights(network(), file, { partial: true })).kept).toEqual(["fc2/kernel", "fc2/bias"])
    expect(await message(loadWeights(network(), file, { map: { fcc2: "y.a" } }))).toMatch(
      /`fcc2`, which the model does not have.*Did you mean `fc2`/,
    )
  })

  test("a file that is cut off says so", async () => {
    writeFileSync(join(folder, "cut.safetensors"), toSafetensors(stateDict).subarray(0, 900))
    expect(await message(loadWeights(network(), join(folder, "cut.safetensors")))).toMatch(/is cut off/)
  })
})
