// All tests that tfjs-core ships, on `cpu` and on `xla`. Minutes, since each of some thousand programs is compiled.
import { expect, test } from "vitest"
import { exclusions } from "./tfjsSuite/exclusions.js"
import { judge, runSuite } from "./tfjsSuite/suite.js"

test("tfjs-core's own tests pass on xla", { timeout: 1_800_000 }, async () => {
  const [cpu, xla] = [await runSuite("cpu", 1, 1), await runSuite("xla", 1, 1)]
  const verdict = judge(cpu, xla)
  process.stdout.write(`${verdict.text}\n`)
  expect(verdict.failed).toEqual([])
  expect(verdict.needless).toEqual([])
  expect(verdict.strayed).toEqual([])
  expect(verdict.rate).toBeGreaterThanOrEqual(0.99)
  const names = new Set(cpu.specs.map(spec => spec.name))
  expect(exclusions.filter(row => !names.has(row.spec))).toEqual([])
})
