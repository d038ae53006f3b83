// A model of each kind that exporters write, equal to onnxruntime on the same file; all of them: exportedModels.deep.test.ts.
import { beforeAll, expect, test } from "vitest"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { xla } from "../onXla.js"
import { compared } from "./exportedModels.js"

let tf: Tf
beforeAll(async () => {
  tf = await xla()
})

test.each(["forest_texts", "logistic_three", "quantised_operators", "recurrent"])("%s", async name => {
  const { off } = await compared(tf, name)
  expect(off.length).toBeGreaterThan(0)
  expect(Math.max(...off)).toBeLessThan(1e-5)
})
