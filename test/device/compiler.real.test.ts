// Programs that the real plugin writes to disk and loads again: same results, damage and refusals lead to compiling, the
// event loop goes on meanwhile, and a second process trains from the disk without a word on stderr.
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeEach, expect, test } from "vitest"
import { CompileCache } from "../../kernel/lib/device/compileCache.js"
import { openDeviceSync } from "../../kernel/lib/device/openDevice.js"
import { loadApi } from "../../kernel/lib/device/pjrt/api.js"
import { PjrtDevice } from "../../kernel/lib/device/pjrt/PjrtDevice.js"
import { selfTest } from "../../kernel/lib/device/selfTest.js"
import { donatedInputs, stepProgram } from "../../kernel/lib/device/selfTestProgram.js"

const { plugin } = openDeviceSync()
const folder = mkdtempSync(join(tmpdir(), "programs-"))
const device = new PjrtDevice(loadApi(plugin.path), {
  plugin,
  create: { cpu_device_count: 1 },
  cache: new CompileCache(folder),
})
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
})
afterAll(() => {
  device.close()
  rmSync(folder, { recursive: true, force: true })
})

test("a program from the disk trains as the compiled one does, with donated memory too", () => {
  expect(device.compile(stepProgram()).fromDisk).toBe(false)
  expect(device.compile(stepProgram()).fromDisk).toBe(true)
  // Its program is the one above, so this one is from the disk.
  expect(selfTest(device)).toMatchObject({ ok: true })
  expect(donatedInputs.length).toBeGreaterThan(0)
})

test("another program, or the same without a cache, is compiled", () => {
  device.compile(stepProgram())
  expect(device.compile(stepProgram().replace("@main", "@main ")).fromDisk).toBe(false)
  const without = new PjrtDevice(loadApi(plugin.path), {
    plugin,
    create: { cpu_device_count: 1 },
    cache: "off",
  })
  expect(without.compile(stepProgram()).fromDisk).toBe(false)
  without.close()
  // Another client, with options of its own.
  const other = new PjrtDevice(loadApi(plugin.path), {
    plugin,
    create: { cpu_device_count: 2 },
    cache: new CompileCache(folder),
  })
  expect(other.compile(stepProgram()).fromDisk).toBe(false)
  other.close()
})

test("a damaged entry and one that the plugin refuses are compiled again and replaced", () => {
  device.compile(stepProgram())
  const [name] = readdirSync(folder)
  writeFileSync(join(folder, name!), "damaged")
  expect(device.compile(stepProgram()).fromDisk).toBe(false)
  expect(device.compile(stepProgram()).fromDisk).toBe(true)
  new CompileCache(folder).write(name!, new Uint8Array(5000).fill(7))
  expect(device.compile(stepProgram()).fromDisk).toBe(false)
  expect(device.compile(stepProgram()).fromDisk).toBe(true)
})

test("compiling can be awaited: the event loop goes on, errors are told, the disk is used", async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const compiled = await device.compileAsync(stepProgram())
  clearInterval(timer)
  expect(turns).toBeGreaterThan(0)
  expect(compiled.fromDisk).toBe(false)
  expect((await device.compileAsync(stepProgram())).fromDisk).toBe(true)
  await expect(device.compileAsync("module { nonsense }")).rejects.toMatchObject({ code: "XLA_FAILED" })
})

test("a second process takes all its programs from the disk and trains to the same numbers, in silence", () => {
  const script = fileURLToPath(new URL("child/fromDisk.mjs", import.meta.url))
  const env = { ...process.env, SHARDLAB_COMPILE_CACHE: folder }
  const first = JSON.parse(execFileSync(process.execPath, [script], { env, encoding: "utf8" }))
  expect(first.report.compiles).toBeGreaterThan(0)
  expect(first.report.fromDisk).toBe(0)
  const second = spawnSync(process.execPath, [script], { env, encoding: "utf8" })
  expect(second.stderr).toBe("")
  const { report, loss } = JSON.parse(second.stdout)
  expect(report.fromDisk).toBe(report.compiles)
  expect(loss).toEqual(first.loss)
})
