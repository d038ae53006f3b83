// Opens this machine's best device: the first plugin found that loads, has a device and passes the self-test. One client
// a plugin in a process, because a plugin's runtime is global and never unloaded. Keeps what became of each plugin.

import { fail, ShardlabError } from "../errors.js"
import type { SearchContext } from "../sitePackages.js"
import { emit } from "../telemetry/bus.js"
import type { Device } from "./Device.js"
import { type DeviceOptions, optionProblem } from "./deviceOptions.js"
import { openPlugin, refuse } from "./openPlugin.js"
import { findPlugins, type PluginCandidate } from "./plugins.js"
import { type SelfTestVerdict, selfTest } from "./selfTest.js"
import { Verdicts } from "./verdicts.js"
import { World } from "./world/World.js"

export interface OpenDeviceOptions extends DeviceOptions {
  /** For tests: the machine to search, how a candidate is opened, how it is tested, where passes are kept. */
  readonly context?: SearchContext
  readonly open?: (candidate: PluginCandidate) => Device
  readonly test?: (device: Device) => SelfTestVerdict
  readonly verdicts?: Verdicts
}

/** What became of a plugin that was found. */
export interface PluginState {
  readonly name: string
  readonly path: string
  readonly state: "in use" | "not opened" | "unusable"
  /** Why it is not in use, and what to do. */
  readonly reason?: string
  readonly fix?: string
}

const opened = new Map<string, Device>()
let states: readonly PluginState[] = []
let inUse: DeviceOptions = {}

/** Of the last search, in the order of preference. */
export function pluginStates(): readonly PluginState[] {
  return states
}

/** The device of this process, opened on first use (about 0.1 s, once 0.4 s more for the self-test). */
export async function openDevice(options: OpenDeviceOptions = {}): Promise<Device> {
  // Others may take minutes to come, and the cell can be interrupted meanwhile.
  const isGpu = ({ known }: PluginCandidate) => known.isGpu && known.obstacle?.() === undefined
  if (
    opened.size === 0 &&
    !options.open &&
    findPlugins(options.plugin, options.context).candidates.some(isGpu)
  )
    await World.here()?.joinAsync()
  return openDeviceSync(options)
}

/** The same for callers that cannot wait, such as tfjs's `dataSync`. Throws PLUGIN_MISSING or PLUGIN_REFUSED. */
export function openDeviceSync(options: OpenDeviceOptions = {}): Device {
  const problem = optionProblem(options) ?? lateChange(options)
  if (problem !== undefined) throw fail("DEVICE_OPTION", { problem })
  const { candidates, looked } = findPlugins(options.plugin, options.context)
  const refusals: ShardlabError[] = []
  const found: PluginState[] = []
  try {
    for (const candidate of candidates) {
      try {
        const device = openCandidate(candidate, options)
        found.push(stateOf(candidate, "in use"))
        return device
      } catch (error) {
        if (!(error instanceof ShardlabError) || isOfWorld(error)) throw error
        found.push({ ...stateOf(candidate, "unusable"), reason: reasonOf(error), fix: error.hint })
        if (candidate.named) throw error
        refusals.push(error)
        emit({ kind: "log", source: "device", level: "warning", text: error.message })
      }
    }
  } finally {
    const rest = candidates.slice(found.length).map(candidate => stateOf(candidate, "not opened"))
    states = [...found, ...rest]
  }
  if (refusals.length > 0) throw refusals.at(-1)!
  throw fail("PLUGIN_MISSING", { looked: looked.join(", ") || "nothing" })
}

/** What is wrong with the other processes is no reason to go on without them. */
export function isOfWorld(error: unknown): boolean {
  return error instanceof ShardlabError && error.code.startsWith("WORLD_")
}

function stateOf({ known, path }: PluginCandidate, state: PluginState["state"]): PluginState {
  return { name: known.name, path, state }
}

function reasonOf({ details, message }: ShardlabError): string {
  return typeof details.reason === "string" ? details.reason : message
}

/** A plugin's client is made once, so options that come later cannot be heard. */
function lateChange({ visibleDevices, memoryFraction, preallocate, allocator }: DeviceOptions) {
  const wanted = { visibleDevices, memoryFraction, preallocate, allocator }
  for (const [name, value] of Object.entries(wanted)) {
    const same = JSON.stringify(value) === JSON.stringify(inUse[name as keyof typeof wanted])
    if (opened.size > 0 && value !== undefined && !same)
      return `${name} comes too late, because the device is open since the first use of tf`
  }
  return undefined
}

function openCandidate(candidate: PluginCandidate, options: OpenDeviceOptions): Device {
  const known = opened.get(candidate.path)
  if (known && !options.open) return known
  const device = options.open?.(candidate) ?? openPlugin(candidate, options)
  const verdicts = options.verdicts ?? new Verdicts()
  if (!verdicts.hasPassed(candidate.path)) {
    const verdict = (options.test ?? selfTest)(device)
    if (!verdict.ok) {
      device.close()
      throw refuse(candidate, verdict.reason ?? "its self-test failed")
    }
    verdicts.recordPass(candidate.path)
  }
  if (!options.open) {
    opened.set(candidate.path, device)
    inUse = options
  }
  return device
}
