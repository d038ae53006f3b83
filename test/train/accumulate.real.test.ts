// A batch in parts, one update: equal to the whole batch, with clipping, on several devices, and in captured steps.
import { expect, test } from "vitest"
import type { TrainOptions } from "../../kernel/src/train/trainOptions.js"
import { difference, xla } from "./onXla.js"
import { learnt, optimizers } from "./parts.js"

test("four parts are the whole batch, also of clipped gradients on two devices", async () => {
  const tf = await xla()
  const run = (options: Partial<TrainOptions>) =>
    learnt(tf, optimizers.adam!(tf), { count: 128, clip: { norm: 0.1 }, ...options })
  const whole = await run({})
  const parts = await run({ accumulate: 4 })
  const spread = await run({ accumulate: 4, devices: 2, shardOptimizer: true })
  for (const some of [parts, spread]) {
    for (const log of ["loss", "acc"])
      expect(difference(whole.history[log]!, some.history[log]!)).toBeLessThan(1e-5)
    expect(difference(whole.weights, some.weights)).toBeLessThan(1e-5)
    // 20 steps of four parts and an update, the first few of each recorded.
    expect(some.counts.replayed).toBeGreaterThan(90)
  }
})
