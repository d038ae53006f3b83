// Finds PJRT plugins on this machine: the wheels we know, where pip puts them, and in which order to try them. Loads
// nothing. To support another wheel, add a row to `knownPlugins`.

import { existsSync } from "node:fs"
import { basename, dirname } from "node:path"
import {
  expand,
  matches,
  type SearchContext,
  sitePackagesOf,
  thisMachine,
  virtualEnvironments,
} from "../sitePackages.js"

export interface KnownPlugin {
  /** The wheel's name for pip. */
  readonly name: string
  /** The library inside site-packages; a folder name may end in `*`. */
  readonly library: string
  /** Oldest minor version of the PJRT API that trains correctly. */
  readonly minMinor: number
  /** Options of `PJRT_Client_Create`. */
  readonly create: Readonly<Record<string, number | boolean>>
  /** Libraries to load first, relative to site-packages, in this order; those that are missing are passed over. */
  readonly preload: readonly string[]
}

const cudaLibraries = [
  ...["libcudart.so.13", "libnvrtc.so.13", "libcublasLt.so.13", "libcublas.so.13"].map(inCuda),
  "nvidia/nccl/lib/libnccl.so.2",
  ...["libcupti.so.13", "libnvJitLink.so.13", "libcusparse.so.12", "libcusolver.so.12", "libcufft.so.12"].map(
    inCuda,
  ),
  "nvidia/nvshmem/lib/libnvshmem_host.so.3",
  "nvidia/cudnn/lib/libcudnn.so.9",
]

/** In the order of preference. CPU plugins below 0.106 compute wrong weights when buffers are donated. */
export const knownPlugins: readonly KnownPlugin[] = [
  {
    name: "jax-cuda13-pjrt",
    library: "jax_plugins/xla_cuda1*/xla_cuda_plugin.so",
    minMinor: 106,
    create: { preallocate: false },
    preload: cudaLibraries,
  },
  { name: "libtpu", library: "libtpu/libtpu.so", minMinor: 106, create: {}, preload: [] },
  cpuPlugin("fastatomstruct-xla-cpu", "fastatomstruct_xla_cpu/libpjrt_cpu.so"),
  cpuPlugin("lammps-jax-pjrt-cpu", "lammps_jax_pjrt_cpu/*.so"),
]

function cpuPlugin(name: string, library: string): KnownPlugin {
  return { name, library, minMinor: 106, create: { cpu_device_count: 1 }, preload: [] }
}

function inCuda(library: string): string {
  return `nvidia/cu13/lib/${library}`
}

/** A library file that may be a plugin. */
export interface PluginCandidate {
  readonly known: KnownPlugin
  readonly path: string
  readonly sitePackages: string
  /** True when the user named the file: then its failure is an error, not a reason to look further. */
  readonly named: boolean
}

export interface PluginSearch {
  readonly candidates: readonly PluginCandidate[]
  /** What was looked at, for the error when nothing is there. */
  readonly looked: readonly string[]
}

/** `plugin` or SHARDLAB_PJRT_PLUGIN alone when given; else known wheels in VIRTUAL_ENV, a project's `.venv`, python3. */
export function findPlugins(
  plugin: string | undefined,
  context: SearchContext = thisMachine(),
): PluginSearch {
  const named = plugin ?? context.env.SHARDLAB_PJRT_PLUGIN
  if (named !== undefined && named !== "") return namedPlugin(named)
  const looked: string[] = []
  const candidates: PluginCandidate[] = []
  const seen = new Set<string>()
  const look = (sitePackages: string) => {
    if (seen.has(sitePackages)) return
    seen.add(sitePackages)
    looked.push(sitePackages)
    for (const known of knownPlugins)
      for (const path of expand(sitePackages, known.library))
        candidates.push({ known, path, sitePackages, named: false })
  }
  for (const folder of virtualEnvironments(context)) for (const found of sitePackagesOf(folder)) look(found)
  if (candidates.length === 0) for (const found of context.pythonSitePackages()) look(found)
  const rank = (candidate: PluginCandidate) => knownPlugins.indexOf(candidate.known)
  return { candidates: candidates.sort((a, b) => rank(a) - rank(b)), looked }
}

function namedPlugin(path: string): PluginSearch {
  if (!existsSync(path)) return { candidates: [], looked: [path] }
  const known = knownPlugins.find(({ library }) => matches(library, path)) ?? {
    ...(basename(path).includes("cpu") ? knownPlugins[2]! : knownPlugins[1]!),
    name: basename(path),
  }
  const sitePackages = /^(.*\/site-packages)\//.exec(path)?.[1] ?? dirname(path)
  return { candidates: [{ known, path, sitePackages, named: true }], looked: [path] }
}
