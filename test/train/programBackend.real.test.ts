// `import "shardlab/backend"` in programs of their own: a folder with its own package.json and node_modules, run by Node.
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, expect, test } from "vitest"

const root = fileURLToPath(new URL("../../", import.meta.url))
const parts = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-layers"]
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A program's folder, with tfjs linked to ours, so that there is one, or copied, so that the program has its own. */
function program(type: "module" | "commonjs", tfjs: "linked" | "copied"): string {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-program-"))
  folders.push(folder)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "program", type }))
  mkdirSync(join(folder, "node_modules/@tensorflow"), { recursive: true })
  symlinkSync(join(root, "kernel"), join(folder, "node_modules/shardlab"))
  for (const name of parts) {
    const target = join(folder, "node_modules", name)
    if (tfjs === "linked") symlinkSync(join(root, "node_modules", name), target)
    else copyBundle(join(root, "node_modules", name), target)
  }
  if (tfjs === "copied") {
    for (const name of ["long", "node-fetch", "seedrandom"])
      symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name))
  }
  return folder
}

function copyBundle(from: string, to: string): void {
  const bundle = join("dist", `${from.endsWith("core") ? "tf-core" : "tf-layers"}.node.js`)
  mkdirSync(dirname(join(to, bundle)), { recursive: true })
  for (const file of ["package.json", bundle]) cpSync(join(from, file), join(to, file))
}

/** What the program prints as JSON; nothing may go to stderr. */
async function run(folder: string, file: string, text: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(folder, file), text)
  return new Promise<{ out: string; complaints: string }>(resolve => {
    const options = { cwd: tmpdir(), env: { ...process.env, ...env } }
    execFile(process.execPath, [join(folder, file)], options, (_, out, complaints) =>
      resolve({ out, complaints }),
    )
  })
}

const training = `
const model = layers.sequential({ layers: [
  layers.layers.dense({ units: 8, inputShape: [3], activation: "relu" }),
  layers.layers.dense({ units: 1 }),
] })
model.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" })
const x = tf.randomNormal([256, 3], 0, 1, "float32", 3)
const y = tf.sum(x, 1, true)
const run = async () => {
  const { history } = await model.fit(x, y, { epochs: 5, batchSize: 32, verbose: 0 })
  // A kernel that only tfjs's cpu backend has.
  const unique = Array.from(tf.unique(tf.tensor1d([1, 1, 2])).values.dataSync())
  const { compiles, runs, detours } = backendReport()
  precision("bf16")
  const narrow = tf.matMul(tf.tensor2d([[1 + 2 ** -10]]), tf.tensor2d([[1]])).dataSync()[0]
  console.log(JSON.stringify({ backend: tf.getBackend(), losses: history.loss, unique, compiles, runs, detours, narrow }))
}
`

const imports = `import { backendReport, precision } from "shardlab/backend"
import * as tf from "@tensorflow/tfjs-core"
import * as layers from "@tensorflow/tfjs-layers"
`

function expectTrained({ out, complaints }: { out: string; complaints: string }): void {
  expect(complaints).toBe("")
  const { backend, losses, unique, compiles, detours, narrow } = JSON.parse(out) as {
    backend: string
    losses: number[]
    unique: number[]
    compiles: number
    detours: object
    narrow: number
  }
  expect(backend).toBe("xla")
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2)
  expect(unique).toEqual([1, 2])
  expect(detours).toEqual({ Unique: 1 })
  // bf16 has 8 bits.
  expect(narrow).toBe(1)
  // 40 steps of one program: the patches of optimizers and of layers are there. Unpatched, an epoch is one program.
  expect(compiles).toBeLessThan(6)
}

test("an ES module trains on xla, with the one tfjs that it shares with us", async () => {
  expectTrained(await run(program("module", "linked"), "main.js", `${imports}${training}await run()`))
}, 60_000)

test("so does one with a copy of tfjs of its own: that copy is the one that is patched", async () => {
  expectTrained(await run(program("module", "copied"), "main.js", `${imports}${training}await run()`))
}, 60_000)

test("and CommonJS, where tfjs is loaded first", async () => {
  const text = `const tf = require("@tensorflow/tfjs-core")
const layers = require("@tensorflow/tfjs-layers")
const { backendReport, precision } = require("shardlab/backend")
${training}run()`
  expectTrained(await run(program("commonjs", "copied"), "main.js", text))
}, 60_000)

test("without a plugin the import fails and says what to install", async () => {
  const folder = program("module", "linked")
  const { complaints } = await run(folder, "main.js", imports, { SHARDLAB_PJRT_PLUGIN: "/nowhere.so" })
  expect(complaints).toContain("No XLA plugin was found. Looked at: /nowhere.so.")
  expect(complaints).toContain("pip install fastatomstruct-xla-cpu")
})
