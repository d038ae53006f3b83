// A fixed part of ONNX's own operator cases: every thirty-seventh of those whose operators we have (all of them:
// onnxOperators.deep.test.ts).
import { beforeAll, expect, test } from "vitest"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { onnxCases } from "../../services/onnxCases.mjs"
import { xla } from "../onXla.js"
import { exclusions } from "./exclusions.js"
import { canRun, caseNames, missingOperators, readCase, runCase } from "./onnxCases.js"

/** One case in as many. */
const stride = 37

let tf: Tf
let folder: string
beforeAll(async () => {
  tf = await xla()
  folder = onnxCases()
}, 300_000)

test("a part of the cases of our operators, both ways", async () => {
  const names = caseNames(folder).filter(
    (name, i) => i % stride === 3 && !exclusions.some(([pattern]) => pattern.test(name)),
  )
  const failures: string[] = []
  let passed = 0
  for (const name of names) {
    await new Promise(setImmediate)
    const one = readCase(folder, name)
    if (one === undefined || missingOperators(one).length > 0) continue
    for (const way of ["live", "weights"] as const) {
      if (!canRun(one, way)) continue
      const off = runCase(tf, one, way)
      if (off <= one.tolerance) passed++
      else failures.push(`${name} ${way}: off by ${off}`)
    }
  }
  expect(failures).toEqual([])
  expect(passed).toBeGreaterThan(50)
})
