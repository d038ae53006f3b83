// A run's record as MLflow keeps it in a local folder: `<root>/<experiment>/<run>/{meta.yaml,metrics,params,tags,artifacts}`.
// `mlflow ui --backend-store-uri <root>` shows it. Values are written as MLflow's FileStore reads them back.

import { randomBytes, randomUUID } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { appendFile, mkdir, rename, writeFile } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { RecordBatch, RunBegin, RunStatus, RunStore } from "./RunStore.js"

/** MLflow's numbers of what a run can be. */
const statuses = { RUNNING: 1, FINISHED: 3, FAILED: 4, KILLED: 5 } as const

export async function openFolder(root: string, begin: RunBegin): Promise<RunStore> {
  const base = resolve(root)
  const experiment = findExperiment(base, begin.experiment) ?? (await makeExperiment(base, begin))
  const id = randomUUID().replaceAll("-", "")
  const place = join(base, experiment, id)
  for (const name of ["metrics", "params", "tags", "artifacts"])
    await mkdir(join(place, name), { recursive: true })
  const meta = (status: keyof typeof statuses, ended: number | undefined) =>
    replaceFile(
      join(place, "meta.yaml"),
      yaml({
        artifact_uri: `${pathToFileURL(place).href}/artifacts`,
        end_time: ended ?? null,
        entry_point_name: "",
        experiment_id: experiment,
        lifecycle_stage: "active",
        run_id: id,
        run_name: begin.name,
        run_uuid: id,
        source_name: "",
        source_type: 4,
        source_version: "",
        start_time: begin.at,
        status: statuses[status],
        tags: [],
        user_id: begin.user,
      }),
    )
  await meta("RUNNING", undefined)
  await writeBatch(place, { tags: { "mlflow.runName": begin.name, ...begin.tags } })
  return {
    id,
    place,
    write: batch => writeBatch(place, batch),
    async artifact(path, bytes) {
      const file = join(place, "artifacts", path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, bytes)
    },
    end: (status: RunStatus, at) => meta(status, at),
  }
}

async function writeBatch(
  place: string,
  { metrics = [], params = {}, tags = {} }: RecordBatch,
): Promise<void> {
  const lines = new Map<string, string>()
  for (const { name, at, value, step } of metrics)
    lines.set(name, `${lines.get(name) ?? ""}${at} ${value} ${step}\n`)
  for (const [name, text] of lines) await appendFile(join(place, "metrics", name), text)
  for (const [name, value] of Object.entries(params)) await writeFile(join(place, "params", name), value)
  for (const [name, value] of Object.entries(tags)) await writeFile(join(place, "tags", name), value)
}

function findExperiment(base: string, name: string): string | undefined {
  if (!existsSync(base)) return undefined
  const line = yaml({ name }).trim()
  return readdirSync(base).find(id => {
    const meta = join(base, id, "meta.yaml")
    if (!existsSync(meta)) return false
    const lines = readFileSync(meta, "utf8").split("\n")
    // MLflow itself writes names without quotes where it can.
    return lines.some(found => found === line || found === `name: ${name}`)
  })
}

/** Made with `wx`: of two runs that begin at once, both find the same default experiment. */
async function makeExperiment(base: string, { experiment, at }: RunBegin): Promise<string> {
  const id = experiment === "Default" ? "0" : eighteenDigits()
  const place = join(base, id)
  await mkdir(place, { recursive: true })
  const text = yaml({
    artifact_location: pathToFileURL(place).href,
    creation_time: at,
    experiment_id: id,
    last_update_time: at,
    lifecycle_stage: "active",
    name: experiment,
  })
  await writeFile(join(place, "meta.yaml"), text, { flag: "wx" }).catch(error => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  })
  return id
}

function eighteenDigits(): string {
  return (
    String(1 + (randomBytes(1)[0]! % 9)) +
    BigInt(`0x${randomBytes(9).toString("hex")}`)
      .toString()
      .padStart(17, "0")
      .slice(-17)
  )
}

type Scalar = string | number | null | readonly never[]

/** Flat YAML: texts in single quotes, which YAML doubles inside. */
function yaml(entries: Readonly<Record<string, Scalar>>): string {
  const text = (value: Scalar) =>
    typeof value === "string"
      ? `'${value.replaceAll("'", "''")}'`
      : value === null
        ? "null"
        : JSON.stringify(value)
  return Object.entries(entries)
    .map(([name, value]) => `${name}: ${text(value)}\n`)
    .join("")
}

/** Whoever reads meanwhile sees the one or the other. */
async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text)
  await rename(`${path}.part`, path)
}
