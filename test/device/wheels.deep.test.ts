// The real wheels for GPUs and TPUs (0.5 GB), as far as they come on a machine that has neither: the CUDA plugin up to
// `Client_Create`, libtpu up to the question whether there is a TPU, ROCm and oneAPI up to the loader.
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { asRank, ended, launchEnvironment } from "./world/launched.js"

const run = promisify(execFile)
const environment = mkdtempSync(join(tmpdir(), "shardlab-wheels-"))
const wheels = [
  "jax-cuda13-pjrt==0.12.0.1",
  "libtpu==0.0.52",
  "jax-rocm7-pjrt==0.12.0",
  "jax-oneapi-pjrt==0.11.2",
]

beforeAll(async () => {
  const site = join(environment, "lib/python3.11/site-packages")
  mkdirSync(site, { recursive: true })
  // Stands for NVIDIA's compiler wheel, so that the folder is there to be named.
  mkdirSync(join(site, "nvidia/cu13/bin"), { recursive: true })
  await run("python3", ["-m", "pip", "install", "-q", "--no-deps", "--target", site, ...wheels])
})
afterAll(() => rmSync(environment, { recursive: true, force: true }))

const plugin = join(environment, "lib/python3.11/site-packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so")

interface Found {
  rows: { id: string; inUse: boolean }[]
  plugins: { name: string; state: string; reason?: string; fix?: string }[]
  flags?: string
}

test("each wheel that cannot work here says why, and training goes on on the CPU", async () => {
  const script = fileURLToPath(new URL("child/devices.mjs", import.meta.url))
  const { stdout } = await run(process.execPath, [script], {
    env: { ...process.env, VIRTUAL_ENV: environment, LD_LIBRARY_PATH: "" },
  })
  const { rows, plugins, flags } = JSON.parse(stdout) as Found
  expect(rows).toEqual([{ id: "cpu", inUse: true }])
  expect(plugins.map(({ name, state, reason }) => [name, state, reason])).toEqual([
    ["jax-cuda13-pjrt", "unusable", "No visible GPU devices"],
    ["libtpu", "unusable", "this machine has no TPU"],
    [
      "jax-rocm7-pjrt",
      "unusable",
      "it needs librocprofiler-sdk.so.1, which is not where this machine's loader looks",
    ],
    ["jax-oneapi-pjrt", "unusable", "it needs libmpi.so.12, which is not where this machine's loader looks"],
    ["fastatomstruct-xla-cpu", "in use", undefined],
  ])
  expect(flags).toContain(`--xla_gpu_cuda_data_dir=${environment}/lib/python3.11/site-packages/nvidia/cu13`)
})

test("named by the user, the CUDA plugin's failure is the error", async () => {
  const script = fileURLToPath(new URL("child/devices.mjs", import.meta.url))
  const { stdout } = await run(process.execPath, [script], {
    env: { ...process.env, SHARDLAB_PJRT_PLUGIN: plugin },
  })
  const told = stdout.trim().split("\n")
  expect(told[0]).toContain("No visible GPU devices")
  expect((JSON.parse(told.at(-1)!) as Found).rows).toEqual([])
})

test("launched as two nodes, each rank gets from the CUDA plugin that it has no GPU, and none waits", async () => {
  const shared = { ...(await launchEnvironment()), SHARDLAB_PJRT_PLUGIN: plugin }
  const script = fileURLToPath(new URL("world/child/spanning.mjs", import.meta.url))
  const ranks = [0, 1].map(rank => ended([script], { ...shared, ...asRank(rank, 2) }))
  for (const [rank, { told }] of (await Promise.all(ranks)).entries())
    expect(told).toEqual([
      {
        code: "PLUGIN_REFUSED",
        message: expect.stringContaining(`rank ${rank} of 2: No visible GPU devices.`),
      },
    ])
})
