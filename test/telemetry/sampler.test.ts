import { expect, test } from "vitest"
import { hostSampler, startSampler } from "../../kernel/src/telemetry/sampler.js"

const gigabyte = 1024 ** 3
const meminfo = `MemTotal: ${16 * 1024 ** 2} kB\nMemAvailable: ${12 * 1024 ** 2} kB\n`

test("a host without limits: share of all CPUs, memory that is not available", () => {
  const files: Record<string, string> = {
    "/proc/meminfo": meminfo,
    "/proc/stat": "cpu  100 0 0 100 0 0 0 0 0 0\n",
  }
  const sample = hostSampler(
    path => files[path],
    () => 0,
  )
  files["/proc/stat"] = "cpu  175 0 0 125 0 0 0 0 0 0\n"
  expect(sample()).toMatchObject({ id: "cpu", util: 0.75, mem: 4 * gigabyte, memMax: 16 * gigabyte })
})

test("a container with half a CPU and 1 GiB is measured against those", () => {
  const own = "/sys/fs/cgroup/box"
  const files: Record<string, string> = {
    "/proc/meminfo": meminfo,
    "/proc/stat": "cpu  100 0 0 100 0 0 0 0 0 0\n",
    "/proc/self/cgroup": "0::/box/inner\n",
    [`${own}/cpu.max`]: "50000 100000\n",
    [`${own}/cpu.stat`]: "usage_usec 1000000\n",
    [`${own}/memory.max`]: `${gigabyte}\n`,
    [`${own}/memory.current`]: `${gigabyte / 2}\n`,
    [`${own}/memory.stat`]: `inactive_file ${gigabyte / 4}\n`,
  }
  let now = 10
  const sample = hostSampler(
    path => files[path],
    () => now,
  )
  now = 11
  files[`${own}/cpu.stat`] = "usage_usec 1250000\n"
  expect(sample()).toMatchObject({ util: 0.5, mem: gigabyte / 4, memMax: gigabyte })
})

test("this machine gives shares between 0 and 1 and stops when told", async () => {
  const samples: { util: number; mem: number; memMax: number }[] = []
  const stop = startSampler(event => event.kind === "device.sample" && samples.push(event), {
    intervalMs: 20,
  })
  while (samples.length < 3) await new Promise(resolve => setTimeout(resolve, 10))
  stop()
  const count = samples.length
  await new Promise(resolve => setTimeout(resolve, 60))
  expect(samples.length).toBe(count)
  for (const { util, mem, memMax } of samples) {
    expect(util).toBeGreaterThanOrEqual(0)
    expect(util).toBeLessThanOrEqual(1)
    expect(mem).toBeGreaterThan(0)
    expect(mem).toBeLessThanOrEqual(memMax)
  }
})
