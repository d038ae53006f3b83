// A Keras layers model in the format of TensorFlow.js: model.json with the layers and a list of weights, and shards of their
// bytes beside it. tfjs builds the layers and decodes the numbers; here each weight is checked by name and shape first.

import { didYouMean, fail } from "../../errors.js"
import type { Tf } from "../tf.js"
import { beside, readBytes } from "./files.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type NamedTensorMap = import("@tensorflow/tfjs").NamedTensorMap
type WeightSpec = import("@tensorflow/tfjs").io.WeightsManifestEntry

interface ModelJson {
  readonly format?: string
  readonly modelTopology?: object
  readonly weightsManifest?: readonly {
    readonly paths: readonly string[]
    readonly weights: readonly WeightSpec[]
  }[]
}

/** JSON begins with a brace. */
export function isKeras(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 64)).toString("utf8").trimStart().startsWith("{")
}

/** @throws MODEL_FILE: no layers model, a layer that tfjs lacks, weights that are missing or of another shape. */
export async function readKeras(tf: Tf, bytes: Uint8Array, file: string): Promise<LayersModel> {
  const wrong = (problem: string, fix: string, cause?: unknown) =>
    fail("MODEL_FILE", { path: file, problem, fix }, cause)
  const json = parse(bytes)
  if (json === undefined) throw wrong("it is JSON that is cut off", "Copy or export it again.")
  if (json.format === "graph-model")
    throw wrong(
      "it is a graph model of TensorFlow.js, whose layers are gone",
      "Export the network it was made from as a layers model (tensorflowjs_converter --output_format tfjs_layers_model), or as ONNX.",
    )
  if (json.modelTopology === undefined)
    throw wrong("it has no `modelTopology`", "Give the model.json of a layers model.")
  const specs = (json.weightsManifest ?? []).flatMap(({ weights }) => weights)
  const paths = (json.weightsManifest ?? []).flatMap(group => group.paths)
  const shards = await Promise.all(paths.map(name => readBytes(beside(file, name))))
  const model = await build(tf, json.modelTopology, wrong)
  const given = decode(tf, Buffer.concat(shards), specs, wrong)
  try {
    check(model, given, wrong)
    model.loadWeights(given)
    return model
  } finally {
    for (const tensor of Object.values(given)) tensor.dispose()
  }
}

type Wrong = (problem: string, fix: string, cause?: unknown) => Error

async function build(tf: Tf, modelTopology: object, wrong: Wrong): Promise<LayersModel> {
  try {
    return await tf.loadLayersModel({ load: async () => ({ modelTopology }) })
  } catch (error) {
    const problem = (error as Error).message.split(". ")[0]!
    const fix = "A layer of your own is made known with tf.serialization.registerClass before."
    throw wrong(`its layers cannot be made: ${problem}`, fix, error)
  }
}

function decode(tf: Tf, data: Uint8Array, specs: readonly WeightSpec[], wrong: Wrong): NamedTensorMap {
  const bytes = new Uint8Array(data)
  try {
    return tf.io.decodeWeights(bytes.buffer as ArrayBuffer, [...specs])
  } catch (error) {
    const problem = `the ${bytes.length.toLocaleString("en-US")} bytes of its shards are not the weights that it lists`
    throw wrong(problem, "Copy all the shards again: one is cut off or of another model.", error)
  }
}

interface Weight {
  readonly originalName: string
  readonly shape: readonly number[]
}

function check(model: LayersModel, given: NamedTensorMap, wrong: Wrong): void {
  const wanted = model.weights as unknown as readonly Weight[]
  const text = (shape: readonly number[]) => `[${shape.join(", ")}]`
  for (const { originalName: name, shape } of wanted) {
    const tensor = given[name]
    if (tensor === undefined) {
      const near = didYouMean(name, Object.keys(given))
      throw wrong(
        `weight \`${name}\` is not in its shards`,
        `They hold ${Object.keys(given).length} weights.${near}`,
      )
    }
    if (String(tensor.shape) !== String(shape))
      throw wrong(
        `weight \`${name}\` is ${text(tensor.shape)} in its shards, and the layer takes ${text(shape)}`,
        "Copy model.json and its shards from one export.",
      )
  }
}

function parse(bytes: Uint8Array): ModelJson | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as ModelJson
  } catch {
    return undefined
  }
}
