// Events that come after the work's end: a cell waits for them, but not for long.
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { followedUp, followUp } from "../../kernel/src/telemetry/bus.js"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const later = (ms: number, fails = false) =>
  new Promise<void>((resolve, reject) => {
    setTimeout(() => (fails ? reject(new Error("gone")) : resolve()), ms)
  })
async function waited(): Promise<number> {
  const start = Date.now()
  const done = followedUp().then(() => Date.now() - start)
  await vi.runAllTimersAsync()
  return done
}

test("a cell waits for what is still to be told, failed or not, and a second at most", async () => {
  expect(await waited()).toBe(0)
  followUp(later(200))
  followUp(later(300, true))
  expect(await waited()).toBe(300)
  followUp(later(60_000))
  expect(await waited()).toBe(1000)
})
