// `import "shardlab/backend"`: registers backend `xla` on the tfjs-core of any Node program and makes it the one in use.
// For programs of their own, without a notebook: starts no kernel and loads nothing of it but what trains. In a cell, `tf`
// of "shardlab" is there already.

import { createRequire } from "node:module"
import { join, sep } from "node:path"
import { openDeviceSync } from "../device/openDevice.js"
import { activeXla, detours, installXla, xlaCounts } from "./install.js"
import { stepCompiler } from "./step/compile.js"
import { useCore } from "./tf.js"

type Core = typeof import("@tensorflow/tfjs-core")
type Layers = typeof import("@tensorflow/tfjs-layers")
type Require = ReturnType<typeof createRequire>

const ours = createRequire(import.meta.url)
/** From the program's main file, then from its folder, then the copy that we depend on. */
const places: readonly Require[] = [
  ...(process.argv[1] === undefined ? [] : [createRequire(process.argv[1])]),
  createRequire(join(process.cwd(), "program.js")),
  createRequire(ours.resolve("@tensorflow/tfjs")),
]

/** The file of what the program has loaded already, else of what it would load. */
function find(name: string): string | undefined {
  const inside = `${sep}${join("node_modules", ...name.split("/"))}${sep}`
  const isLoaded = (file: string) => file.includes(inside) && file.endsWith(".node.js")
  return Object.keys(ours.cache).find(isLoaded) ?? places.flatMap(place => resolved(place, name))[0]
}

function resolved(require: Require, name: string): string[] {
  try {
    return [require.resolve(name)]
  } catch {
    return []
  }
}

/** The program's tfjs-core, and the same for our packages that ask for theirs: a second one would warn and share no classes. */
function loadOneCore(): Core {
  const file = find("@tensorflow/tfjs-core")!
  const core = ours(file) as Core
  for (const place of [ours, ...places])
    for (const other of resolved(place, "@tensorflow/tfjs-core")) ours.cache[other] ??= ours.cache[file]
  return core
}

const device = openDeviceSync()
const core = loadOneCore()
useCore(core)
// tfjs-core's Node bundle has no gradients: tfjs-layers brings them all. Kernels that are not lowered run on cpu.
const layers = ours(find("@tensorflow/tfjs-layers")!) as Layers
ours(find("@tensorflow/tfjs-backend-cpu")!)
const cpu = core.findBackend("cpu") as unknown as { firstUse?: boolean } | null
if (cpu !== null) cpu.firstUse = false
const both = { ...core, ...layers } as never
installXla(both, device)

/** What `tf.compile` is in a cell: capture and replay of a step of a loop written by hand. */
export const compile = stepCompiler(() => both, activeXla)

export { precision } from "./precision.js"

export interface ProgramReport {
  /** `AMD EPYC 9R14`. */
  readonly device: string
  readonly plugin: { readonly name: string; readonly version: string; readonly path: string }
  /** Programs that were new to this process. */
  readonly compiles: number
  /** Of these, how many were found compiled on disk. */
  readonly fromDisk: number
  readonly compileMs: number
  readonly runs: number
  /** Calls of kernels that are not lowered and ran on tfjs's cpu backend, by kernel. */
  readonly detours: Readonly<Record<string, number>>
}

/** What XLA did so far in this program. */
export function backendReport(): ProgramReport {
  const { name, plugin } = device
  return { device: name, plugin, ...xlaCounts(), detours: Object.fromEntries(detours) }
}
