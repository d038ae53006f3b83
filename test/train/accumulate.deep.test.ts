// A batch in parts equals the whole batch for every optimizer; of the 115 rows the last batch has 19, which are 4, 5, 5 and 5.
import { expect, test } from "vitest"
import { difference, xla } from "./onXla.js"
import { learnt, optimizers } from "./parts.js"

test.each(Object.keys(optimizers))("%s: four parts are the whole batch", async name => {
  const tf = await xla()
  const whole = await learnt(tf, optimizers[name]!(tf), { count: 115 })
  const parts = await learnt(tf, optimizers[name]!(tf), { count: 115, accumulate: 4 })
  for (const log of ["loss", "acc"])
    expect(difference(whole.history[log]!, parts.history[log]!)).toBeLessThan(1e-5)
  expect(difference(whole.weights, parts.weights)).toBeLessThan(1e-5)
})
