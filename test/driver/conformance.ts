// What every driver must do, whatever it moves: run by the tests of each.
import { afterEach, expect, test } from "vitest"
import type { Driver } from "../../kernel/lib/driver/Driver.js"

/** `make` gives a fresh driver with bounds 1 to 3 that has nothing started yet. */
export function driverConformance(make: () => Driver): void {
  let driver: Driver
  afterEach(() => driver?.close())

  test("reaches what it is asked for, up and down", async () => {
    driver = make()
    for (const n of [1, 3, 2]) {
      await driver.scaleTo(n)
      expect(driver.count()).toEqual({ desired: n, ready: n })
    }
  })

  test("a later wish wins over one that is under way, and both calls settle", async () => {
    driver = make()
    await driver.scaleTo(1)
    const first = driver.scaleTo(3)
    const second = driver.scaleTo(2)
    await Promise.all([first, second])
    expect(driver.count()).toEqual({ desired: 2, ready: 2 })
  })

  test("refuses numbers outside its bounds and changes nothing", async () => {
    driver = make()
    await driver.scaleTo(2)
    for (const n of [0, 4, 1.5, Number.NaN]) {
      await expect(driver.scaleTo(n)).rejects.toMatchObject({ code: "BAD_VALUE" })
    }
    expect(driver.count().desired).toBe(2)
  })

  test("has nothing after close, and says so", async () => {
    driver = make()
    await driver.scaleTo(2)
    await driver.close()
    expect(driver.count()).toEqual({ desired: 0, ready: 0 })
    await expect(driver.scaleTo(1)).rejects.toMatchObject({ code: "POOL_CLOSED" })
  })
}
