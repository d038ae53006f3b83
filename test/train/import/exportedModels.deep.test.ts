// Every model of tables, quantised network and reader of sequences in test/vectors/onnx_models.py, equal to onnxruntime.
import { beforeAll, expect, test } from "vitest"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { xla } from "../onXla.js"
import { compared, exportedModels } from "./exportedModels.js"

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

test.each(exportedModels)("%s", async name => {
  const { off } = await compared(tf, name)
  expect(off.length).toBeGreaterThan(0)
  expect(Math.max(...off)).toBeLessThan(1e-5)
})
