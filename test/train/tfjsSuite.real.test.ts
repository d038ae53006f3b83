// A seeded part of the tests that tfjs-core ships, on `cpu` and on `xla`: one failure is one too many. All of them run in the
// deep suite. The seed is fixed here, so that a commit fails for what it changed.
import { expect, test } from "vitest"
import { judge, runSuite } from "./tfjsSuite/suite.js"

test("a part of tfjs-core's own tests passes on xla", { timeout: 300_000 }, async () => {
  const [share, seed] = [0.1, 7]
  const verdict = judge(await runSuite("cpu", share, seed), await runSuite("xla", share, seed))
  process.stdout.write(`${verdict.text}\n`)
  expect(verdict.failed).toEqual([])
  expect(verdict.needless).toEqual([])
  expect(verdict.strayed).toEqual([])
  expect(verdict.passed).toBeGreaterThan(350)
})
