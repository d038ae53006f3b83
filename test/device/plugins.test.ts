// What plugins need around them, on made-up machines: NVIDIA's libraries and their order, options as C gets them, words for
// what is missing.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"
import { hasTpu } from "../../kernel/lib/device/chips.js"
import { cudaLibraries, withCudaFolder } from "../../kernel/lib/device/cuda.js"
import { gpuCreateOptions, optionProblem } from "../../kernel/lib/device/deviceOptions.js"
import { NullDevice } from "../../kernel/lib/device/nullDevice.js"
import { openDeviceSync, pluginStates } from "../../kernel/lib/device/openDevice.js"
import { failureText, openPlugin, preload } from "../../kernel/lib/device/openPlugin.js"
import { PjrtApi } from "../../kernel/lib/device/pjrt/api.js"
import { namedValues } from "../../kernel/lib/device/pjrt/createClient.js"
import { addressOf, type Koffi, readText, readWords } from "../../kernel/lib/device/pjrt/memory.js"
import { findPlugins, knownPlugins } from "../../kernel/lib/device/plugins.js"
import { Verdicts } from "../../kernel/lib/device/verdicts.js"

const koffi = createRequire(import.meta.url)("koffi") as Koffi

function tree(files: readonly string[], content = ""): string {
  const root = mkdtempSync(join(tmpdir(), "shardlab-plugins-"))
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), content)
  }
  return root
}

test("NVIDIA's libraries are loaded in JAX's order; what is not installed is passed over, what is broken is told", () => {
  // The order of jax-cuda13-pjrt 0.12's own `_load_nvidia_libraries`, with nccl and cupti not installed.
  const installed = [
    "nvidia/cudnn/lib/libcudnn.so.9",
    "nvidia/nvshmem/lib/libnvshmem_host.so.3",
    ...["cufft.so.12", "cusolver.so.12", "cusparse.so.12", "cublasLt.so.13", "cublas.so.13"].map(
      name => `nvidia/cu13/lib/lib${name}`,
    ),
    ...["nvrtc.so.13", "cudart.so.13"].map(name => `nvidia/cu13/lib/lib${name}`),
  ]
  const site = tree(installed)
  const loaded: string[] = []
  const broken = preload(
    cudaLibraries(13).map(library => join(site, library)),
    path => {
      if (path.includes("cusolver")) throw new Error("libcublas.so.13: cannot open shared object file: No")
      loaded.push(path.slice(site.length + 1))
    },
  )
  expect(loaded).toEqual([...installed].reverse().filter(path => !path.includes("cusolver")))
  expect(broken).toEqual([
    "libcusolver.so.12 cannot be loaded: it needs libcublas.so.13, which is not where this machine's loader looks",
  ])
})

test("XLA is told where ptxas and libdevice are, unless the user said it", () => {
  const site = tree(["nvidia/cu13/bin/ptxas"])
  const option = `--xla_gpu_cuda_data_dir=${site}/nvidia/cu13`
  expect(withCudaFolder(undefined, site)).toBe(option)
  expect(withCudaFolder("--xla_gpu_autotune_level=2", site)).toBe(`--xla_gpu_autotune_level=2 ${option}`)
  expect(withCudaFolder("--xla_gpu_cuda_data_dir=/opt/cuda", site)).toBe("--xla_gpu_cuda_data_dir=/opt/cuda")
  expect(withCudaFolder(undefined, tree(["nvidia/cudnn/lib/libcudnn.so.9"]))).toBeUndefined()
})

test("options come from the call, then from JAX's variables, and reach C as PJRT lays them out", () => {
  const env = { XLA_PYTHON_CLIENT_MEM_FRACTION: ".5", XLA_PYTHON_CLIENT_ALLOCATOR: "PLATFORM" }
  expect(gpuCreateOptions({}, env)).toEqual({
    preallocate: false,
    memory_fraction: { float: 0.5 },
    allocator: "platform",
  })
  const options = gpuCreateOptions({ memoryFraction: 0.25, visibleDevices: [3, 1], preallocate: true }, env)
  const { block, count, kept } = namedValues(koffi, { ...options, node_id: -1 })
  const word = (i: number, offset: number) => block.words[(i * 56 + offset) >> 3]!
  const rows = Array.from({ length: count }, (_, i) => ({
    name: readText(koffi, word(i, 16), Number(word(i, 24))),
    type: Number(word(i, 32)),
    value: word(i, 40),
    size: Number(word(i, 48)),
  }))
  expect(rows.map(({ name, type, size }) => [name, type, size])).toEqual([
    ["preallocate", 4, 1],
    ["memory_fraction", 3, 1],
    ["visible_devices", 2, 2],
    ["allocator", 0, 8],
    ["node_id", 1, 1],
  ])
  expect(rows[0]!.value).toBe(1n)
  expect(new Float32Array(Uint32Array.of(Number(rows[1]!.value)).buffer)[0]).toBe(0.25)
  expect([...readWords(koffi, rows[2]!.value, 2)]).toEqual([3n, 1n])
  expect(readText(koffi, rows[3]!.value, 8)).toBe("platform")
  expect(BigInt.asIntN(64, rows[4]!.value)).toBe(-1n)
  expect(kept).toHaveLength(2 * count)
})

test("options that make no sense are refused by name", () => {
  expect(optionProblem({ memoryFraction: 0.9, visibleDevices: [0] })).toBeUndefined()
  expect(() => openDeviceSync({ memoryFraction: 1.5 })).toThrow(/memoryFraction is 1.5/)
  expect(() => openDeviceSync({ visibleDevices: [-1] })).toThrow(/visibleDevices holds -1/)
})

test("a TPU is a PCI device of Google's", () => {
  expect(hasTpu(tree(["0000:00:04.0/vendor"], "0x1ae0\n"))).toBe(true)
  expect(hasTpu(tree(["0000:00:04.0/vendor"], "0x10de\n"))).toBe(false)
  expect(hasTpu("/nowhere")).toBe(false)
})

test("each wheel has a row, a GPU's before the CPU's, and says what it needs", () => {
  const files = [
    "jax_plugins/xla_cuda12/xla_cuda_plugin.so",
    "jax_plugins/xla_cuda13/xla_cuda_plugin.so",
    "jax_plugins/xla_rocm7/xla_rocm_plugin.so",
    "jax_plugins/xla_oneapi/xla_oneapi_plugin.so",
    "libtpu/libtpu.so",
    "fastatomstruct_xla_cpu/libpjrt_cpu.so",
  ]
  const root = tree(files.map(file => `.venv/lib/python3.11/site-packages/${file}`))
  const context = { env: {}, folders: [root], pythonSitePackages: () => [] }
  expect(findPlugins(undefined, context).candidates.map(({ known }) => known.name)).toEqual([
    "jax-cuda13-pjrt",
    "jax-cuda12-pjrt",
    "libtpu",
    "jax-rocm7-pjrt",
    "jax-oneapi-pjrt",
    "fastatomstruct-xla-cpu",
  ])
  const open = (candidate: { known: { name: string } }) => {
    if (candidate.known.name !== "jax-rocm7-pjrt") return openPlugin(candidate as never, {})
    return new NullDevice()
  }
  openDeviceSync({
    context,
    open,
    test: () => ({ ok: true }),
    verdicts: new Verdicts(mkdtempSync(join(tmpdir(), "v-"))),
  })
  expect(pluginStates().map(({ name, state }) => [name, state])).toEqual([
    ["jax-cuda13-pjrt", "unusable"],
    ["jax-cuda12-pjrt", "unusable"],
    ["libtpu", "unusable"],
    ["jax-rocm7-pjrt", "in use"],
    ["jax-oneapi-pjrt", "not opened"],
    ["fastatomstruct-xla-cpu", "not opened"],
  ])
  expect(pluginStates()[0]!.fix).toContain('pip install "jax-cuda13-plugin[with-cuda]"')
})

test("a plugin of another API is refused, with both versions", () => {
  const api = (major: number, minor: number) => {
    const table = new BigUint64Array(new ArrayBuffer(1024))
    table[0] = 1024n
    table[4] = (BigInt(minor) << 32n) | BigInt(major)
    return () => new PjrtApi(koffi, BigInt(addressOf(koffi, table)))
  }
  const known = knownPlugins.find(({ name }) => name === "fastatomstruct-xla-cpu")!
  const candidate = { known, path: "/x/libpjrt_cpu.so", sitePackages: "/x", named: false }
  expect(() => openPlugin(candidate, {}, api(1, 2))).toThrow(/its PJRT API is 1\.2, and shardlab speaks 0\.x/)
  expect(() => openPlugin(candidate, {}, api(0, 81))).toThrow(/its PJRT API is 0\.81, and 0\.106/)
})

test("the loader's words become a sentence", () => {
  const said = (text: string) => failureText(new Error(`Failed to load shared library: ${text}`), "/p/a.so")
  expect(said("libmpi.so.12: cannot open shared object file: No such file or directory")).toBe(
    "it needs libmpi.so.12, which is not where this machine's loader looks",
  )
  expect(said("/p/a.so: invalid ELF header")).toBe("invalid ELF header")
})
