// Which backend tfjs runs on, decided once: XLA where a plugin is found and trains rightly, else tfjs's own wasm, else its
// cpu; the fall is said once, on stdout and in the log. Also what can be told about it: devices and a report.

import { createRequire } from "node:module"
import type { Device } from "../device/Device.js"
import { openDevice, openDeviceSync } from "../device/openDevice.js"
import { displaySymbol, type MimeBundle } from "../display.js"
import { emit } from "../telemetry/bus.js"
import { activeXla, detours, installXla, patchLayers } from "./install.js"
import { loadTf, type Tf, whenLoaded } from "./tf.js"

export interface BackendInfo {
  readonly backend: "xla" | "wasm" | "cpu"
  /** For people: `AMD EPYC 9R14`, or what tfjs runs on instead. */
  readonly device: string
  /** Why it is not XLA. */
  readonly reason?: string
}

let device: Device | undefined
let failure: unknown
let info: BackendInfo | undefined
let opening: Promise<BackendInfo> | undefined

// `tf` used before anybody awaited `ensureBackend`: the device opens synchronously, and without one cpu does for now.
whenLoaded(tf => {
  if (device === undefined && failure === undefined) {
    try {
      device = openDeviceSync()
    } catch (error) {
      failure = error
    }
  }
  select(tf)
  if (opening === undefined && info?.reason !== undefined) announce(info)
})

/** Opens the device, loads TensorFlow.js on it and says which backend it got. Safe to call often. */
export function ensureBackend(): Promise<BackendInfo> {
  opening ??= open()
  return opening
}

async function open(): Promise<BackendInfo> {
  if (info === undefined && device === undefined) {
    try {
      device = await openDevice()
    } catch (error) {
      failure = error
    }
  }
  const tf = loadTf()
  if (info?.backend === "cpu" && (await setWasm(tf))) info = { ...info, backend: "wasm", device: "tfjs wasm" }
  if (info?.reason !== undefined) announce(info)
  return info!
}

function select(tf: Tf): void {
  if (device !== undefined) {
    installXla(tf, device)
    info = { backend: "xla", device: device.name }
    return
  }
  quietCpu(tf)
  void tf.setBackend("cpu")
  patchLayers(tf, "tfjs")
  info = {
    backend: "cpu",
    device: "tfjs cpu",
    reason: failure instanceof Error ? failure.message : String(failure),
  }
}

/** tfjs wasm has no gradients of convolutions: a model that has any trains on tfjs cpu, slowly but rightly. */
export function settleFor(model: { readonly layers: readonly { getClassName(): string }[] }): void {
  const convolves = model.layers.some(layer => layer.getClassName().includes("Conv"))
  if (info?.backend !== "wasm" || !convolves) return
  const tf = loadTf()
  quietCpu(tf)
  void tf.setBackend("cpu")
}

async function setWasm(tf: Tf): Promise<boolean> {
  try {
    createRequire(import.meta.url)("@tensorflow/tfjs-backend-wasm")
    return await tf.setBackend("wasm")
  } catch {
    return false
  }
}

/** tfjs's cpu backend advertises tfjs-node on stderr at its first use. */
function quietCpu(tf: Tf): void {
  const cpu = tf.findBackend("cpu") as unknown as { firstUse?: boolean } | null
  if (cpu !== null) cpu.firstUse = false
}

let announced = false

function announce({ backend, reason }: BackendInfo): void {
  if (announced) return
  announced = true
  const text = `Training runs on tfjs ${backend}, not on XLA, and is 30 to 1000 times slower. ${reason}`
  emit({ kind: "log", source: "train", level: "warning", text })
  process.stdout.write(`${text}\n`)
}

export interface DeviceInfo {
  readonly id: string
  readonly kind: string
  readonly name: string
  /** Bytes. */
  readonly memory: { readonly used: number; readonly peak: number; readonly limit: number }
  readonly plugin: string
  readonly version: string
}

/** The devices training can use; shows itself as a table. */
export class DeviceList extends Array<DeviceInfo> {
  [displaySymbol](): MimeBundle {
    if (this.length === 0) return { "text/plain": `no XLA device: ${info?.reason ?? "no plugin"}` }
    const rows = this.map(({ id, name, memory, plugin, version }) => [
      id,
      name,
      `${gib(memory.used)} of ${gib(memory.limit)} GiB`,
      plugin,
      version,
    ])
    const cells = rows.map(row => `<tr>${row.map(cell => `<td>${cell}</td>`).join("")}</tr>`).join("")
    return {
      "text/html": `<table><tr><th>device</th><th>name</th><th>memory</th><th>plugin</th><th>version</th></tr>${cells}</table>`,
      "text/plain": rows.map(row => row.join("  ")).join("\n"),
    }
  }
}

const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(2)

/** Opens the device if that was not done yet. */
export function devices(): DeviceList {
  loadTf()
  const list = new DeviceList()
  if (device === undefined) return list
  const { id, name, plugin } = device
  const kind = id.split(":")[0]!
  list.push({ id, kind, name, memory: device.memory(), plugin: plugin.name, version: plugin.version })
  return list
}

/** What XLA did so far: programs compiled and run, and kernels that were not lowered and ran on tfjs's cpu. */
export interface BackendReport extends BackendInfo {
  /** Programs that were new to this process. */
  readonly compiles: number
  /** Those of them that an earlier process had compiled and left on disk. */
  readonly fromDisk: number
  readonly compileMs: number
  readonly runs: number
  readonly detours: Readonly<Record<string, number>>
}

export function backendReport(): BackendReport {
  const counts = activeXla(loadTf())?.cutter.counts ?? { compiles: 0, fromDisk: 0, compileMs: 0, runs: 0 }
  return { ...info!, ...counts, detours: Object.fromEntries(detours) }
}
