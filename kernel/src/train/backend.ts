// Which backend tfjs runs on, decided once: XLA where a plugin is found and trains rightly, else tfjs's own wasm, else its
// cpu; the fall is said once, on stdout and in the log. Also what can be told about it: devices and a report.

import { createRequire } from "node:module"
import type { Device } from "../device/Device.js"
import type { DeviceOptions } from "../device/deviceOptions.js"
import { isOfWorld, openDevice, openDeviceSync, pluginStates } from "../device/openDevice.js"
import { fail, ShardlabError } from "../errors.js"
import { emit } from "../telemetry/bus.js"
import { type DeviceList, deviceList } from "./devices.js"
import { activeXla, detours, installXla, latestStorm, noCounts, patchLayers, xlaCounts } from "./install.js"
import { loadPeerOnDemand } from "./peer.js"
import { stepCompiler } from "./step/compile.js"
import { addToTf, loadTf, type Tf, whenLoaded } from "./tf.js"

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

addToTf({ compile: stepCompiler(loadTf, activeXla) })

// `tf` used before anybody awaited `ensureBackend`: the device opens synchronously, and without one cpu does for now.
whenLoaded(tf => {
  if (device === undefined && failure === undefined) {
    try {
      device = openDeviceSync()
    } catch (error) {
      if (isOfWorld(error)) throw error
      failure = error
    }
  }
  loadPeerOnDemand(tf)
  select(tf)
  if (opening === undefined && info?.reason !== undefined) announce(info)
})

/**
 * Opens the device, loads TensorFlow.js on it and says which backend it got. Safe to call often; `options` (which GPUs, how
 * much of their memory) count before the first use of `tf` only, and are refused with DEVICE_OPTION later.
 */
export async function ensureBackend(options?: DeviceOptions): Promise<BackendInfo> {
  if (options !== undefined && info !== undefined) mustBeAsOpened(options)
  opening ??= open(options)
  return opening
}

function mustBeAsOpened(options: DeviceOptions): void {
  if (options.plugin !== undefined && options.plugin !== device?.plugin.path)
    throw fail("DEVICE_OPTION", { problem: "plugin comes too late, after the first use of tf" })
  openDeviceSync(options)
}

async function open(options?: DeviceOptions): Promise<BackendInfo> {
  if (info === undefined && device === undefined) {
    try {
      device = await openDevice(options)
    } catch (error) {
      if (isOfWorld(error) || (error instanceof ShardlabError && error.code === "DEVICE_OPTION")) {
        opening = undefined
        throw error
      }
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

/**
 * The devices of the plugin in use, one row each, with their memory; the cell shows them as a table, with a line for each
 * plugin that is here and cannot be used. Opens the device if that was not done yet.
 */
export function devices(): DeviceList {
  loadTf()
  return deviceList(device, pluginStates(), info?.reason)
}

/** What XLA did so far: programs compiled and run, and kernels that were not lowered and ran on tfjs's cpu. */
export interface BackendReport extends BackendInfo {
  /** Programs that were new to this process. */
  readonly compiles: number
  /** Those of them that an earlier process had compiled and left on disk. */
  readonly fromDisk: number
  readonly compileMs: number
  readonly runs: number
  /** Times when nearly each step compiled a program of its own. */
  readonly storms: number
  /** What differed between the programs of the latest of these, and what to do. */
  readonly storm: string | undefined
  readonly detours: Readonly<Record<string, number>>
}

export function backendReport(): BackendReport {
  const counts = activeXla(loadTf()) === undefined ? noCounts : xlaCounts()
  return { ...info!, ...counts, storm: latestStorm(), detours: Object.fromEntries(detours) }
}
