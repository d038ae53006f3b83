// Which plugin a machine gets, and what a bad one leads to: on made-up machines, with devices that are doubles.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"
import type { Device } from "../../kernel/lib/device/Device.js"
import { NullDevice } from "../../kernel/lib/device/nullDevice.js"
import { openDeviceSync } from "../../kernel/lib/device/openDevice.js"
import { findPlugins } from "../../kernel/lib/device/plugins.js"
import { Verdicts } from "../../kernel/lib/device/verdicts.js"
import type { SearchContext } from "../../kernel/lib/sitePackages.js"

const cpu = "fastatomstruct_xla_cpu/libpjrt_cpu.so"
const cuda = "jax_plugins/xla_cuda13/xla_cuda_plugin.so"

/** A folder with an environment that holds these plugin files. */
function machine(...files: readonly string[]): { context: SearchContext; path: (file: string) => string } {
  const root = mkdtempSync(join(tmpdir(), "shardlab-machine-"))
  const path = (file: string) => join(root, ".venv/lib/python3.11/site-packages", file)
  for (const file of files) {
    mkdirSync(dirname(path(file)), { recursive: true })
    writeFileSync(path(file), "")
  }
  const notebooks = join(root, "project/notebooks")
  mkdirSync(notebooks, { recursive: true })
  return { context: { env: {}, folders: [notebooks], pythonSitePackages: () => [] }, path }
}

const verdicts = () => new Verdicts(mkdtempSync(join(tmpdir(), "shardlab-verdicts-")))
const good = { ok: true } as const
const bad = { ok: false, reason: "it computes wrong results" } as const

test("finds the wheels of an environment above the notebook, a GPU's first", () => {
  const { context, path } = machine(cpu, cuda)
  expect(findPlugins(undefined, context).candidates.map(found => found.path)).toEqual([path(cuda), path(cpu)])
})

test("asks python3 only when no environment has a plugin", () => {
  const { context } = machine(cpu)
  const asked: string[] = []
  const asking = {
    ...context,
    pythonSitePackages() {
      asked.push("asked")
      return []
    },
  }
  findPlugins(undefined, asking)
  expect(asked).toEqual([])
  findPlugins(undefined, { ...asking, folders: ["/"] })
  expect(asked).toEqual(["asked"])
})

test("goes on to the next plugin when one cannot be opened or fails its self-test", () => {
  const { context, path } = machine(cpu, cuda)
  const opened: string[] = []
  const device = openDeviceSync({
    context,
    verdicts: verdicts(),
    open: candidate => {
      opened.push(candidate.path)
      return new NullDevice()
    },
    test: () => (opened.length === 1 ? bad : good),
  })
  expect(opened).toEqual([path(cuda), path(cpu)])
  expect(device).toBeInstanceOf(NullDevice)
})

test("says what it looked at when there is none, and why when none is right", () => {
  const { context } = machine()
  expect(() => openDeviceSync({ context })).toThrow(/No XLA plugin was found/)
  const wrong = machine(cpu)
  const closed: Device[] = []
  class Closing extends NullDevice {
    override close() {
      closed.push(this)
    }
  }
  expect(() =>
    openDeviceSync({
      context: wrong.context,
      verdicts: verdicts(),
      open: () => new Closing(),
      test: () => bad,
    }),
  ).toThrow(/is not used: it computes wrong results/)
  expect(closed).toHaveLength(1)
})

test("a plugin that the user named is an error, never a reason to look further", () => {
  const { context, path } = machine(cpu, cuda)
  const named = { ...context, env: { SHARDLAB_PJRT_PLUGIN: path(cpu) } }
  expect(findPlugins(undefined, named).candidates).toMatchObject([{ path: path(cpu), named: true }])
  expect(() =>
    openDeviceSync({ context: named, verdicts: verdicts(), open: () => new NullDevice(), test: () => bad }),
  ).toThrow(/unset SHARDLAB_PJRT_PLUGIN/)
  expect(() => openDeviceSync({ plugin: "/nowhere.so", context })).toThrow(/nowhere\.so/)
})

test("the self-test runs once a plugin, and again when its file changed", () => {
  const { context, path } = machine(cpu)
  const kept = verdicts()
  let runs = 0
  const open = () =>
    openDeviceSync({
      context,
      verdicts: kept,
      open: () => new NullDevice(),
      test: () => {
        runs++
        return good
      },
    })
  open()
  open()
  expect(runs).toBe(1)
  writeFileSync(path(cpu), "another build")
  open()
  expect(runs).toBe(2)
})
