import { expect, test } from "vitest"
import { errorTable, fail, nearest } from "../../kernel/src/errors.js"

test("nearest finds a swapped letter and leaves a stranger alone", () => {
  expect(nearest("dealy", ["date", "delay", "origin"])).toBe("delay")
  expect(nearest("zzzz", ["date", "delay", "origin"])).toBeUndefined()
})

test("fail fills message and hint and keeps code and cause", () => {
  const cause = new Error("x")
  const error = fail(
    "UNKNOWN_OPTION",
    {
      where: "train",
      name: "epoch",
      nearest: " Did you mean `epochs`?",
      known: "epochs",
    },
    cause,
  )
  expect(error.message).toBe("`train` has no option `epoch`. Did you mean `epochs`? Known options: epochs.")
  expect(error.code).toBe("UNKNOWN_OPTION")
  expect(error.cause).toBe(cause)
})

test("every row of the error table says how to mend it", () => {
  for (const [code, row] of Object.entries(errorTable)) {
    expect(row.hint.length, code).toBeGreaterThan(0)
    expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/)
  }
})
