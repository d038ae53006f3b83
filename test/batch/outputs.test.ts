// What is saved is what a reader would have seen last.
import { expect, test } from "vitest"
import { CellOutputs, type DisplayIndex } from "../../kernel/src/batch/outputs.js"

const outputs = (displays: DisplayIndex = new Map()) => new CellOutputs(3, displays, () => {})

test("joins a stream, and keeps the last state of a line that was written over", () => {
  const cell = outputs()
  cell.stream("stdout", "10 %\r")
  cell.stream("stdout", "90 %\r100 %\nnext\r\n")
  cell.stream("stderr", "oh")
  expect(cell.outputs).toEqual([
    { output_type: "stream", name: "stdout", text: "100 %\nnext\n" },
    { output_type: "stream", name: "stderr", text: "oh" },
  ])
})

test("replaces a display in place, also one of an earlier cell", () => {
  const displays: DisplayIndex = new Map()
  const [first, second] = [outputs(displays), outputs(displays)]
  first.display({ "text/plain": "0 %" }, { id: "bar" })
  second.display({ "text/plain": "100 %" }, { id: "bar", update: true })
  expect(first.outputs).toMatchObject([{ data: { "text/plain": "100 %" } }])
  expect(second.outputs).toEqual([])
})

test("clears at once, or when the next output comes", () => {
  const cell = outputs()
  cell.stream("stdout", "a")
  cell.clear(false)
  expect(cell.outputs).toEqual([])
  cell.stream("stdout", "b")
  cell.clear(true)
  expect(cell.outputs).toHaveLength(1)
  cell.result({ "text/plain": "c" }, {})
  expect(cell.outputs).toMatchObject([{ output_type: "execute_result", execution_count: 3 }])
})

test("cannot be asked for input", async () => {
  await expect(outputs().input("Name? ")).rejects.toThrow(/cannot ask for input \(Name\?\).*-p name value/)
})
