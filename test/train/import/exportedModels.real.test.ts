// A model of each kind that exporters write, equal to onnxruntime on the same file; all of them: exportedModels.deep.test.ts.
import { fromBinary, toBinary } from "@bufbuild/protobuf"
import { beforeAll, expect, test } from "vitest"
import { ModelProtoSchema } from "../../../kernel/src/onnx/gen/onnx_pb.js"
import { writeModel } from "../../../kernel/src/onnx/writeModel.js"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { xla } from "../onXla.js"
import { compared, comparedBytes } from "./exportedModels.js"

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

test.each(["forest_texts", "logistic_three", "quantised_operators", "recurrent"])("%s", async name => {
  const { off } = await compared(tf, name)
  expect(off.length).toBeGreaterThan(0)
  expect(Math.max(...off)).toBeLessThan(1e-5)
})

test("a root mean square norm over a sum, as onnxruntime's optimiser fuses it", async () => {
  const floats = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) })
  const model = fromBinary(
    ModelProtoSchema,
    writeModel({
      name: "skip",
      nodes: [
        { op: "Sin", name: "sin", inputs: ["x"], output: "skip", attributes: {} },
        {
          op: "SkipSimplifiedLayerNormalization",
          name: "norm",
          inputs: ["x", "skip", "scale", "bias"],
          output: "y",
          attributes: { epsilon: { float: 1e-3 } },
        },
      ],
      constants: new Map([
        ["scale", floats(1, 2, -0.5, 3)],
        ["bias", floats(0.5, 0, 1, -2)],
      ]),
      inputs: [{ name: "x", shape: [2, 3, 4] }],
      outputs: [{ name: "y", shape: [2, 3, 4] }],
    }),
  )
  model.graph!.node[1]!.domain = "com.microsoft"
  model.opsetImport.push({ ...model.opsetImport[0]!, domain: "com.microsoft", version: 1n })
  const rows = Array.from({ length: 24 }, (_, i) => Math.cos(i * 1.7) * 3)
  const of = { type: "float32", shape: [2, 3, 4], rows } as const
  const { off } = await comparedBytes(tf, "skip", toBinary(ModelProtoSchema, model), of)
  expect(off).toHaveLength(1)
  expect(off[0]).toBeLessThan(1e-5)
})
