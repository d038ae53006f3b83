// The training notebook under papermill, which drives the installed kernel (the tour runs in our own batch run too): a network that can read beats one that begins with nothing, two devices learn
// what one learns, and a run that was cut off ends as the one that was not.
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { beforeAll, expect, test } from "vitest"
import { type Notebook, sourceOf } from "../../kernel/lib/batch/notebook.js"
import { installedKernel } from "../services/jupyterFixture.js"

const root = resolve(import.meta.dirname, "../..")
let ran: { code: number | null; text: string; notebook: Notebook }

beforeAll(async () => {
  const output = join(mkdtempSync(join(tmpdir(), "shardlab-train-")), "train.ipynb")
  ran = await new Promise(done => {
    const { jupyterPath } = installedKernel()
    const args = [join(root, "notebooks/train.ipynb"), output, "-k", "shardlab"]
    const env = { ...process.env, JUPYTER_PATH: jupyterPath }
    const child = spawn(join(root, ".venv/bin/papermill"), args, { cwd: join(root, "notebooks"), env })
    let text = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", data => (text += data))
    child.once("close", code =>
      done({ code, text, notebook: JSON.parse(readFileSync(output, "utf8")) as Notebook }),
    )
  })
}, 600_000)

/** What the cell that holds `text` printed. */
function printed(text: string): string {
  const cell = ran.notebook.cells.find(one => one.cell_type === "code" && sourceOf(one).includes(text))
  return (cell?.outputs ?? [])
    .flatMap(output => (output.output_type === "stream" ? [output.text].flat() : []))
    .join("")
}

test("every cell ran, and nothing went to stderr", () => {
  expect(ran.code, ran.text.slice(-2000)).toBe(0)
  const outputs = ran.notebook.cells.flatMap(cell => (cell.cell_type === "code" ? (cell.outputs ?? []) : []))
  expect(
    outputs.filter(
      output => output.output_type === "error" || ("name" in output && output.name === "stderr"),
    ),
  ).toEqual([])
})

test("the reader's convolutions run once over the data, and its features beat a network that begins with nothing", () => {
  expect(printed("loadModel(join(models")).toMatch(/411 layers, 2,690,109 weights, 6625 characters/)
  expect(printed("cacheFeatures: true")).toMatch(
    /features: 900 rows of 480 in .* each step runs 1 of 276 layers/,
  )
  const [, nothing, reader] =
    /pictures: ([\d.]+) % from nothing, ([\d.]+) %/.exec(printed("const percent")) ?? []
  expect(Number(reader)).toBeGreaterThanOrEqual(93)
  expect(Number(reader)).toBeGreaterThan(Number(nothing))
})

test("two devices give what one gives, and a run that was cut off ends as the one that was not", () => {
  expect(printed("devices: 2")).toMatch(
    /data 2; losses of two devices differ from those of one by less than 0\.00001/,
  )
  expect(printed("the power failed")).toMatch(/the power failed after step 23 - \d checkpoints are there/)
  expect(printed("resume: true")).toMatch(/resumed after step \d+; equal to the run that was not cut off/)
})
