// history_request: tail, range and search.
import { expect, test } from "vitest"
import { History } from "../../kernel/src/wire/history.js"

function historyOf(...codes: string[]): History {
  const history = new History()
  codes.forEach((code, i) => void history.add(i + 1, code))
  return history
}
const inputs = (history: History, request: Record<string, unknown>): unknown[] =>
  history.answer(request).map(([, , input]) => input)

test("tail gives the last n, oldest first", () => {
  const history = historyOf("a", "b", "c")
  expect(history.answer({ hist_access_type: "tail", n: 2 })).toEqual([
    [1, 2, "b"],
    [1, 3, "c"],
  ])
  expect(inputs(history, { hist_access_type: "tail", n: 0 })).toEqual([])
  expect(inputs(history, { hist_access_type: "tail" })).toEqual(["a", "b", "c"])
})

test("range is half open, in this session only", () => {
  const history = historyOf("a", "b", "c")
  expect(inputs(history, { hist_access_type: "range", session: 0, start: 1, stop: 3 })).toEqual(["a", "b"])
  expect(inputs(history, { hist_access_type: "range", session: 1, start: 2 })).toEqual(["b", "c"])
  expect(inputs(history, { hist_access_type: "range", session: 7, start: 1 })).toEqual([])
})

test("search takes globs over the whole text, and the last of equal lines when unique", () => {
  const history = historyOf("x.a()", "y", "x.b()\n1", "y")
  expect(inputs(history, { hist_access_type: "search", pattern: "x.*" })).toEqual(["x.a()", "x.b()\n1"])
  expect(history.answer({ hist_access_type: "search", pattern: "?", unique: true })).toEqual([[1, 4, "y"]])
  expect(inputs(history, { hist_access_type: "search", pattern: "x.*", n: 1 })).toEqual(["x.b()\n1"])
  expect(inputs(history, { hist_access_type: "search", pattern: "(" })).toEqual([])
})

test("with output each line carries its result", () => {
  const history = new History()
  history.add(1, "1 + 1")("2")
  history.add(2, "let x")
  const lines = history.answer({ hist_access_type: "tail", output: true })
  expect(lines.map(([, , line]) => line)).toEqual([
    ["1 + 1", "2"],
    ["let x", null],
  ])
})
