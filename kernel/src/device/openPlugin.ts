// From a plugin's file to its device: what has to be loaded and set before it, the load itself, and a refusal that says in
// words what was missing. Not the choice among plugins: openDevice.ts makes it.

import { existsSync } from "node:fs"
import { basename, join } from "node:path"
import { fail, ShardlabError } from "../errors.js"
import { loadKoffi } from "../koffi.js"
import { withCudaFolder } from "./cuda.js"
import type { Device } from "./Device.js"
import { type CreateOptions, type DeviceOptions, gpuCreateOptions } from "./deviceOptions.js"
import { loadApi, PjrtError } from "./pjrt/api.js"
import { PjrtDevice } from "./pjrt/PjrtDevice.js"
import type { KnownPlugin, PluginCandidate } from "./plugins.js"
import { World } from "./world/World.js"

/** How a library is loaded; for tests. */
export type LoadLibrary = (path: string) => void

/** `load` is for tests. */
export function openPlugin(candidate: PluginCandidate, options: DeviceOptions, load = loadApi): Device {
  const { known, path, sitePackages } = candidate
  const obstacle = known.obstacle?.()
  if (obstacle !== undefined) throw refuse(candidate, obstacle)
  const broken = known.preload.length === 0 ? [] : prepareCuda(known, sitePackages)
  try {
    const api = load(path)
    if (api.major !== 0)
      throw refuse(candidate, `its PJRT API is ${api.major}.${api.minor}, and shardlab speaks 0.x`)
    if (api.minor < known.minMinor)
      throw refuse(
        candidate,
        `its PJRT API is 0.${api.minor}, and 0.${known.minMinor} is the oldest that is right`,
      )
    const plugin = { name: known.name, path }
    if (!known.isGpu) return new PjrtDevice(api, { plugin, create: known.create })
    const create = { ...known.create, ...gpuCreateOptions(options, process.env) }
    const world = World.here()
    if (world === undefined) return new PjrtDevice(api, { plugin, create })
    return openTogether(
      world,
      createOptions => new PjrtDevice(api, { plugin, create: { ...create, ...createOptions }, world }),
      options,
    )
  } catch (error) {
    if (error instanceof ShardlabError) throw error
    throw refuse(candidate, [failureText(error, path), ...broken].join("; "), error)
  }
}

/** A client that spans the processes of a launch. When this one cannot be made, the others do not wait for it. */
function openTogether(
  world: World,
  open: (create: CreateOptions) => Device,
  { visibleDevices }: DeviceOptions,
): Device {
  world.join()
  const { rank, size, localRank, localSize } = world.place
  // Processes of one host take one GPU each, as JAX has it.
  const own: CreateOptions =
    visibleDevices === undefined && localSize !== 1 ? { visible_devices: [localRank] } : {}
  try {
    return open({ node_id: rank, num_nodes: size, ...own })
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    const cause = world.failureBehind(problem)
    if (cause !== undefined) throw cause
    world.fail(problem)
    if (error instanceof PjrtError) throw new PjrtError(error.code, `rank ${rank} of ${size}: ${problem}`)
    throw error
  }
}

function prepareCuda(known: KnownPlugin, sitePackages: string): string[] {
  const flags = withCudaFolder(process.env.XLA_FLAGS, sitePackages)
  // XLA reads it when its library starts; an assignment on the main thread reaches the process's own environment.
  if (flags !== undefined) process.env.XLA_FLAGS = flags
  return preload(known.preload.map(library => join(sitePackages, library)))
}

/**
 * Loads those of the libraries that are there, in this order: a plugin looks them up by name and finds what the process has
 * loaded. Gives back a sentence for each that is there and cannot be loaded.
 */
export function preload(libraries: readonly string[], load: LoadLibrary = loadForGood): string[] {
  return libraries
    .filter(library => existsSync(library))
    .flatMap(library => {
      try {
        load(library)
        return []
      } catch (error) {
        return `${basename(library)} cannot be loaded: ${failureText(error, library)}`
      }
    })
}

/** koffi unloads a library that is garbage-collected. */
const loaded: unknown[] = []

function loadForGood(path: string): void {
  loaded.push(loadKoffi().load(path))
}

/** The loader's words, shorter: which library it did not find, or what is wrong with the file. */
export function failureText(error: unknown, path: string): string {
  const text = error instanceof Error ? error.message.split("\n", 1)[0]! : String(error)
  const missing = /(\S+): cannot open shared object file/.exec(text)?.[1]
  if (missing !== undefined && missing !== path)
    return `it needs ${missing}, which is not where this machine's loader looks`
  if (/Cannot find function 'GetPjrtApi'/.test(text)) return "it is no PJRT plugin: it exports no GetPjrtApi"
  return text.replace("Failed to load shared library: ", "").replace(`${path}: `, "").replace(/\.$/, "")
}

export function refuse(candidate: PluginCandidate, reason: string, cause?: unknown): ShardlabError {
  const { known, named, path } = candidate
  const choice = "Name another file, or unset SHARDLAB_PJRT_PLUGIN to use the plugin that is installed."
  const fix = named ? `${choice} ${known.fix}` : known.fix
  return fail("PLUGIN_REFUSED", { path, reason: reason.replace(/\.$/, ""), fix }, cause)
}
