// A device that falls off its bus in the middle of a training, over a plugin that says so as CUDA does: the error is clear
// and stays so, the process lives, and another one ends the training as if nothing had happened.
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { ended } from "../device/world/launched.js"
import { hasCompiler, spanningEnvironment } from "../device/world/spanningPlugin.js"

const child = join(import.meta.dirname, "child/lostDevice.mjs")

// Skipped only where no C compiler can be installed (not root).
test.skipIf(!hasCompiler)("a lost device ends a training, and its checkpoint goes on elsewhere", async () => {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-lost-"))
  const env = { ...spanningEnvironment(), SPANNING_DEVICES: "1" }
  const run = (name: string, more = {}) => ended([child, join(folder, name)], { ...env, ...more })
  const [lost, whole] = await Promise.all([run("lost", { SPANNING_LOST_AT: "75" }), run("whole")])
  const message = expect.stringMatching(
    /^spanning failed while .*CUDA_ERROR_LAUNCH_FAILED.*What was on it is gone, weights included.*last checkpoint/s,
  )
  expect([lost!.code, lost!.stderr]).toEqual([0, ""])
  expect(lost!.told).toEqual([
    { code: "DEVICE_LOST", message, again: ["DEVICE_LOST", "DEVICE_LOST"], numbers: "none", kept: true },
  ])
  const { told } = await run("lost")
  const { resumedAt, ...end } = told[0]!
  expect(resumedAt).toBeGreaterThan(0)
  expect({ ...end, resumedAt: undefined }).toEqual({ ...whole!.told[0], resumedAt: undefined })
})
