// How a runner's end is told.
import { expect, test } from "vitest"
import { explainDeath } from "../../kernel/src/runner/death.js"

test("V8's last words mean out of memory, whatever the signal", () => {
  const words = "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"
  expect(explainDeath(null, "SIGABRT", words).ename).toBe("OutOfMemory")
  expect(explainDeath(134, null, words).ename).toBe("OutOfMemory")
})

test("a crash quotes the line that says why", () => {
  const stderr = "loading\nterminate called after throwing an instance of 'x'\n 1: 0xb [node]"
  expect(explainDeath(null, "SIGABRT", stderr).cause).toBe(
    "The runner ended by signal SIGABRT: terminate called after throwing an instance of 'x'.",
  )
  expect(explainDeath(null, "SIGSEGV", "").cause).toBe("The runner ended by signal SIGSEGV.")
})

test("an exit names its code, a kill its likely reason", () => {
  expect(explainDeath(3, null, "").cause).toContain("process.exit(3)")
  expect(explainDeath(null, "SIGKILL", "").cause).toContain("memory")
})
