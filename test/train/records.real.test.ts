// Records of runs in a folder, by its files: what MLflow's file store reads. The real MLflow reads them in mlflow.deep.test.ts.
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { displaySymbol } from "../../kernel/src/display.js"
import { beginCell, cellSignal, interruptCell } from "../../kernel/src/interrupt.js"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import { stopTrainingOn } from "../../kernel/src/train/interruption.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import type { TrainOptions } from "../../kernel/src/train/trainOptions.js"
import { xla } from "./onXla.js"

let tf: Tf
const folder = mkdtempSync(join(tmpdir(), "shardlab-records-"))
beforeAll(async () => {
  tf = await xla()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function model() {
  const made = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1, name: "line" })] })
  made.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" })
  return made
}
const a = Float32Array.from({ length: 64 }, (_, i) => Math.cos(i))
const options = (root: string, more: Partial<TrainOptions> = {}): TrainOptions => ({
  data: fromColumns({ a, b: a.map(Math.sin), y: a.map(value => 2 * value) }),
  label: "y",
  batchSize: 16,
  epochs: 3,
  normalise: "standard",
  record: join(folder, root),
  ...more,
})

/** `name: value` lines as an object; the files hold nothing deeper. */
const yaml = (path: string) =>
  Object.fromEntries(
    readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map(line => /^(\w+): (.*)$/.exec(line)!.slice(1)),
  )
const points = (path: string) =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map(line => line.split(" ").map(Number))

test("one run: what it was given, its curve by step and by epoch, where it comes from, the model", async () => {
  const made = model()
  const record = { to: join(folder, "one"), experiment: "it's digits", name: "first", tags: { team: "a" } }
  const run = await train(made, options("one", { record, validationSplit: 0.25, clip: { norm: 1 }, seed: 7 }))
  const { id, place } = run.recordedAt!
  expect(run[displaySymbol]()["text/plain"]).toContain(`recorded: ${place}`)
  const [experiment] = readdirSync(join(folder, "one"))
  expect(experiment).toMatch(/^\d{18}$/)
  expect(place).toBe(join(folder, "one", experiment!, id))
  expect(yaml(join(folder, "one", experiment!, "meta.yaml"))).toMatchObject({
    name: "'it''s digits'",
    experiment_id: `'${experiment}'`,
    lifecycle_stage: "'active'",
  })
  const meta = yaml(join(place, "meta.yaml"))
  expect(meta).toMatchObject({ run_id: `'${id}'`, run_uuid: `'${id}'`, run_name: "'first'", status: "3" })
  expect(meta.artifact_uri).toBe(`'file://${place}/artifacts'`)
  expect(Number(meta.end_time)).toBeGreaterThanOrEqual(Number(meta.start_time))

  const steps = points(join(place, "metrics/loss"))
  expect(steps.map(([, , step]) => step)).toEqual(Array.from({ length: run.steps }, (_, i) => i + 1))
  const epochs = points(join(place, "metrics/epoch_loss"))
  expect(epochs.map(([, value]) => value)).toEqual(run.history.loss)
  expect(points(join(place, "metrics/val_loss")).map(([, value]) => value)).toEqual(run.history.val_loss)
  expect(points(join(place, "metrics/learning_rate"))[0]![1]).toBe(0.1)

  const param = (name: string) => readFileSync(join(place, "params", name), "utf8")
  expect(param("optimizer")).toBe("SGD")
  expect(param("clip")).toBe('{"norm":1}')
  expect([param("seed"), param("epochs"), param("features"), param("parameters")]).toEqual([
    "7",
    "3",
    "a, b",
    "3",
  ])
  expect(readdirSync(join(place, "params"))).not.toContain("data")
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim()
  expect(readFileSync(join(place, "tags/mlflow.source.git.commit"), "utf8")).toBe(commit)
  expect(readFileSync(join(place, "tags/team"), "utf8")).toBe("a")

  const files = join(place, "artifacts/model")
  const json = JSON.parse(readFileSync(join(files, "model.json"), "utf8"))
  const again = await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0].weights,
      weightData: new Uint8Array(readFileSync(join(files, "weights.bin"))).buffer,
    }),
  )
  expect(again.getWeights().map(weight => [...weight.dataSync()])).toEqual(
    made.getWeights().map(weight => [...weight.dataSync()]),
  )
  const recipe = JSON.parse(readFileSync(join(files, "recipe.json"), "utf8"))
  expect(recipe.normalisation.mean).toEqual([...run.normalisation!.mean])
})

test("runs of one experiment lie beside each other; without a name it is MLflow's default", async () => {
  await train(model(), options("two", { epochs: 1 }))
  await train(model(), options("two", { epochs: 1, record: { to: join(folder, "two"), model: false } }))
  expect(readdirSync(join(folder, "two"))).toEqual(["0"])
  expect(readdirSync(join(folder, "two/0")).filter(name => /^[0-9a-f]{32}$/.test(name))).toHaveLength(2)
})

test("a failed run and an interrupted one are recorded as that", async () => {
  stopTrainingOn(cellSignal)
  beginCell()
  const statusOf = (root: string) => {
    const base = join(folder, root, "0")
    const [id] = readdirSync(base).filter(name => name !== "meta.yaml")
    return yaml(join(base, id!, "meta.yaml")).status
  }
  const wild = model()
  wild.compile({ optimizer: tf.train.sgd(1e30), loss: "meanSquaredError" })
  await expect(train(wild, options("failed", { epochs: 40 }))).rejects.toMatchObject({
    code: "LOSS_NOT_FINITE",
  })
  expect(statusOf("failed")).toBe("4")
  const callbacks = { onEpochEnd: async () => interruptCell() }
  await expect(train(model(), options("killed", { callbacks }))).rejects.toThrow("interrupted")
  expect(statusOf("killed")).toBe("5")
  beginCell()
})

test("a long run records no more points than a curve shows", async () => {
  const run = await train(model(), options("long", { epochs: 550 }))
  expect(run.steps).toBe(2200)
  const found = points(join(run.recordedAt!.place, "metrics/loss")).length
  expect(found).toBeGreaterThan(1000)
  expect(found).toBeLessThanOrEqual(2000)
})

test("a place that takes nothing is said before the training; one that stops to is said once and costs no step", async () => {
  writeFileSync(join(folder, "file"), "")
  const untouched = model()
  const before = [...untouched.getWeights()[0]!.dataSync()]
  await expect(train(untouched, options("file/in"))).rejects.toMatchObject({ code: "RECORD_FAILED" })
  expect([...untouched.getWeights()[0]!.dataSync()]).toEqual(before)
  const closed = await new Promise<number>(done => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number }
      server.close(() => done(port))
    })
  })
  const nobody = options("x", { record: `http://user:secret@127.0.0.1:${closed}` })
  const error = await train(model(), nobody).catch(reason => reason)
  expect(error.message).toMatch(
    /cannot be recorded at http:\/\/127.0.0.1:\d+: it does not answer \(ECONNREFUSED\)/,
  )
  expect(error.message).not.toContain("secret")

  const said = vi.spyOn(console, "log").mockImplementation(() => {})
  const gone = {
    onEpochBegin: async (epoch: number) => {
      if (epoch !== 1) return
      rmSync(join(folder, "gone"), { recursive: true })
      writeFileSync(join(folder, "gone"), "")
    },
  }
  const run = await train(model(), options("gone", { callbacks: gone }))
  expect(run.epochs).toBe(3)
  const lines = said.mock.calls.map(([line]) => String(line))
  expect(lines.filter(line => line.startsWith("The training goes on, but:"))).toHaveLength(1)
  expect(lines.at(-1)).toMatch(/numbers of the run were not recorded/)
  said.mockRestore()
  expect(existsSync(join(folder, "gone/0"))).toBe(false)
})

test.each([
  [{ record: "" }, /`record` is without a place/],
  [{ record: { too: "x" } as never }, /no option `too`.*Did you mean `to`/],
])("%j is refused", async (more, message) => {
  await expect(train(model(), options("bad", more))).rejects.toThrow(message)
})
