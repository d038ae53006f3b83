// Two processes under the real mpirun with more of what a step can have: f16 with a row that overflows in one of them, rates
// by layer, features that are computed once. What every step has: ranks.real.test.ts.
import { describe, expect, test } from "vitest"
import { difference } from "./onXla.js"
import { learnt, problem } from "./ranks.js"

describe.skipIf(problem !== undefined)(`over MPI${problem === undefined ? "" : `: ${problem}`}`, () => {
  test("in f16, a step that overflows in one process is left out in both", async () => {
    const options = { precision: "f16", shuffle: false, epochs: 2, outlier: 4000 }
    const [one] = await learnt(1, options)
    const ranks = await learnt(2, options)
    // One step an epoch has the row that counts so much.
    expect(one!.skippedSteps).toBeGreaterThan(0)
    for (const rank of ranks) {
      expect(rank.skippedSteps).toBe(one!.skippedSteps)
      expect(difference(one!.weights, rank.weights)).toBeLessThan(5e-3)
    }
    expect(ranks[0]!.weights).toEqual(ranks[1]!.weights)
    const [without] = await learnt(1, { ...options, outlier: 1 })
    expect(without!.skippedSteps).toBe(0)
  })

  test("rates by layer, and features computed once, are those of one process", async () => {
    for (const options of [{ layerRates: { first: 0.2 } }, { frozen: true, cacheFeatures: true }]) {
      const [one] = await learnt(1, options)
      for (const rank of await learnt(2, options)) {
        expect(difference(one!.history.loss!, rank.history.loss!)).toBeLessThan(1e-5)
        expect(difference(one!.weights, rank.weights)).toBeLessThan(1e-5)
      }
    }
  })
})
