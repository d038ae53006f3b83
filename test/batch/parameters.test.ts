// `-p name value`: read as what the notebook declares, injected where papermill injects.
import { expect, test } from "vitest"
import type { Cell, Notebook } from "../../kernel/src/batch/notebook.js"
import { declarations, injectParameters } from "../../kernel/src/batch/parameters.js"

const cell = (source: string, ...tags: string[]): Cell => ({ cell_type: "code", source, metadata: { tags } })
const notebook = (...cells: Cell[]): Notebook => ({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 })
const declared = `let sample: number = 300_000 // rows
const name = "a", flag = false
let big = 1n, list: number[] = [1], open`

function injected(values: Record<string, string>, ...cells: Cell[]): string {
  const book = notebook(...cells)
  injectParameters(book, new Map(Object.entries(values)))
  return book.cells.map(one => one.source).join("\n---\n")
}

test("finds names and types, written or by their value", () => {
  expect(declarations(declared).map(({ name, type }) => `${name}:${type}`)).toEqual([
    "sample:number",
    "name:string",
    "flag:boolean",
    "big:bigint",
    "list:other",
    "open:other",
  ])
})

test("values become literals of the declared type", () => {
  const values = { sample: "-1e3", name: 'it\'s "x"', flag: "TRUE", big: "9007199254740993", list: "[1, 2]" }
  expect(injected(values, cell(declared, "parameters"))).toBe(`${declared}
---
// Parameters
var sample = -1e3;
var name = "it's \\"x\\"";
var flag = true;
var big = 9007199254740993n;
var list = [1,2];`)
})

test("a value of another type is refused with the type, an unknown name with the nearest", () => {
  const given = (values: Record<string, string>) => () => injected(values, cell(declared, "parameters"))
  expect(given({ sample: "many" })).toThrow(/Parameter `sample` is a number, and `many` is not one/)
  expect(given({ flag: "1" })).toThrow(/`flag` is a boolean/)
  expect(given({ samples: "1" })).toThrow(/no parameter `samples`. Did you mean `sample`\?/)
  expect(given({ "x y": "1" })).toThrow(/cannot be the name/)
})

test("text can never become code", () => {
  const text = '`; process.exit(9); "${1}"'
  expect(injected({ name: text }, cell('let name = ""', "parameters"))).toContain(
    `var name = ${JSON.stringify(text)};`,
  )
})

test("goes after the parameters cell, or first; a run of a run replaces what was injected", () => {
  const book = notebook(cell("1"), cell("let a = 1", "parameters"), cell("a"))
  injectParameters(book, new Map([["a", "2"]]))
  injectParameters(book, new Map([["a", "3"]]))
  expect(book.cells.map(one => one.source)).toEqual(["1", "let a = 1", "// Parameters\nvar a = 3;", "a"])
  expect(book.cells[2]!.metadata.tags).toEqual(["injected-parameters"])
  expect(injected({ a: "1.5" }, cell("a"))).toBe("// Parameters\nvar a = 1.5;\n---\na")
})
