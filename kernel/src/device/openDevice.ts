// Opens this machine's best device: the first plugin found that loads, has a device and passes the self-test. One client
// a plugin in a process, because a plugin's runtime is global and never unloaded.

import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fail, ShardlabError } from "../errors.js"
import type { SearchContext } from "../sitePackages.js"
import { emit } from "../telemetry/bus.js"
import type { Device } from "./Device.js"
import { loadApi } from "./pjrt/api.js"
import { PjrtDevice } from "./pjrt/PjrtDevice.js"
import { findPlugins, type PluginCandidate } from "./plugins.js"
import { type SelfTestVerdict, selfTest } from "./selfTest.js"
import { Verdicts } from "./verdicts.js"

export interface OpenDeviceOptions {
  /** Path of a PJRT plugin; default: SHARDLAB_PJRT_PLUGIN, then the known wheels (plugins.ts). */
  readonly plugin?: string
  /** For tests: the machine to search, how a candidate is opened, how it is tested, where passes are kept. */
  readonly context?: SearchContext
  readonly open?: (candidate: PluginCandidate) => Device
  readonly test?: (device: Device) => SelfTestVerdict
  readonly verdicts?: Verdicts
}

const opened = new Map<string, Device>()

/** The device of this process, opened on first use (about 0.1 s, once 0.4 s more for the self-test). */
export async function openDevice(options: OpenDeviceOptions = {}): Promise<Device> {
  return openDeviceSync(options)
}

/** The same for callers that cannot wait, such as tfjs's `dataSync`. Throws PLUGIN_MISSING or PLUGIN_REFUSED. */
export function openDeviceSync(options: OpenDeviceOptions = {}): Device {
  const { candidates, looked } = findPlugins(options.plugin, options.context)
  const refusals: ShardlabError[] = []
  for (const candidate of candidates) {
    try {
      return openCandidate(candidate, options)
    } catch (error) {
      if (!(error instanceof ShardlabError) || candidate.named) throw error
      refusals.push(error)
      emit({ kind: "log", source: "device", level: "warning", text: error.message })
    }
  }
  if (refusals.length > 0) throw refusals.at(-1)!
  throw fail("PLUGIN_MISSING", { looked: looked.join(", ") || "nothing" })
}

function openCandidate(candidate: PluginCandidate, options: OpenDeviceOptions): Device {
  const known = opened.get(candidate.path)
  if (known && !options.open) return known
  const device = (options.open ?? openPlugin)(candidate)
  const verdicts = options.verdicts ?? new Verdicts()
  if (!verdicts.hasPassed(candidate.path)) {
    const verdict = (options.test ?? selfTest)(device)
    if (!verdict.ok) {
      device.close()
      throw refuse(candidate, verdict.reason ?? "its self-test failed")
    }
    verdicts.recordPass(candidate.path)
  }
  if (!options.open) opened.set(candidate.path, device)
  return device
}

function openPlugin(candidate: PluginCandidate): Device {
  const { known, path, sitePackages } = candidate
  try {
    preload(known.preload.map(library => join(sitePackages, library)))
    const api = loadApi(path)
    if (api.minor < known.minMinor)
      throw refuse(
        candidate,
        `its PJRT API is 0.${api.minor}, and 0.${known.minMinor} is the oldest that is right`,
      )
    return new PjrtDevice(api, { plugin: { name: known.name, path }, create: known.create })
  } catch (error) {
    if (error instanceof ShardlabError) throw error
    throw refuse(candidate, error instanceof Error ? error.message.split("\n", 1)[0]! : String(error), error)
  }
}

/** A plugin looks its libraries up by name, and finds those that the process has loaded already. */
function preload(libraries: readonly string[]): void {
  if (libraries.length === 0) return
  const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi").default
  for (const library of libraries) if (existsSync(library)) koffi.load(library, { global: true })
}

function refuse(candidate: PluginCandidate, reason: string, cause?: unknown): ShardlabError {
  const fix = candidate.named
    ? "Name another file, or unset SHARDLAB_PJRT_PLUGIN to use the plugin that is installed."
    : "`pip install -U fastatomstruct-xla-cpu` brings one that is known to be right."
  return fail("PLUGIN_REFUSED", { path: candidate.path, reason: reason.replace(/\.$/, ""), fix }, cause)
}
