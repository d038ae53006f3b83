// A network that a package ships: equal to onnxruntime on it, with another task learnt by its first layers.
import { beforeAll, expect, test } from "vitest"
import { loadModel } from "../../../kernel/src/train/import/loadModel.js"
import { stepCounts } from "../../../kernel/src/train/patches/loops.js"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { train } from "../../../kernel/src/train/train.js"
import { withHead } from "../../../kernel/src/train/transfer/withHead.js"
import { xla } from "../onXla.js"
import { differenceToRuntime, ocrModel, rowsFor } from "./realModels.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

let tf: Tf
let base: LayersModel
const file = ocrModel("ch_ppocr_mobile_v2.0_cls_infer.onnx")
beforeAll(async () => {
  tf = await xla()
  base = await loadModel(file, { inputShape: [48, 48, 3] })
})

test("PP-OCR's text direction classifier gives what onnxruntime gives, from layers of TensorFlow.js", async () => {
  const kinds = base.layers.map(layer => layer.getClassName())
  for (const [kind, count] of [
    ["Conv2D", 42],
    ["DepthwiseConv2D", 11],
    ["BatchNormalization", 35],
    ["Dense", 1],
  ] as const)
    expect(kinds.filter(one => one === kind).length, kind).toBe(count)
  // One order of axes within: no transpose.
  expect(kinds).not.toContain("Permute")
  expect(await differenceToRuntime(tf, file, base, rowsFor(tf, [2, 48, 48, 3], "float32"))).toBeLessThan(1e-5)
})

test("its first layers learn to tell upright stripes from lying ones, on captured steps", async () => {
  const model = withHead(base, { classes: 2, cut: "p2o.Div.0", freeze: false })
  const rows = Array.from({ length: 64 }, (_, i) =>
    Array.from({ length: 48 * 48 }, (_, p) =>
      Math.sin((i % 2 ? p % 48 : Math.floor(p / 48)) * (0.8 + i / 64) + i),
    ),
  )
  const x = tf.tile(tf.tensor4d(Float32Array.from(rows.flat()), [64, 48, 48, 1]), [1, 1, 1, 3])
  const y = tf.tensor2d(
    rows.map((_, i) => i % 2),
    [64, 1],
  )
  const before = [...model.getLayer("p2o.Conv.0").getWeights()[0]!.dataSync()]
  const run = await train(model, {
    data: { x, y },
    batchSize: 16,
    epochs: 8,
    layerRates: { "p2o.*": 0.5 },
    optimizer: tf.train.adam(5e-2),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  })
  expect(run.history.acc!.at(-1)!).toBeGreaterThan(0.9)
  expect([...model.getLayer("p2o.Conv.0").getWeights()[0]!.dataSync()]).not.toEqual(before)
  expect(stepCounts(model).replayed).toBeGreaterThan(20)
})
