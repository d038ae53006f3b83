// What the tests of compression share: tensors and graphs run on onnxruntime, and files read back.

import { fromBinary } from "@bufbuild/protobuf"
import { exportModel } from "../../kernel/src/compress/export/exportModel.js"
import { openSession } from "../../kernel/src/compress/runtime/Session.js"
import { type ModelProto, ModelProtoSchema } from "../../kernel/src/onnx/gen/onnx_pb.js"
import { writeModel } from "../../kernel/src/onnx/writeModel.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Tensor = import("@tensorflow/tfjs").Tensor

export interface Values {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** What onnxruntime makes of the model's file. */
export async function onOnnx(model: LayersModel, inputs: readonly Values[]): Promise<Values[]> {
  const graph = await exportModel(model)
  return run(writeModel(graph), inputs)
}

/** Inputs and outputs in the order of the file. */
export async function run(bytes: Uint8Array, inputs: readonly Values[]): Promise<Values[]> {
  const { graph } = readModel(bytes)
  const session = await openSession(bytes, { threads: 1 })
  try {
    const names = graph!.input.map(input => input.name)
    const feeds = Object.fromEntries(names.map((name, i) => [name, inputs[i]!]))
    const outputs = await session.run(feeds)
    return graph!.output.map(output => outputs.get(output.name)!)
  } finally {
    await session.close()
  }
}

export function readModel(bytes: Uint8Array): ModelProto {
  return fromBinary(ModelProtoSchema, bytes)
}

export function valuesOf(tensor: Tensor): Values {
  return { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) }
}

/** Largest difference, in units of the largest number wanted or 1. */
export function distance(wanted: Values, found: Values): number {
  if (wanted.data.length !== found.data.length) return Infinity
  let [worst, largest] = [0, 1]
  for (const [i, value] of wanted.data.entries()) {
    worst = Math.max(worst, Math.abs(value - found.data[i]!))
    largest = Math.max(largest, Math.abs(value))
  }
  return Number.isNaN(worst) ? Infinity : worst / largest
}
