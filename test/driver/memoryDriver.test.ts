import { describe, expect, test } from "vitest"
import { memoryDriver } from "../../kernel/lib/driver/memoryDriver.js"
import { subscribe } from "../../kernel/lib/telemetry/bus.js"
import type { TelemetryEvent } from "../../kernel/lib/telemetry/events.js"
import { driverConformance } from "./conformance.js"

describe("the memory driver is a driver", () => driverConformance(() => memoryDriver({ max: 3 })))

test("its replicas are ready after the delay, and the panel hears of both", async () => {
  const events: TelemetryEvent[] = []
  const stop = subscribe(event => events.push(event))
  let arrive: () => void = () => {}
  const driver = memoryDriver({
    delayMs: 5000,
    after: (_, run) => {
      arrive = run
    },
  })
  const asked = driver.scaleTo(4)
  expect(driver.count()).toEqual({ desired: 4, ready: 1 })
  arrive()
  await asked
  await driver.close()
  stop()
  expect(events).toMatchObject([
    { kind: "pool.count", desired: 4, actual: 1, pending: 3 },
    { kind: "pool.count", desired: 4, actual: 4, pending: 0 },
    { kind: "pool.count", desired: 0, actual: 0, closed: true },
  ])
})
