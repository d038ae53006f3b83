// The direction of imports between the folders of kernel/src, as the README of the design fixes it. A folder missing from
// the table fails, so a new one has to say where it stands.
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { expect, test } from "vitest"

const source = resolve(import.meta.dirname, "../../kernel/src")

/** Files at the root that every folder may import: they import nothing of ours themselves. */
const leaves = ["errors", "display", "interrupt", "koffi", "sitePackages"]
const everything = "everything"

/** Folder to the folders it may import, beside itself and the leaves. */
const allowed: Record<string, readonly string[] | typeof everything> = {
  wire: [],
  telemetry: [],
  ir: [],
  onnx: [],
  errors: [],
  display: [],
  interrupt: [],
  koffi: [],
  sitePackages: [],
  store: ["telemetry"],
  device: ["telemetry"],
  frame: ["telemetry", "store"],
  engine: ["telemetry", "frame", "store"],
  train: ["telemetry", "ir", "device", "onnx", "store"],
  compress: ["telemetry", "train", "ir", "onnx"],
  scale: ["telemetry"],
  driver: ["telemetry", "cell"],
  cell: ["telemetry"],
  runner: everything,
  batch: everything,
  index: everything,
  main: everything,
}

interface Import {
  readonly file: string
  readonly from: string
  readonly to: string
}

test("folders import only what the design allows", () => {
  const wrong = imports().filter(({ from, to }) => !isAllowed(from, to))
  expect(wrong.map(({ file, to }) => `${file} imports ${to}/`)).toEqual([])
})

test("nothing imports the composing layers", () => {
  const composing = ["runner", "batch", "main", "index"]
  const wrong = imports().filter(({ from, to }) => composing.includes(to) && !composing.includes(from))
  expect(wrong.map(({ file, to }) => `${file} imports ${to}/`)).toEqual([])
})

test("the extension takes only types from the kernel, and only from shardlab/events", () => {
  const extension = resolve(source, "../../extension/src")
  const wrong: string[] = []
  for (const file of typescriptFiles(extension)) {
    for (const line of readFileSync(file, "utf8").matchAll(
      /^import\s+(type\s+)?[^"']*["'](shardlab[^"']*)["']/gm,
    )) {
      if (line[1] === undefined || line[2] !== "shardlab/events")
        wrong.push(`${relative(extension, file)}: ${line[0]}`)
    }
  }
  expect(wrong).toEqual([])
})

function isAllowed(from: string, to: string): boolean {
  if (from === to || leaves.includes(to)) return from !== "errors"
  const row = allowed[from]
  return row === everything || (row?.includes(to) ?? false)
}

function imports(): Import[] {
  return typescriptFiles(source).flatMap(file => {
    const text = readFileSync(file, "utf8")
    const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']*)["']/g)].map(
      match => match[1]!,
    )
    return specifiers.map(specifier => ({
      file: relative(source, file),
      from: folderOf(file),
      to: folderOf(resolve(dirname(file), specifier)),
    }))
  })
}

function folderOf(path: string): string {
  return relative(source, path)
    .split("/")[0]!
    .replace(/\.(js|ts)$/, "")
}

function typescriptFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
}
