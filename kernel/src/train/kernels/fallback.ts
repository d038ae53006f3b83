// A kernel that is not lowered runs on tfjs's cpu backend: what is pending is cut, inputs are read, results come back as
// host memory. Right, slow, and counted, so that `backendReport()` shows what a program paid for.

import type { Tf } from "../tf.js"
import type { TensorInfo } from "../XlaBackend.js"
import type { KernelFunction } from "./register.js"

interface CpuBackend {
  write(values: unknown, shape: readonly number[], dtype: string): object
  readSync(dataId: object): never
  disposeData(dataId: object, force: boolean): void
  firstUse?: boolean
}

export function cpuDetour(tf: Tf, name: string, detours: Map<string, number>): KernelFunction {
  return ({ inputs, attrs, backend }) => {
    detours.set(name, (detours.get(name) ?? 0) + 1)
    const cpu = tf.findBackend("cpu") as unknown as CpuBackend
    cpu.firstUse = false // Else its first use prints advice on stderr.
    const kernel = tf.getKernel(name, "cpu").kernelFunc as unknown as (
      call: object,
    ) => TensorInfo | TensorInfo[]
    const moved = Object.entries(inputs).flatMap(([key, info]) =>
      info === undefined || info === null
        ? []
        : [[key, { ...info, shape: info.shape, dtype: info.dtype, dataId: moveOver(info) }] as const],
    )
    function moveOver(info: TensorInfo): object {
      return cpu.write(backend.readSync(info.dataId), info.shape, info.dtype)
    }
    try {
      const result = kernel({ inputs: Object.fromEntries(moved), attrs, backend: cpu })
      return Array.isArray(result) ? result.map(bringBack) : bringBack(result)
    } finally {
      for (const [, info] of moved) cpu.disposeData(info.dataId, true)
    }
    function bringBack(info: TensorInfo): TensorInfo {
      const values = cpu.readSync(info.dataId)
      cpu.disposeData(info.dataId, true)
      return { dataId: backend.write(values, info.shape, info.dtype), shape: info.shape, dtype: info.dtype }
    }
  }
}
