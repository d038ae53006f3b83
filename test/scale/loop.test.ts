// The loop over a driver that is only a number, on a clock that the test moves: what it asks for, remembers and survives.
import { expect, test } from "vitest"
import { memoryDriver } from "../../kernel/lib/driver/memoryDriver.js"
import { autoscale, type Clock, why } from "../../kernel/lib/scale/loop.js"
import { scale } from "../../kernel/lib/scale/scale.js"

/** Time moves only in `tick`. */
class TestClock implements Clock {
  #now = Date.UTC(2026, 0, 1)
  #timers: { at: number; run: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  async tick(ms: number): Promise<void> {
    for (const end = this.#now + ms; ; ) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) {
        this.#now = end
        return
      }
      this.#timers = this.#timers.filter(other => other !== next)
      this.#now = next.at
      next.run()
      // The loop's tick is asynchronous: let it finish before time goes on.
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    }
  }
}

function setUp(options: { load?: () => Record<string, number>; delayMs?: number } = {}) {
  const clock = new TestClock()
  const driver = memoryDriver({
    name: "memory",
    max: 6,
    metrics: options.load,
    delayMs: options.delayMs,
    after: (ms, run) => clock.after(ms, run),
  })
  return { clock, driver }
}

const policy = scale.hpa({
  metric: "backlogPerWorker",
  target: 4,
  min: 1,
  max: 6,
  scaleDown: { stabilization: "30s" },
})

test("grows with the load, holds through the stabilisation window, then shrinks", async () => {
  let backlog = 20
  const { clock, driver } = setUp({ load: () => ({ backlogPerWorker: backlog / driver.count().ready }) })
  const loop = autoscale(driver, policy, { clock, every: "1s" })
  await clock.tick(20_000)
  expect(driver.count()).toEqual({ desired: 5, ready: 5 })
  backlog = 4
  await clock.tick(20_000)
  expect(driver.count().desired).toBe(5)
  await clock.tick(20_000)
  expect(driver.count().desired).toBe(1)
  loop.stop()
  expect(loop.decisions.map(({ from, to }) => [from, to]).filter(([from, to]) => from !== to)).toEqual([
    [1, 5],
    [5, 1],
  ])
  expect(loop.decisions[0]!.reason).toBe(
    "Backlog per worker was 20 against a target of 4, so the policy asked for 5.",
  )
  expect(String(why())).toContain("Why 5 → 1?")
})

test("notes when the workers it asked for were there", async () => {
  const { clock, driver } = setUp({ load: () => ({ backlogPerWorker: 8 }), delayMs: 3000 })
  const loop = autoscale(driver, policy, { clock })
  await clock.tick(500)
  expect(loop.decisions[0]!.effectiveAt).toBeUndefined()
  await clock.tick(3000)
  loop.stop()
  expect(loop.decisions[0]!.effectiveAt! - loop.decisions[0]!.at).toBe(3000)
})

test("a metric that throws, is missing or is not a number holds the count, once, with the reason", async () => {
  let fault = "throws"
  const metric = scale.metric("pressure", () => {
    if (fault === "throws") throw new Error("no such sensor")
    return fault === "nan" ? Number.NaN : 100
  })
  const { clock, driver } = setUp()
  const loop = autoscale(driver, scale.hpa({ metric, target: 50, min: 1, max: 4 }), { clock })
  await clock.tick(5000)
  expect(loop.decisions.map(decision => decision.reason)).toEqual(["no such sensor, so nothing changed."])
  fault = "nan"
  await clock.tick(5000)
  expect(loop.decisions.at(-1)!.reason).toBe("There is no value of pressure, so the count stays at 1.")
  fault = "none"
  await clock.tick(1000)
  loop.stop()
  expect(driver.count().desired).toBeGreaterThan(1)
})

test("a dry run decides on the same observations and moves nothing", async () => {
  const { clock, driver } = setUp({ load: () => ({ backlogPerWorker: 4 }) })
  const eager = scale.hpa({ metric: "backlogPerWorker", target: 1, min: 1, max: 6 })
  const loop = autoscale(driver, policy, { clock, dryRun: [eager] })
  await clock.tick(3000)
  loop.stop()
  expect(driver.count().desired).toBe(1)
  expect(loop.decisions).toHaveLength(0)
  const live = autoscale(driver, eager, { clock, dryRun: [policy] })
  await clock.tick(500)
  live.stop()
  expect(live.decisions[0]).toMatchObject({ from: 1, to: 4, dryRun: [{ policy: "HPA v2", to: 1 }] })
})

test("stops at once and for good", async () => {
  const { clock, driver } = setUp({ load: () => ({ backlogPerWorker: 40 }) })
  const loop = autoscale(driver, policy, { clock })
  loop.stop()
  await clock.tick(10_000)
  expect(loop.running).toBe(false)
  expect(driver.count().desired).toBe(1)
})

test("explain says what a policy would do, step by step, and changes nothing", () => {
  const text = String(scale.explain(policy, { replicas: 3, metrics: { backlogPerWorker: 21 } }))
  expect(text).toContain("Why 3 → 6?")
  expect(text).toMatch(/Wanted\s+⌈ 3 × 21 \/ 4 ⌉\s+16/)
  expect(text).toMatch(/Bounds\s+max 6\s+6 {2}\(limited\)/)
})

test("bad options are refused by name", () => {
  expect(() => scale.hpa({ metric: "backlogPerWorkr", target: 1, max: 2 })).toThrow(
    /Did you mean `backlogPerWorker`/,
  )
  expect(() => scale.hpa({ metric: "queue", target: 0, max: 2 })).toThrow(/`target` is 0/)
  expect(() => scale.hpa({ metric: "queue", target: 1, min: 3, max: 2 })).toThrow(/`min`/)
  expect(() => scale.hpa({ metric: "queue", target: 1, max: 2, cooldown: 3 } as never)).toThrow(
    /no option `cooldown`/,
  )
})
