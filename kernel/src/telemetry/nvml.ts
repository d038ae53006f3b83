// NVIDIA GPUs through NVML, the library behind nvidia-smi: use, memory, power, temperature, clocks, why they are held back,
// and each process's memory. Struct layouts and numbers are those of nvml.h (R580); what a GPU does not support is left out.
// Not run on a GPU yet: tested against a library of the same interface, which NVIDIA's own client reads too.

import type { KoffiFunc } from "koffi"
import { type Koffi, loadKoffi } from "../koffi.js"
import type { NewEvent } from "./bus.js"

type Sample = Extract<NewEvent, { kind: "device.sample" }>
type Call = KoffiFunc<(...args: never[]) => number>

const [success, insufficientSize] = [0, 7]
const clockOfSm = 1
const temperatureOfGpu = 0
const nameBytes = 96
/** `nvmlProcessInfo_t` since v2: pid @0 (4 bytes), usedGpuMemory @8, gpuInstanceId @16, computeInstanceId @20. */
const processInfo = { bytes: 24, pid: 0, memory: 8 }
/** What NVML gives where it may not say. */
const notAvailable = 0xffff_ffff_ffff_ffffn

/** Bits of `nvmlDeviceGetCurrentClocksEventReasons` that slow a GPU down; idling and clocks that the user set do not count. */
const reasons: readonly (readonly [bigint, string])[] = [
  [0x04n, "power cap"],
  [0x20n, "temperature"],
  [0x40n, "temperature (hardware)"],
  [0x80n, "power brake"],
  [0x08n, "hardware slowdown"],
  [0x10n, "sync boost"],
]

const signatures = {
  nvmlInit_v2: [],
  nvmlDeviceGetCount_v2: ["void *"],
  nvmlDeviceGetHandleByIndex_v2: ["uint32_t", "void *"],
  nvmlDeviceGetName: ["uintptr_t", "void *", "uint32_t"],
  nvmlDeviceGetUtilizationRates: ["uintptr_t", "void *"],
  nvmlDeviceGetMemoryInfo: ["uintptr_t", "void *"],
  nvmlDeviceGetPowerUsage: ["uintptr_t", "void *"],
  nvmlDeviceGetEnforcedPowerLimit: ["uintptr_t", "void *"],
  nvmlDeviceGetTemperature: ["uintptr_t", "uint32_t", "void *"],
  nvmlDeviceGetClockInfo: ["uintptr_t", "uint32_t", "void *"],
  nvmlDeviceGetMaxClockInfo: ["uintptr_t", "uint32_t", "void *"],
  nvmlDeviceGetCurrentClocksEventReasons: ["uintptr_t", "void *"],
  nvmlDeviceGetCurrentClocksThrottleReasons: ["uintptr_t", "void *"],
  nvmlDeviceGetComputeRunningProcesses_v3: ["uintptr_t", "void *", "void *"],
} as const
type Name = keyof typeof signatures

/** A function that samples every GPU; undefined where there is no NVML or no GPU. `library` is for tests. */
export function gpuSampler(library = "libnvidia-ml.so.1"): (() => Sample[]) | undefined {
  try {
    const nvml = new Nvml(library)
    const gpus = nvml.gpus()
    return gpus.length === 0 ? undefined : () => gpus.flatMap(gpu => nvml.sample(gpu) ?? [])
  } catch {
    return undefined
  }
}

interface Gpu {
  readonly id: string
  readonly handle: bigint
  readonly name: string
}

class Nvml {
  readonly #koffi = loadKoffi()
  readonly #calls = new Map<Name, Call | undefined>()
  readonly #library: ReturnType<Koffi["load"]>
  /** Results are written here; all are 64 bits wide at most. */
  readonly #out = new DataView(new ArrayBuffer(64))
  #processes = new DataView(new ArrayBuffer(64 * processInfo.bytes))

  constructor(path: string) {
    this.#library = this.#koffi.load(path)
    if (this.#call("nvmlInit_v2") !== success) throw new Error("NVML did not start")
  }

  gpus(): Gpu[] {
    const count = this.#read("nvmlDeviceGetCount_v2") ?? 0
    return Array.from({ length: count }, (_, index) => {
      if (this.#call("nvmlDeviceGetHandleByIndex_v2", index, this.#bytes()) !== success) return []
      const handle = this.#out.getBigUint64(0, true)
      return { id: `gpu-${index}`, handle, name: this.#name(handle) }
    }).flat()
  }

  /** Undefined once the GPU is lost. */
  sample({ id, handle, name }: Gpu): Sample | undefined {
    if (this.#call("nvmlDeviceGetMemoryInfo", handle, this.#bytes()) !== success) return undefined
    const memMax = this.#wide(0)
    const mem = this.#wide(16)
    const util = this.#read("nvmlDeviceGetUtilizationRates", handle)
    const [watts, maxWatts] = [
      this.#read("nvmlDeviceGetPowerUsage", handle),
      this.#read("nvmlDeviceGetEnforcedPowerLimit", handle),
    ]
    return {
      kind: "device.sample",
      id,
      name,
      util: (util ?? 0) / 100,
      mem,
      memMax,
      ...defined("watts", watts, 1000),
      ...defined("maxWatts", maxWatts, 1000),
      ...defined("celsius", this.#read("nvmlDeviceGetTemperature", handle, temperatureOfGpu)),
      ...defined("mhz", this.#read("nvmlDeviceGetClockInfo", handle, clockOfSm)),
      ...defined("maxMhz", this.#read("nvmlDeviceGetMaxClockInfo", handle, clockOfSm)),
      ...this.#throttle(handle),
      ...this.#processesOf(handle),
    }
  }

  #throttle(handle: bigint): { throttle?: string } {
    const found = [
      "nvmlDeviceGetCurrentClocksEventReasons",
      "nvmlDeviceGetCurrentClocksThrottleReasons",
    ].some(name => this.#call(name as Name, handle, this.#bytes()) === success)
    if (!found) return {}
    const bits = this.#out.getBigUint64(0, true)
    const names = reasons.filter(([bit]) => (bits & bit) !== 0n).map(([, name]) => name)
    return names.length === 0 ? {} : { throttle: names.join(", ") }
  }

  #processesOf(handle: bigint): Pick<Sample, "processes"> {
    let status = this.#listProcesses(handle)
    if (status === insufficientSize) {
      // Some more than there were, since others may start meanwhile.
      const count = this.#out.getUint32(0, true) + 16
      this.#processes = new DataView(new ArrayBuffer(count * processInfo.bytes))
      status = this.#listProcesses(handle)
    }
    if (status !== success) return {}
    const count = this.#out.getUint32(0, true)
    const processes = Array.from({ length: count }, (_, i) => {
      const at = i * processInfo.bytes
      const memory = this.#processes.getBigUint64(at + processInfo.memory, true)
      const pid = this.#processes.getUint32(at + processInfo.pid, true)
      return { pid, mem: memory === notAvailable ? 0 : Number(memory) }
    })
    return { processes }
  }

  #listProcesses(handle: bigint): number {
    this.#out.setUint32(0, this.#processes.byteLength / processInfo.bytes, true)
    const list = new Uint8Array(this.#processes.buffer)
    return this.#call("nvmlDeviceGetComputeRunningProcesses_v3", handle, this.#bytes(), list)
  }

  #name(handle: bigint): string {
    const text = new Uint8Array(new ArrayBuffer(nameBytes))
    if (this.#call("nvmlDeviceGetName", handle, text, nameBytes) !== success) return "NVIDIA GPU"
    return new TextDecoder().decode(text.subarray(0, text.indexOf(0)))
  }

  /** An unsigned int that a function writes behind its last argument. */
  #read(name: Name, ...args: readonly (bigint | number)[]): number | undefined {
    return this.#call(name, ...args, this.#bytes()) === success ? this.#out.getUint32(0, true) : undefined
  }

  #wide(offset: number): number {
    return Number(this.#out.getBigUint64(offset, true))
  }

  #bytes(): Uint8Array {
    return new Uint8Array(this.#out.buffer)
  }

  /** The status of a call; a driver that has not the function counts as one that does not support it. */
  #call(name: Name, ...args: readonly unknown[]): number {
    if (!this.#calls.has(name)) this.#calls.set(name, this.#find(name))
    return this.#calls.get(name)?.(...(args as never[])) ?? -1
  }

  #find(name: Name): Call | undefined {
    try {
      return this.#library.func(name, "int", [...signatures[name]]) as Call
    } catch {
      return undefined
    }
  }
}

function defined<K extends string>(
  key: K,
  value: number | undefined,
  divisor = 1,
): Partial<Record<K, number>> {
  return value === undefined ? {} : ({ [key]: value / divisor } as Record<K, number>)
}
