// `loadModel`: a network from a file of any kind that can be one, told by what is in it and not by its name. The kinds that
// cannot be read say what they are and how to come from there to one that can.

import { checkOptions, fail } from "../../errors.js"
import { externalFiles, parseModel, readGraph } from "../../onnx/readModel.js"
import { ensureBackend } from "../backend.js"
import { loadTf } from "../tf.js"
import { beside, modelFileAt, readBytes } from "./files.js"
import { isKeras, readKeras } from "./keras.js"
import { type ImportOptions, importGraph } from "./onnx/importGraph.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

export type LoadModelOptions = Pick<ImportOptions, "inputShape" | "channels">

/**
 * A trained network as a `tf.LayersModel` that predicts, trains and compresses like one made here. From a path or any store
 * address: a Keras layers model of TensorFlow.js (`model.json` and its shards), or ONNX (`.onnx`). Images go in as
 * `[rows, height, width, channels]`. `inputShape` fixes lengths of a row that an ONNX file leaves open.
 * A TensorFlow SavedModel becomes ONNX first: `python -m tf2onnx.convert --saved-model FOLDER --output model.onnx --opset 17`.
 *
 * @throws MODEL_FILE for what is no such file, ONNX_OPERATOR with the node, ONNX_INPUT, FILE_MISSING.
 * @example const base = await loadModel("mobilenet.onnx", { inputShape: [224, 224, 3] })
 */
export async function loadModel(path: string, options: LoadModelOptions = {}): Promise<LayersModel> {
  checkOptions("loadModel", options, ["inputShape", "channels"])
  await ensureBackend()
  const file = await modelFileAt(path)
  const bytes = await readBytes(file)
  const refused = whatElse(bytes, file)
  if (refused !== undefined) throw fail("MODEL_FILE", { path: file, ...refused })
  if (isKeras(bytes)) return readKeras(loadTf(), bytes, file)
  const model = parseModel(bytes)
  if (model === undefined) {
    const fix = "Give a model.json of TensorFlow.js or an .onnx file."
    throw fail("MODEL_FILE", { path: file, problem: "it is neither a Keras layers model nor ONNX", fix })
  }
  const outside = externalFiles(model).map(async name => [name, await readBytes(beside(file, name))] as const)
  const complain = (problem: string) =>
    fail("MODEL_FILE", { path: file, problem, fix: "Export it again, with its weights as 32-bit floats." })
  const graph = readGraph(model, new Map(await Promise.all(outside)), complain)
  return importGraph(loadTf(), graph, file, options)
}

interface Refusal {
  readonly problem: string
  readonly fix: string
}

const starts = (bytes: Uint8Array, text: string) =>
  Buffer.from(bytes.subarray(0, text.length)).toString("latin1") === text

/** Other formats of networks, by their first bytes. */
function whatElse(bytes: Uint8Array, file: string): Refusal | undefined {
  if (starts(bytes, "PK\x03\x04"))
    return {
      problem: file.endsWith(".keras")
        ? "it is a Keras 3 archive"
        : "it is a zip archive, as torch.save makes one",
      fix: file.endsWith(".keras")
        ? "Write it as ONNX in Python: model.export(path, format='onnx')."
        : "In Python: torch.onnx.export(model, ...) for the whole network, or safetensors.torch.save_file(model.state_dict(), path) for its weights, which `loadWeights` reads.",
    }
  if (starts(bytes, "\x89HDF"))
    return {
      problem: "it is an HDF5 file of Keras",
      fix: "Write it as ONNX, or in Python: tensorflowjs_converter --input_format keras.",
    }
  if (isSafetensors(bytes))
    return {
      problem: "it holds weights and no network (safetensors)",
      fix: `Build the model, then: await loadWeights(model, "${file}").`,
    }
  if (file.endsWith("saved_model.pb"))
    return {
      problem: "it is a TensorFlow SavedModel",
      fix: "Write it as ONNX: python -m tf2onnx.convert --saved-model FOLDER --output model.onnx",
    }
  return undefined
}

/** Eight bytes of the header's length, then JSON. */
export function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false
  return Number(Buffer.from(bytes.buffer, bytes.byteOffset, 8).readBigUInt64LE()) + 8 <= bytes.length
}
