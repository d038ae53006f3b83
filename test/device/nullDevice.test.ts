import { describe, expect, test } from "vitest"
import { NullDevice } from "../../kernel/lib/device/nullDevice.js"
import { selfTest } from "../../kernel/lib/device/selfTest.js"
import { deviceConformance } from "./conformance.js"

const device = new NullDevice()
describe("the null device is a device", () => deviceConformance(() => device))

test("the self-test refuses a device that computes nothing", () => {
  expect(selfTest(new NullDevice())).toMatchObject({
    ok: false,
    reason: expect.stringContaining("wrong results"),
  })
})
