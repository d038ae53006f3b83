// Records of runs as the real MLflow sees them: its file store reads the folder, its own migration takes it whole, and a
// tracking server (SQLite, artifact proxy) receives the same run by REST.
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { fromColumns } from "../../kernel/src/train/feed/BatchSource.js"
import type { Tf } from "../../kernel/src/train/tf.js"
import { train } from "../../kernel/src/train/train.js"
import { answers, freePort, startService } from "../services/service.mjs"
import { xla } from "./onXla.js"

const version = "3.17.2"
/** Never the synchronous form: a silent minute inside a test passes for a dead worker. */
const call = promisify(execFile)
let tf: Tf
let bin: string
const folder = mkdtempSync(join(tmpdir(), "shardlab-mlflow-"))
beforeAll(async () => {
  tf = await xla()
  bin = join(folder, "venv/bin")
  await call("python3", ["-m", "venv", join(folder, "venv")])
  await call(join(bin, "pip"), ["install", "--quiet", `mlflow==${version}`])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const a = Float32Array.from({ length: 64 }, (_, i) => Math.cos(i))
async function recorded(to: string) {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] })
  model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" })
  return train(model, {
    data: fromColumns({ a, b: a.map(Math.sin), y: a.map(value => 2 * value) }),
    label: "y",
    batchSize: 16,
    epochs: 3,
    validationSplit: 0.25,
    record: { to, experiment: "it's: digits", name: "first", tags: { team: "a" } },
  })
}

interface Read {
  readonly experiment: string
  readonly status: string
  readonly name: string
  readonly losses: readonly (readonly [number, number])[]
  readonly metrics: Readonly<Record<string, number>>
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly files: readonly string[]
  readonly weights: number
}

/** What MLflow's own client says of the only run there. */
async function readBy(uri: string): Promise<Read> {
  const program = `
import json, os, mlflow
client = mlflow.MlflowClient()
[experiment] = [e for e in client.search_experiments() if e.name != "Default"]
[run] = client.search_runs([experiment.experiment_id])
id = run.info.run_id
path = client.download_artifacts(id, "model/weights.bin")
print(json.dumps({
  "experiment": experiment.name, "status": run.info.status, "name": run.info.run_name,
  "losses": [[m.step, m.value] for m in client.get_metric_history(id, "loss")],
  "metrics": run.data.metrics, "params": run.data.params, "tags": run.data.tags,
  "files": sorted(f.path for f in client.list_artifacts(id, "model")), "weights": os.path.getsize(path),
}))`
  const env = { ...process.env, MLFLOW_TRACKING_URI: uri, MLFLOW_ALLOW_FILE_STORE: "true" }
  return JSON.parse((await call(join(bin, "python"), ["-c", program], { env })).stdout) as Read
}

function check(read: Read, run: Awaited<ReturnType<typeof recorded>>) {
  expect(read).toMatchObject({ experiment: "it's: digits", status: "FINISHED", name: "first", weights: 12 })
  expect(read.losses.map(([step]) => step)).toEqual(Array.from({ length: run.steps }, (_, i) => i + 1))
  expect(read.metrics.epoch_loss).toBeCloseTo(run.history.loss!.at(-1)!, 12)
  expect(read.metrics.val_loss).toBeCloseTo(run.history.val_loss!.at(-1)!, 12)
  expect(read.params).toMatchObject({ optimizer: "SGD", batchSize: "16", epochs: "3", features: "a, b" })
  expect(read.tags).toMatchObject({ team: "a", "mlflow.runName": "first" })
  expect(read.tags["mlflow.source.git.commit"]).toMatch(/^[0-9a-f]{40}$/)
  expect(read.files).toEqual(["model/model.json", "model/recipe.json", "model/weights.bin"])
}

test("the file store reads a recorded folder, and the migration to a database takes all of it", async () => {
  const root = join(folder, "mlruns")
  const run = await recorded(root)
  check(await readBy(`file://${root}`), run)
  const database = `sqlite:///${join(folder, "migrated.db")}`
  const env = { ...process.env, MLFLOW_ALLOW_FILE_STORE: "true" }
  await call(join(bin, "mlflow"), ["migrate-filestore", "--source", root, "--target", database], { env })
  check(await readBy(database), run)
})

test("a tracking server receives the run and its files", async () => {
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const server = await startService(
    join(bin, "mlflow"),
    [
      ...["server", "--host", "127.0.0.1", "--port", String(port), "--workers", "1"],
      ...["--backend-store-uri", `sqlite:///${join(folder, "server.db")}`],
      ...["--artifacts-destination", join(folder, "artifacts")],
    ],
    { ready: () => answers(`${address}/health`), cwd: folder, seconds: 180 },
  )
  try {
    const run = await recorded(address)
    expect(run.recordedAt!.place).toContain(`${address}/#/experiments/`)
    check(await readBy(address), run)
  } finally {
    await server.stop()
  }
})
