// Models that lie in a bucket: a Keras layers model of several shards, ONNX with its weights in a file beside it, and
// weights alone, read from S3 as from a disk; what is missing is named by its address, and no secret is.
import { fromBinary, toBinary } from "@bufbuild/protobuf"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { Graph } from "../../../kernel/src/onnx/Graph.js"
import { ModelProtoSchema, TensorProto_DataLocation } from "../../../kernel/src/onnx/gen/onnx_pb.js"
import { writeModel } from "../../../kernel/src/onnx/writeModel.js"
import { storeFor } from "../../../kernel/src/store/registry.js"
import { stores } from "../../../kernel/src/store/settings.js"
import { loadModel } from "../../../kernel/src/train/import/loadModel.js"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { startMoto } from "../../services/objectStores.mjs"
import { difference, xla } from "../onXla.js"

type Tensor = import("@tensorflow/tfjs").Tensor

const secret = "secret-of-the-models"
let moto: Awaited<ReturnType<typeof startMoto>>
let tf: Tf

beforeAll(async () => {
  ;[moto, tf] = await Promise.all([startMoto(["models"]), xla()])
  stores.s3({ scope: "s3://models", keyId: "test-key", secret, endpoint: moto.endpoint, region: "us-east-1" })
}, 600_000)
afterAll(async () => {
  stores.clear()
  await moto?.stop()
})

const put = (name: string, bytes: Uint8Array | string) => {
  const uri = `s3://models/${name}`
  return storeFor(uri).put(uri, typeof bytes === "string" ? Buffer.from(bytes) : bytes)
}
const values = async (x: Tensor | Tensor[]) => Array.from(await (x as Tensor).data())

test("a Keras layers model and its shards", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [6, 6, 2], filters: 4, kernelSize: 3, activation: "relu" }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3 }),
    ],
  })
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const bytes = new Uint8Array(weightData as ArrayBuffer)
      // Cut where a weight is in two shards, as tfjs cuts them.
      const paths = ["group1-shard1of2.bin", "group1-shard2of2.bin"]
      const json = {
        format: "layers-model",
        modelTopology,
        weightsManifest: [{ paths, weights: weightSpecs }],
      }
      await put("keras/model.json", JSON.stringify(json))
      await put(`keras/${paths[0]}`, bytes.subarray(0, 101))
      await put(`keras/${paths[1]}`, bytes.subarray(101))
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } }
    }),
  )
  const x = tf.randomNormal([2, 6, 6, 2], 0, 1, "float32", 3)
  const wanted = await values(model.predict(x))
  for (const address of ["s3://models/keras/model.json", "s3://models/keras/", "s3://models/keras"]) {
    const loaded = await loadModel(address)
    expect(difference(wanted, await values(loaded.predict(x))), address).toBe(0)
  }
  await storeFor("s3://models/").remove("s3://models/keras/group1-shard2of2.bin")
  const error = await loadModel("s3://models/keras/").then(
    () => undefined,
    (problem: Error) => problem,
  )
  expect(error?.message).toContain("s3://models/keras/group1-shard2of2.bin")
  expect(error?.message).not.toContain(secret)
})

/** The numbers of the file's constants in another one. */
function withWeightsOutside(bytes: Uint8Array, location: string): { model: Uint8Array; weights: Uint8Array } {
  const model = fromBinary(ModelProtoSchema, bytes)
  const parts: Uint8Array[] = []
  let offset = 0
  for (const tensor of model.graph!.initializer) {
    const entries = { location, offset: `${offset}`, length: `${tensor.rawData.length}` }
    parts.push(tensor.rawData)
    offset += tensor.rawData.length
    tensor.rawData = new Uint8Array()
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL
    for (const [key, value] of Object.entries(entries))
      tensor.externalData.push({ $typeName: "onnx.StringStringEntryProto", key, value })
  }
  return { model: toBinary(ModelProtoSchema, model), weights: Buffer.concat(parts) }
}

test("an ONNX network with its weights in a file beside it", async () => {
  const graph: Graph = {
    name: "net",
    inputs: [{ name: "x", shape: ["batch", 4] }],
    outputs: [{ name: "y" }],
    nodes: [
      { op: "MatMul", name: "first", inputs: ["x", "w"], output: "h", attributes: {} },
      { op: "Add", name: "bias", inputs: ["h", "b"], output: "y", attributes: {} },
    ],
    constants: new Map([
      ["w", { shape: [4, 2], data: Float32Array.from({ length: 8 }, (_, i) => i - 3) }],
      ["b", { shape: [2], data: Float32Array.of(10, 20) }],
    ]),
  }
  const { model, weights } = withWeightsOutside(writeModel(graph), "net.data")
  await put("onnx/net.onnx", model)
  await put("onnx/net.data", weights)
  const loaded = await loadModel("s3://models/onnx/net.onnx")
  expect(await values(loaded.predict(tf.tensor2d([[1, 2, 3, 4]])))).toEqual([20, 40])
  await expect(loadModel("s3://models/onnx/nat.onnx")).rejects.toThrow(/net\.onnx/)
})
