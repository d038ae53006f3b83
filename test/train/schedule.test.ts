// Schedules as pure functions: the values that their definitions give, and what every one of them keeps to.
import fc from "fast-check"
import { expect, test } from "vitest"
import { type RatePlace, rateAt, type Schedule } from "../../kernel/src/train/schedule.js"

const at = (step: number, more: Partial<RatePlace> = {}): RatePlace => ({
  step,
  steps: 100,
  epoch: 0,
  history: {},
  base: 0.4,
  ...more,
})
const rates = (schedule: Schedule, steps: readonly number[]) =>
  steps.map(step => Number(rateAt(schedule, at(step)).toFixed(6)))

test("cosine: the whole rate, half of it in the middle, the floor at the end", () => {
  expect(rates({ type: "cosine" }, [0, 50, 100])).toEqual([0.4, 0.2, 0])
  expect(rates({ type: "cosine", floor: 0.5 }, [0, 50, 100])).toEqual([0.4, 0.3, 0.2])
  expect(rates({ type: "cosine", warmup: 3 }, [0, 1, 2, 3])).toEqual([0.1, 0.2, 0.3, 0.4])
})
test("step: a tenth after so many epochs", () => {
  const schedule = { type: "step", epochs: 2 } as const
  const found = [0, 1, 2, 3, 4].map(epoch => rateAt(schedule, at(0, { epoch })))
  expect(found.map(rate => Number(rate.toFixed(6)))).toEqual([0.4, 0.4, 0.04, 0.04, 0.004])
})
test("plateau: smaller each time that nothing improved for so long; accuracies grow", () => {
  const schedule = { type: "plateau", patience: 2, factor: 0.5 } as const
  const rate = (history: RatePlace["history"], more = {}) =>
    rateAt({ ...schedule, ...more }, at(0, { epoch: 3, history }))
  expect(rate({ loss: [3, 2, 1] })).toBe(0.4)
  expect(rate({ loss: [3, 3, 3] })).toBe(0.2)
  expect(rate({ loss: [3, 3, 3, 3, 3] })).toBe(0.1)
  expect(rate({ loss: [1, 2, 3], val_loss: [3, 2, 1] })).toBe(0.4)
  expect(rate({ acc: [1, 2, 3] }, { monitor: "acc" })).toBe(0.4)
  expect(() => rate({ loss: [1] }, { monitor: "los" })).toThrow(/schedule.monitor.*Known here: loss/s)
})
test("no schedule leaves the range from nothing to the optimizer's rate", () => {
  const schedule = fc.oneof(
    fc.record({
      type: fc.constant("cosine" as const),
      warmup: fc.nat(50),
      floor: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    fc.record({
      type: fc.constant("step" as const),
      epochs: fc.integer({ min: 1, max: 5 }),
      warmup: fc.nat(50),
    }),
  )
  fc.assert(
    fc.property(schedule, fc.nat(99), fc.nat(20), (one, step, epoch) => {
      const rate = rateAt(one, at(step, { epoch }))
      expect(rate).toBeGreaterThanOrEqual(0)
      expect(rate).toBeLessThanOrEqual(0.4 + 1e-12)
    }),
  )
})
