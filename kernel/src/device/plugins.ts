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
import { hasTpu } from "./chips.js"
import { cudaLibraries } from "./cuda.js"
import type { CreateOptions } from "./deviceOptions.js"

export interface KnownPlugin {
  /** The wheel's name for pip. */
  readonly name: string
  /** The library inside site-packages; a folder name may end in `*`. */
  readonly library: string
  /** Oldest minor version of the PJRT API that trains correctly. */
  readonly minMinor: number
  /** Options of `PJRT_Client_Create`; those of `DeviceOptions` are added for a GPU. */
  readonly create: CreateOptions
  readonly isGpu: boolean
  /** Libraries to load first, relative to site-packages, in this order; those that are missing are passed over. */
  readonly preload: readonly string[]
  /** Why the plugin cannot work on this machine, where that can be told without loading it. */
  readonly obstacle?: () => string | undefined
  /** What to do when it cannot be used. */
  readonly fix: string
}

const others = "`pip uninstall` it where this machine has none"

/** In the order of preference. CPU plugins below 0.106 compute wrong weights when buffers are donated. */
export const knownPlugins: readonly KnownPlugin[] = [
  cudaPlugin(13),
  cudaPlugin(12),
  {
    name: "libtpu",
    library: "libtpu/libtpu.so",
    minMinor: 106,
    create: {},
    isGpu: false,
    preload: [],
    obstacle: () => (hasTpu() ? undefined : "this machine has no TPU"),
    fix: `It is for Google's TPUs: ${others}.`,
  },
  {
    name: "jax-rocm7-pjrt",
    library: "jax_plugins/xla_rocm*/xla_rocm_plugin.so",
    minMinor: 106,
    create: { platform_name: "ROCM" },
    isGpu: true,
    preload: [],
    fix: `It is for AMD's GPUs and needs ROCm 7 installed and found by the loader (LD_LIBRARY_PATH): ${others}.`,
  },
  {
    name: "jax-oneapi-pjrt",
    library: "jax_plugins/xla_oneapi*/xla_oneapi_plugin.so",
    minMinor: 106,
    create: { platform_name: "SYCL" },
    isGpu: true,
    preload: [],
    fix: `It is for Intel's GPUs and needs oneAPI (\`source /opt/intel/oneapi/setvars.sh\`): ${others}.`,
  },
  cpuPlugin("fastatomstruct-xla-cpu", "fastatomstruct_xla_cpu/libpjrt_cpu.so"),
  cpuPlugin("lammps-jax-pjrt-cpu", "lammps_jax_pjrt_cpu/*.so"),
]

function cudaPlugin(version: 12 | 13): KnownPlugin {
  return {
    name: `jax-cuda${version}-pjrt`,
    library: `jax_plugins/xla_cuda${version}/xla_cuda_plugin.so`,
    minMinor: 106,
    create: {},
    isGpu: true,
    preload: cudaLibraries(version),
    fix: `It needs an NVIDIA GPU, a driver for CUDA ${version} (\`nvidia-smi\` shows both) and \`pip install "jax-cuda${version}-plugin[with-cuda]"\`: ${others}.`,
  }
}

function cpuPlugin(name: string, library: string): KnownPlugin {
  return {
    name,
    library,
    minMinor: 106,
    create: { cpu_device_count: 1 },
    isGpu: false,
    preload: [],
    fix: "`pip install -U fastatomstruct-xla-cpu` brings one that is known to be right.",
  }
}

/** A file that is of no wheel we know: a CPU's or a GPU's by its name, or anything. */
function unknownPlugin(path: string): KnownPlugin {
  const name = basename(path)
  const plugin = cpuPlugin(name, path)
  return name.includes("cpu")
    ? plugin
    : { ...plugin, create: {}, isGpu: /gpu|cuda|rocm/.test(name), fix: "Look at what it asks for." }
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
  const known = knownPlugins.find(({ library }) => matches(library, path)) ?? unknownPlugin(path)
  const sitePackages = /^(.*\/site-packages)\//.exec(path)?.[1] ?? dirname(path)
  return { candidates: [{ known, path, sitePackages, named: true }], looked: [path] }
}
