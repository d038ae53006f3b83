// Registers every kernel for backend `xla`: the tables by wrapping graph functions, the host kernels as they are, and all
// other kernels that tfjs has as a detour over its cpu backend, which is counted.

import type { Node } from "../../ir/node.js"
import type { Tf } from "../tf.js"
import type { TensorInfo, XlaBackend } from "../XlaBackend.js"
import { convolutionKernels, type DeviceTraits } from "./convolution.js"
import { elementwise } from "./elementwise.js"
import { cpuDetour } from "./fallback.js"
import { convGeometry, poolGeometry } from "./geometry.js"
import { hostKernels } from "./hostKernels.js"
import { indexing } from "./indexing.js"
import { linear } from "./linear.js"
import { poolingKernels } from "./pooling.js"
import { reduction } from "./reduction.js"
import { shape } from "./shape.js"
import type { Kernel, KernelTable } from "./table.js"

export const backendName = "xla"

export type TfInputs = Record<string, TensorInfo | undefined>
export interface KernelCall {
  readonly inputs: TfInputs
  readonly attrs: object
  readonly backend: XlaBackend
}
export type KernelFunction = (call: KernelCall) => TensorInfo | TensorInfo[]

function recording(kernel: Kernel): KernelFunction {
  const run = kernel as (inputs: object, attrs: object) => Node | readonly Node[]
  return ({ inputs, attrs, backend }) => {
    const nodes: Record<string, Node> = {}
    for (const name in inputs) {
      const info = inputs[name]
      if (info !== undefined && info !== null) nodes[name] = backend.nodeOf(info)
    }
    const result = run(nodes, attrs)
    return Array.isArray(result) ? result.map(node => backend.record(node)) : backend.record(result as Node)
  }
}

export function loweredKernels(tf: Tf, traits: DeviceTraits): KernelTable {
  return {
    ...elementwise,
    ...reduction,
    ...shape,
    ...linear,
    ...indexing,
    ...convolutionKernels(convGeometry(tf), traits),
    ...poolingKernels(poolGeometry(tf)),
  }
}

/** `detours` counts, by kernel name, the calls that ran on tfjs's cpu backend instead. */
export function registerKernels(tf: Tf, traits: DeviceTraits, detours: Map<string, number>): void {
  const lowered = new Map<string, KernelFunction>()
  for (const [name, kernel] of Object.entries(loweredKernels(tf, traits)))
    lowered.set(name, recording(kernel))
  for (const [name, kernel] of Object.entries(hostKernels)) lowered.set(name, kernel)
  const known = tf.getKernelsForBackend(backendName).map(config => config.kernelName)
  const register = (kernelName: string, kernel: KernelFunction) => {
    if (known.includes(kernelName)) return
    tf.registerKernel({ kernelName, backendName, kernelFunc: kernel as never })
  }
  for (const [name, kernel] of lowered) register(name, kernel)
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (!lowered.has(kernelName)) register(kernelName, cpuDetour(tf, kernelName, detours))
  }
}
