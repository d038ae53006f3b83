// Every case that ONNX ships for the operators that we import, on xla: as a graph of inputs, and as a trained network with
// its channels last. What is left out has its reason in exclusions.ts, and no reason may outlive its cause.
import { beforeAll, expect, test } from "vitest"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { onnxCases } from "../../services/onnxCases.mjs"
import { xla } from "../onXla.js"
import { exclusions } from "./exclusions.js"
import { canRun, caseNames, missingOperators, readCase, runCase } from "./onnxCases.js"

let tf: Tf
let folder: string
beforeAll(async () => {
  tf = await xla()
  folder = onnxCases()
})

test("all cases", async () => {
  const failures: string[] = []
  const healed = new Set(exclusions.map(([pattern]) => pattern))
  const counts = { live: 0, weights: 0, excluded: 0, unclaimed: 0, otherTypes: 0 }
  for (const name of caseNames(folder)) {
    await new Promise(setImmediate)
    const one = readCase(folder, name)
    if (one === undefined) counts.otherTypes++
    else if (missingOperators(one).length > 0) counts.unclaimed++
    else {
      const excluded = exclusions.find(([pattern]) => pattern.test(name))?.[0]
      for (const way of ["live", "weights"] as const) {
        if (!canRun(one, way)) continue
        const problem = problemOf(() => runCase(tf, one, way), one.tolerance)
        if (problem === undefined) counts[way]++
        else if (excluded === undefined) failures.push(`${name} ${way}: ${problem}`)
        else healed.delete(excluded)
        if (problem !== undefined && excluded !== undefined && way === "live") counts.excluded++
      }
    }
  }
  console.log(JSON.stringify(counts))
  expect(failures).toEqual([])
  expect([...healed].map(String)).toEqual([])
  expect(counts.live).toBeGreaterThan(1400)
  expect(counts.weights).toBeGreaterThan(1250)
})

function problemOf(run: () => number, tolerance: number): string | undefined {
  try {
    const off = run()
    return off <= tolerance ? undefined : `off by ${off}`
  } catch (error) {
    return (error as Error).message.split("\n")[0]!.slice(0, 200)
  }
}
