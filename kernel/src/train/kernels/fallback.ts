// A kernel that is not lowered runs on tfjs's cpu backend: what is pending is cut, inputs are read, results come back as
// host memory. Right, slow, and counted, so that `backendReport()` shows what a program paid for.

import type { Tf } from "../tf.js"
import type { TensorInfo } from "../XlaBackend.js"
import type { KernelFunction, TfInputs } from "./register.js"

interface CpuBackend {
  write(values: unknown, shape: readonly number[], dtype: string): object
  readSync(dataId: object): never
  disposeData(dataId: object, force: boolean): void
  firstUse?: boolean
}

/** An input may be missing, and kernels of ragged tensors take lists of tensors among their inputs. */
type Input = TensorInfo | undefined | null | Inputs
interface Inputs {
  readonly [name: string]: Input
}

function isInfo(input: Input): input is TensorInfo {
  return typeof input === "object" && input !== null && "dataId" in input
}

/** The same inputs, in the same form (an object, or an array), with every tensor mapped. */
function mapped(inputs: Inputs, map: (info: TensorInfo) => TensorInfo): Inputs {
  const one = (input: Input): Input =>
    isInfo(input) ? map(input) : input === undefined || input === null ? input : mapped(input, map)
  if (Array.isArray(inputs)) return inputs.map(one) as unknown as Inputs
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, one(input)]))
}

export function cpuDetour(tf: Tf, name: string, detours: Map<string, number>): KernelFunction {
  return ({ inputs, attrs, backend }) => {
    detours.set(name, (detours.get(name) ?? 0) + 1)
    const cpu = tf.findBackend("cpu") as unknown as CpuBackend
    cpu.firstUse = false // Else its first use prints advice on stderr.
    const kernel = tf.getKernel(name, "cpu").kernelFunc as unknown as (
      call: object,
    ) => TensorInfo | TensorInfo[]
    const moved: object[] = []
    const there = mapped(inputs as TfInputs & Inputs, ({ dataId, shape, dtype }) => {
      const copy = cpu.write(backend.readSync(dataId), shape, dtype)
      moved.push(copy)
      return { dataId: copy, shape, dtype }
    })
    try {
      const result = kernel({ inputs: there, attrs, backend: cpu })
      return Array.isArray(result) ? result.map(bringBack) : bringBack(result)
    } finally {
      for (const dataId of moved) cpu.disposeData(dataId, true)
    }
    function bringBack(info: TensorInfo): TensorInfo {
      const values = cpu.readSync(info.dataId)
      cpu.disposeData(info.dataId, true)
      return { dataId: backend.write(values, info.shape, info.dtype), shape: info.shape, dtype: info.dtype }
    }
  }
}
