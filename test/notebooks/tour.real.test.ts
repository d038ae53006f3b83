// The tour in both batch runs: our own command and papermill. Both exit 0, say the same in substance, and keep pictures.
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { type MimeData, type Notebook, type Output, sourceOf } from "../../kernel/lib/batch/notebook.js"
import { installedKernel } from "../services/jupyterFixture.js"

const root = resolve(import.meta.dirname, "../..")
const folder = mkdtempSync(join(tmpdir(), "shardlab-tour-"))
const tour = join(root, "notebooks/tour.ipynb")
const snapshotMime = "application/vnd.shardlab.snapshot.v1+json"

interface Ran {
  readonly code: number | null
  readonly text: string
  readonly notebook: Notebook
}
const runs: Record<string, Ran> = {}

beforeAll(async () => {
  const [own, papermill] = [join(folder, "own.ipynb"), join(folder, "papermill.ipynb")]
  const parameters = ["-p", "sample", "200000"]
  runs.own = await run(own, process.execPath, [
    join(root, "kernel/lib/main.js"),
    "run",
    tour,
    own,
    ...parameters,
  ])
  const { jupyterPath } = installedKernel()
  const command = join(root, ".venv/bin/papermill")
  runs.papermill = await run(papermill, command, [tour, papermill, "-k", "shardlab", ...parameters], {
    JUPYTER_PATH: jupyterPath,
  })
}, 900_000)

/** In the notebooks folder, as a user who opened the notebook there. */
function run(
  output: string,
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Ran> {
  return new Promise(done => {
    const child = spawn(command, args, { cwd: join(root, "notebooks"), env: { ...process.env, ...env } })
    let text = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", data => (text += data))
    child.once("close", code =>
      done({ code, text, notebook: JSON.parse(readFileSync(output, "utf8")) as Notebook }),
    )
  })
}

/** Outputs of the cell that holds `text`. */
function outputsOf({ notebook }: Ran, text: string): readonly Output[] {
  const cell = notebook.cells.find(one => one.cell_type === "code" && sourceOf(one).includes(text))
  return cell?.outputs ?? []
}

function bundles(outputs: readonly Output[]): MimeData[] {
  return outputs.flatMap(output => ("data" in output ? [output.data] : []))
}

/** Streams and text forms of a cell, one after the other. */
function textOf(ran: Ran, text: string): string {
  return outputsOf(ran, text)
    .map(output =>
      output.output_type === "stream"
        ? [output.text].flat().join("")
        : "data" in output
          ? [output.data["text/plain"]].flat().join("")
          : "",
    )
    .join("\n")
}

describe.each(["own", "papermill"])("run by %s", name => {
  test("exits 0, every cell ran, nothing went to stderr", () => {
    const ran = runs[name]!
    expect(ran.code, ran.text.slice(-2000)).toBe(0)
    const code = ran.notebook.cells.filter(cell => cell.cell_type === "code")
    expect(code.every(cell => cell.execution_count !== null)).toBe(true)
    const outputs = code.flatMap(cell => cell.outputs ?? [])
    expect(
      outputs.filter(
        output => output.output_type === "error" || ("name" in output && output.name === "stderr"),
      ),
    ).toEqual([])
  })

  test("the parameter came in after its cell", () => {
    const { cells } = runs[name]!.notebook
    const at = cells.findIndex(cell => cell.metadata.tags?.includes("injected-parameters"))
    expect(cells[at - 1]!.metadata.tags).toContain("parameters")
    expect(sourceOf(cells[at]!)).toContain("sample = 200000;")
    expect(textOf(runs[name]!, "order by hash")).toContain("200000")
  })

  test("the flights are three million in eleven row groups, late most often from JFK", () => {
    const ran = runs[name]!
    expect(textOf(ran, "await flights.shards()")).toContain("11 shards · 3,000,000 rows")
    expect(textOf(ran, '.sort(desc("share"))')).toMatch(/43 rows[\s\S]*\nJFK +31,270 +0\.2953/)
  })

  test("the digits are read at 97 % or better, and the compressed file costs less than a point at 27 % of the bytes", () => {
    const ran = runs[name]!
    expect(
      Number(/([\d.]+) % of the test digits/.exec(textOf(ran, "const accuracy"))?.[1]),
    ).toBeGreaterThanOrEqual(97)
    const [, share] = /int8 +[\d,]+ \(([\d.]+) %\)/.exec(textOf(ran, "await compress(")) ?? []
    expect(Number(share)).toBeLessThanOrEqual(27)
    const [float32, int8] = [
      ...textOf(ran, "await compress(").matchAll(/ ([\d.]+) % +(?:\d|-?[\d.]+ %)/g),
    ].map(found => Number(found[1]))
    expect(Math.abs(float32! - int8!)).toBeLessThanOrEqual(1)
    expect(textOf(ran, 'small.save("digits.onnx")')).toMatch(/digits 0 1 2 3 4 5 6 7 8 9/)
  })

  test("all flights were scored on a pool that grew and shrank, and the riskiest tenth was late far more often", () => {
    const text = textOf(runs[name]!, "pool.map(flights.shards(), scoreShard)")
    expect(text).toContain("3,000,000 flights scored in 11 shards")
    const [, all, risky] = /late: ([\d.]+) % of all, ([\d.]+) % of the riskiest/.exec(text) ?? []
    expect(Number(risky)).toBeGreaterThan(1.4 * Number(all))
    const decisions = textOf(runs[name]!, "loop.decisions")
    const moves = [...decisions.matchAll(/^\S+ +(\d) +(\d) /gm)].map(
      ([, from, to]) => Number(to) - Number(from),
    )
    expect(Math.max(...moves)).toBeGreaterThan(0)
    expect(Math.min(...moves)).toBeLessThan(0)
    expect(textOf(runs[name]!, "%why")).toMatch(/^Why .*HPA v2[\s\S]*Bounds/)
  })

  test("training and scoring keep a snapshot in four forms, the chart a picture", () => {
    for (const cell of ["train(classifier", "train(network", "pool.map(flights.shards(), scoreShard)"]) {
      const snapshot = bundles(outputsOf(runs[name]!, cell)).find(bundle => snapshotMime in bundle)
      expect(Object.keys(snapshot ?? {}).sort(), cell).toEqual(
        [snapshotMime, "application/vnd.vegalite.v5+json", "image/png", "text/plain"].sort(),
      )
      const png = Buffer.from([snapshot!["image/png"]].flat().join(""), "base64")
      expect(png.subarray(1, 4).toString()).toBe("PNG")
    }
    expect(bundles(outputsOf(runs[name]!, "plot.bar"))[0]).toHaveProperty("image/png")
  })
})

test("both say the same: the same cells with the same kinds of output, and the same network", () => {
  const kinds = ({ notebook }: Ran) =>
    notebook.cells
      .filter(cell => cell.cell_type === "code")
      .map(cell =>
        (cell.outputs ?? [])
          // A query keeps a picture when it took two seconds, which on a busy machine one of the runs may.
          .filter(output => !("data" in output && snapshotMime in output.data))
          .map(output => ("data" in output ? Object.keys(output.data).sort().join() : output.output_type)),
      )
  expect(kinds(runs.papermill!)).toEqual(kinds(runs.own!))
  for (const cell of ["await flights.shards()", "const accuracy", "scale.explain(policy"]) {
    expect(textOf(runs.papermill!, cell)).toBe(textOf(runs.own!, cell))
  }
})
