// The NVML client against a library of NVML's interface, compiled here; and what the panel says of what it samples.
import { execFileSync } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { deviceReadings } from "../../extension/src/gpu/readings.js"
import { reduce } from "../../extension/src/store/reduce.js"
import { emptyState } from "../../extension/src/store/state.js"
import type { NewEvent } from "../../kernel/src/telemetry/bus.js"
import type { TelemetryEvent } from "../../kernel/src/telemetry/events.js"
import { gpuSampler } from "../../kernel/src/telemetry/nvml.js"
import { startSampler } from "../../kernel/src/telemetry/sampler.js"
import { program } from "../services/service.mjs"

// Installed where it is missing and can be: Debian's, when we are root.
const hasCompiler = program(["cc"], "build-essential") !== undefined

/** The library, or undefined without a C compiler. */
function fakeNvml(): string {
  const library = join(mkdtempSync(join(tmpdir(), "shardlab-nvml-")), "libnvidia-ml.so.1")
  const source = fileURLToPath(new URL("nvml/fakeNvml.c", import.meta.url))
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, source])
  return library
}

test("a machine without NVML has no GPU sampler", () => {
  expect(gpuSampler("libnvidia-ml-of-nobody.so.1")).toBeUndefined()
})

// Skipped only where no C compiler can be installed (not root): there is no library to read then.
test.skipIf(!hasCompiler)("reads every number, and leaves out what a GPU does not support", () => {
  const [first, second] = gpuSampler(fakeNvml())!()
  const { processes, ...numbers } = first!
  expect(numbers).toEqual({
    kind: "device.sample",
    id: "gpu-0",
    name: "Test GPU 0",
    util: 0.75,
    mem: 12 * 2 ** 30,
    memMax: 80 * 2 ** 30,
    watts: 412.5,
    maxWatts: 700,
    celsius: 61,
    mhz: 1755,
    maxMhz: 1980,
    throttle: "power cap, temperature (hardware)",
  })
  expect(processes).toHaveLength(70)
  expect([processes![0], processes![68], processes![69]]).toEqual([
    { pid: 1000, mem: 2 ** 20 },
    { pid: 1068, mem: 69 * 2 ** 20 },
    { pid: 1069, mem: 0 },
  ])
  expect(second).toEqual({
    kind: "device.sample",
    id: "gpu-1",
    name: "Test GPU 1",
    util: 0.74,
    mem: 12 * 2 ** 30 + 1,
    memMax: 80 * 2 ** 30,
    celsius: 62,
    mhz: 1755,
    maxMhz: 1980,
    processes: [],
  })
})

test.skipIf(!hasCompiler)("GPUs are sampled beside the host, and the panel says it all", async () => {
  const events: NewEvent[] = []
  await new Promise<void>(resolve => {
    const stop = startSampler(
      event => {
        if (events.push(event) < 3) return
        stop()
        resolve()
      },
      { intervalMs: 5, gpus: gpuSampler(fakeNvml()) },
    )
  })
  const ids = events.map(event => event.kind === "device.sample" && event.id)
  expect(ids.slice(0, 3)).toEqual(["cpu", "gpu-0", "gpu-1"])
  const state = emptyState()
  const at = (t: number, event: object) => reduce(state, [{ t, ...event } as TelemetryEvent])
  at(1000, events[1]!)
  at(2000, { ...events[1]!, throttle: undefined, celsius: 55 })
  const words = (t: number, wide: boolean) =>
    deviceReadings(state.devices.get("gpu-0")!, t, wide, "").map(({ label, value }) => `${label} ${value}`)
  expect(words(1500, true)).toEqual([
    "utilisation 75 %",
    "memory 12.9 / 85.9 GB",
    "power 413 W",
    "temperature 61 °C",
    "clock 1755 of 1980 MHz",
    "held back by power cap, temperature (hardware)",
  ])
  expect(words(2500, true)).toContain("temperature 55 °C")
  expect(words(2500, true).join()).not.toContain("held back")
  expect(words(1500, false).at(-1)).toContain("held back by power cap")
})
