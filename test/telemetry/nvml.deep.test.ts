// That the library which nvml.real.test.ts reads is laid out as NVML: NVIDIA's own client (PyPI nvidia-ml-py) reads the same
// numbers from it as ours does.
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, expect, test } from "vitest"
import { gpuSampler } from "../../kernel/src/telemetry/nvml.js"

const folder = mkdtempSync(join(tmpdir(), "shardlab-nvml-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const here = (name: string) => fileURLToPath(new URL(`nvml/${name}`, import.meta.url))

test("NVIDIA's client and ours read the same", () => {
  const library = join(folder, "libnvidia-ml.so.1")
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, here("fakeNvml.c")])
  const packages = ["-m", "pip", "install", "-q", "--no-deps", "--target", folder, "nvidia-ml-py==13.615.71"]
  execFileSync("python3", packages)
  const env = { ...process.env, LD_LIBRARY_PATH: folder, PYTHONPATH: folder }
  const theirs = JSON.parse(execFileSync("python3", [here("readByNvidia.py")], { env, encoding: "utf8" }))
  const ours = gpuSampler(library)!()
  const [{ name, util, mem, memMax, watts, maxWatts, celsius, mhz, processes }] = ours as [(typeof ours)[0]]
  expect(theirs).toEqual({
    name,
    count: ours.length,
    util: util * 100,
    memory: [mem, memMax],
    watts,
    limit: maxWatts,
    celsius,
    mhz,
    throttle: 0x45,
    processes: processes!.map(({ pid, mem }) => [pid, mem === 0 ? null : mem]),
  })
})
