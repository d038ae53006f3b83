// `shardlab run` as a user calls it: a process, its exit code, its words, and the notebook it writes.
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { expect, test } from "vitest"
import type { Cell, Notebook } from "../../kernel/lib/batch/notebook.js"

const main = resolve(import.meta.dirname, "../../kernel/lib/main.js")
const folder = mkdtempSync(join(tmpdir(), "shardlab-batch-"))
let files = 0

function written(...sources: (string | [string, ...string[]])[]): string {
  const cells = sources.map((source, i) => {
    const [text, ...tags] = [source].flat() as [string, ...string[]]
    return {
      cell_type: "code",
      id: `c${i}`,
      source: text,
      metadata: { tags },
      outputs: [],
      execution_count: null,
    }
  })
  const path = join(folder, `in${++files}.ipynb`)
  writeFileSync(path, JSON.stringify({ cells, metadata: { kept: 1 }, nbformat: 4, nbformat_minor: 5 }))
  return path
}

/** Not spawnSync, in which a busy machine's worker would be silent for so long that it passes for dead. */
function run(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise(done => {
    const child = spawn(process.execPath, [main, "run", ...args], { cwd: folder })
    let [stdout, stderr] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", data => (stdout += data))
    child.stderr.setEncoding("utf8").on("data", data => (stderr += data))
    child.once("close", status => done({ status, stdout, stderr }))
  })
}

const read = (path: string) =>
  JSON.parse(readFileSync(path, "utf8")) as Notebook & { cells: Required<Cell>[] }
const out = () => join(folder, `out${files}.ipynb`)

test("runs every cell with parameters, writes the outputs, and says so", async () => {
  const notebook = written(["let n: number = 1", "parameters"], "console.log('n is', n)", "n * 2")
  const ran = await run(notebook, out(), "-p", "n", "21")
  expect(ran).toMatchObject({ status: 0, stderr: "" })
  expect(ran.stdout).toMatch(/\[#+\] 4\/4/)
  const { cells, metadata } = read(out())
  expect(metadata).toEqual({ kept: 1 })
  expect(cells.map(cell => cell.execution_count)).toEqual([1, 2, 3, 4])
  expect(cells[2]!.outputs).toMatchObject([{ output_type: "stream", text: "n is 21\n" }])
  expect(cells[3]!.outputs).toMatchObject([{ output_type: "execute_result", data: { "text/plain": "42" } }])
  expect(cells.every(cell => (cell.metadata.papermill as { status: string }).status === "completed")).toBe(
    true,
  )
})

test("a failing cell ends the run with 1 and is named; what came before is kept, what comes after is pending", async () => {
  const ran = await run(written("1", "const f = () => { throw new TypeError('no luck') }\nf()", "3"), out())
  expect(ran.status).toBe(1)
  expect(ran.stdout).toContain("Cell 2 failed")
  expect(ran.stdout).toContain("TypeError: no luck")
  expect(ran.stdout).toContain("In [2]:1")
  const { cells } = read(out())
  expect(cells.map(cell => (cell.metadata.papermill as { status: string }).status)).toEqual([
    "completed",
    "failed",
    "pending",
  ])
  expect(cells[1]!.outputs).toMatchObject([{ output_type: "error", ename: "TypeError", evalue: "no luck" }])
  expect(cells[2]!.outputs).toEqual([])
})

test("a type error and a runner that dies are failing cells too", async () => {
  const typed = await run(written("const n: number = 'x'"), out())
  expect(typed.status).toBe(1)
  expect(typed.stdout).toContain("TypeCheckError: TS2322")
  const died = await run(written("process.exit(5)"), out())
  expect(died.status).toBe(1)
  expect(died.stdout).toContain("RunnerExited")
})

test("what is wrong before the first cell exits with 2 and touches nothing", async () => {
  const notebook = written(["let sample = 1", "parameters"])
  const cases: [string[], RegExp][] = [
    [[notebook], /wants two files/],
    [[notebook, out(), "--fast"], /no option `--fast`/],
    [[notebook, out(), "-p", "sampel", "2"], /Did you mean `sample`/],
    [[join(folder, "in9999.ipynb"), out()], /no file .*in9999/],
    [[main, out()], /is not a notebook/],
    [[notebook, "/no/such/folder/out.ipynb"], /cannot be written/],
  ]
  for (const [args, words] of cases) {
    const { status, stderr } = await run(...args)
    expect(status, args.join(" ")).toBe(2)
    expect(stderr).toMatch(words)
  }
  expect(existsSync(out())).toBe(false)
})

test("writes while a cell runs, and an interrupt ends the run with 130 and keeps everything", async () => {
  const notebook = written("console.log('before')", "console.log('started'); await new Promise(() => {})")
  const child = spawn(process.execPath, [main, "run", notebook, out()], { cwd: folder })
  const streamed = () =>
    existsSync(out()) && JSON.stringify(read(out()).cells[1]!.outputs).includes("started")
  await expect.poll(streamed, { timeout: 100_000 }).toBe(true)
  child.kill("SIGINT")
  const code = await new Promise(resolve => child.once("exit", resolve))
  expect(code).toBe(130)
  expect(read(out()).cells[0]!.outputs).toMatchObject([{ text: "before\n" }])
  expect(readdirSync(folder).filter(name => name.endsWith(".part"))).toEqual([])
})
