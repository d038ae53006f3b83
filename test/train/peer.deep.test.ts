// The peer for real: tfjs-node 4.22 with TensorFlow 2.15 from PyPI in place of its download, compiled here, and used by
// `tf.setBackend("tensorflow")` beside xla.
import { execFile, execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "shardlab-tfjs-node-"))
const lib = new URL("../../kernel/lib/", import.meta.url).href

beforeAll(() => {
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, stdio: "pipe" })
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "peer", version: "1.0.0" }))
  // Its install script wants a bucket that is no registry.
  const packages = ["@tensorflow/tfjs-node@4.22.0", "node-api-headers@1.9.0"]
  run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages)
  run("python3", "-m", "pip", "download", "-q", "--no-deps", "-d", "wheel", "tensorflow-cpu==2.15.1")
  const parts = [
    "include/tensorflow/*",
    "include/tsl/*",
    "libtensorflow_cc.so.2",
    "libtensorflow_framework.so.2",
  ]
  const wheel = execFileSync("ls", ["wheel"], { cwd: folder, encoding: "utf8" }).trim()
  run("unzip", "-qo", join("wheel", wheel), ...parts.map(part => `tensorflow/${part}`), "-d", "tf")
  const place = join(folder, "node_modules/@tensorflow/tfjs-node")
  const libraries = join(place, "deps/lib")
  for (const made of [libraries, join(place, "lib/napi-v8")]) mkdirSync(made, { recursive: true })
  for (const name of ["cc", "framework"]) {
    symlinkSync(
      join(folder, `tf/tensorflow/libtensorflow_${name}.so.2`),
      join(libraries, `libtensorflow_${name}.so.2`),
    )
    symlinkSync(`libtensorflow_${name}.so.2`, join(libraries, `libtensorflow_${name}.so`))
  }
  symlinkSync("../deps", join(place, "lib/deps"))
  const includes = ["node_modules/node-api-headers/include", place, "tf/tensorflow/include"].map(
    path => `-I${path}`,
  )
  const sources = ["tfjs_backend.cc", "tfjs_binding.cc"].map(file => join(place, "binding", file))
  const flags = [
    "-std=c++17",
    "-O1",
    "-fPIC",
    "-shared",
    "-DNAPI_VERSION=8",
    "-Wl,-rpath,$ORIGIN/../deps/lib",
  ]
  const link = [`-L${libraries}`, "-ltensorflow_cc", "-ltensorflow_framework"]
  run("g++", ...flags, ...includes, ...sources, "-o", join(place, "lib/napi-v8/tfjs_binding.node"), ...link)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const node = (...args: string[]) =>
  promisify(execFile)(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" },
  })

test("the same model trains on xla, then on TensorFlow's own backend, to the same weights", async () => {
  const program = `import { tf } from "${lib}index.js"
const losses = async backend => {
  await tf.setBackend(backend)
  const init = seed => tf.initializers.glorotUniform({ seed })
  const model = tf.sequential({ layers: [
    tf.layers.dense({ units: 8, inputShape: [4], activation: "relu", kernelInitializer: init(1) }),
    tf.layers.dense({ units: 1, kernelInitializer: init(2) }),
  ] })
  model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" })
  const x = tf.randomNormal([64, 4], 0, 1, "float32", 3)
  const { history } = await model.fit(x, tf.sum(x, 1, true), { epochs: 3, batchSize: 16, shuffle: false, verbose: 0 })
  return { backend: tf.getBackend(), losses: history.loss }
}
const moved = tf.tensor([1, 2, 3])
const onXla = await losses("xla")
const onTensorFlow = await losses("tensorflow")
console.log("RESULT", JSON.stringify({ onXla, onTensorFlow, moved: [...moved.add(1).dataSync()] }))
await tf.setBackend("xla")
console.log("BACK", [...moved.add(2).dataSync()].join())`
  const { stdout, stderr } = await node("--input-type=module", "-e", program)
  expect(stderr).toBe("")
  const { onXla, onTensorFlow, moved } = JSON.parse(/RESULT (.*)/.exec(stdout)![1]!)
  expect([onXla.backend, onTensorFlow.backend]).toEqual(["xla", "tensorflow"])
  for (const [i, loss] of onXla.losses.entries()) expect(onTensorFlow.losses[i]).toBeCloseTo(loss, 4)
  expect(moved).toEqual([2, 3, 4])
  expect(stdout).toContain("BACK 3,4,5")
})

test("doctor says that it works", async () => {
  const { stdout } = await node(fileURLToPath(new URL("main.js", lib)), "doctor")
  expect(stdout).toMatch(/^@tensorflow\/tfjs-node 4\.22\.0: works on Node \d+\.\d+\.\d+ /m)
})
