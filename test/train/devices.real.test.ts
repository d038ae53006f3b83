// `devices()` on the real CPU plugin, and what a library that is no plugin leads to.
import { beforeAll, expect, test } from "vitest"
import { openDeviceSync } from "../../kernel/src/device/openDevice.js"
import { displaySymbol } from "../../kernel/src/display.js"
import { devices, ensureBackend } from "../../kernel/src/train/backend.js"
import { xla } from "./onXla.js"

beforeAll(async () => {
  await xla()
})

test("the CPU is one device in use, with its memory and the process's", async () => {
  const tf = await xla()
  const before = devices()[0]!.memory.used
  const x = tf.tidy(() => tf.ones([1 << 20]).add(1))
  x.dataSync()
  const list = devices()
  expect(list).toHaveLength(1)
  expect(list[0]).toMatchObject({ id: "cpu", kind: "cpu", inUse: true, plugin: "fastatomstruct-xla-cpu" })
  const { used, peak, limit, process } = list[0]!.memory
  expect(used - before).toBe(4 << 20)
  expect(peak).toBeGreaterThanOrEqual(used)
  expect(process).toBeGreaterThan(used)
  expect(limit).toBeGreaterThan(process!)
  expect(list.plugins.filter(({ state }) => state === "in use")).toHaveLength(1)
  const shown = list[displaySymbol]()
  expect(shown["text/plain"]).toContain("cpu (in use)")
  expect(shown["text/html"]).toContain("<th>memory</th>")
  expect(list.map(({ id }) => id)).toEqual(["cpu"])
  x.dispose()
})

test("options after the first use are refused, the same ones again are not", async () => {
  await expect(ensureBackend({ visibleDevices: [0] })).rejects.toThrow(/visibleDevices comes too late/)
  await expect(ensureBackend({ plugin: "/other.so" })).rejects.toThrow(/plugin comes too late/)
  expect(await ensureBackend({})).toMatchObject({ backend: "xla" })
})

test("a library that is no plugin says so", () => {
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] }
  const library = sharedObjects.find(path => path.includes("/libc.so"))!
  expect(() => openDeviceSync({ plugin: library })).toThrow(/it is no PJRT plugin: it exports no GetPjrtApi/)
})

test("an allocation that the real plugin refuses names what lives, and harms nothing", async () => {
  const tf = await xla()
  const kernel = tf.variable(tf.ones([300, 400]), true, "tower/kernel")
  kernel.add(1).dataSync()
  // 128 TiB: more than a process can address.
  const absurd = () =>
    tf.tidy(() => tf.broadcastTo(kernel.slice([0, 0], [1, 1]), [2 ** 22, 2 ** 23]).dataSync())
  expect(absurd).toThrow(
    /cpu ran out of memory while running a program: .* tower\/kernel \[300,400\] f32 468\.8 KiB/,
  )
  expect(kernel.sum().dataSync()[0]).toBe(120_000)
  kernel.dispose()
})

test("a tensor of another backend moves here when it is used here", async () => {
  const tf = await xla()
  tf.setBackend("cpu")
  const made = tf.tensor1d([1, 2, 3])
  made.dataSync()
  tf.setBackend("xla")
  const { numDataBuffers } = tf.memory()
  expect([...made.add(1).dataSync()]).toEqual([2, 3, 4])
  expect(tf.memory().numDataBuffers).toBe(numDataBuffers + 1)
  made.dispose()
  expect(() => made.add(1)).toThrow(/disposed/)
})
