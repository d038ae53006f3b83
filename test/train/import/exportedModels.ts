// Models as the usual exporters write them (test/vectors/onnx_models.py), and how far an import is from onnxruntime on the
// same file and rows.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { loadRuntime } from "../../../kernel/src/compress/runtime/loadRuntime.js"
import { loadModel } from "../../../kernel/src/train/import/loadModel.js"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { difference } from "../onXla.js"

type Tensor = import("@tensorflow/tfjs").Tensor

interface Exported extends Rows {
  readonly model: string
}

interface Rows {
  readonly type: "float32" | "int32"
  readonly shape: readonly number[]
  /** Null for a number that is missing. */
  readonly rows: readonly (number | null)[]
}

const models = JSON.parse(
  gunzipSync(readFileSync(join(import.meta.dirname, "../../vectors/onnx_models.json.gz"))).toString(),
) as Record<string, Exported>
const folder = mkdtempSync(join(tmpdir(), "shardlab-exported-"))

export const exportedModels = Object.keys(models)

/** The file of a model, and how far its import is from onnxruntime: by output, the largest difference. */
export async function compared(tf: Tf, name: string): Promise<{ file: string; off: number[] }> {
  return comparedBytes(tf, name, Buffer.from(models[name]!.model, "base64"), models[name]!)
}

/** The same for the bytes of a file. */
export async function comparedBytes(
  tf: Tf,
  name: string,
  bytes: Uint8Array,
  { type, shape, rows }: Rows,
): Promise<{ file: string; off: number[] }> {
  const file = join(folder, `${name}.onnx`)
  writeFileSync(file, bytes)
  const wanted = await onRuntime(file, type, shape, rows)
  const net = await loadModel(file)
  const given = tf.tensor(
    rows.map(value => value ?? Number.NaN),
    [...shape],
    type,
  )
  const x = shape.length === 4 ? tf.transpose(given, [0, 2, 3, 1]) : given
  const found = [net.predict(x)].flat() as Tensor[]
  const off = found.map((tensor, i) => difference(wanted[i]!, Array.from(tensor.dataSync())))
  return { file, off }
}

async function onRuntime(
  file: string,
  type: "float32" | "int32",
  shape: readonly number[],
  rows: readonly (number | null)[],
): Promise<number[][]> {
  const { InferenceSession, Tensor: OrtTensor } = loadRuntime()
  const session = await InferenceSession.create(readFileSync(file), {
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
  })
  const feed =
    type === "int32"
      ? new OrtTensor(
          "int64",
          BigInt64Array.from(rows, value => BigInt(value!)),
          shape,
        )
      : new OrtTensor(
          "float32",
          Float32Array.from(rows, value => value ?? Number.NaN),
          shape,
        )
  const results = await session.run({ [session.inputNames[0]!]: feed })
  const data = session.outputNames.map(name => results[name]!.data as ArrayLike<unknown>)
  await session.release()
  // A label that is a text is its place among the labels here, which are sorted.
  return data.map(values => {
    const own = Array.from(values)
    if (typeof own[0] !== "string") return own.map(Number)
    const labels = [...new Set(own)].sort()
    return own.map(label => labels.indexOf(label))
  })
}
