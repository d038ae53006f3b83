// Registers every kernel for backend `xla`: the tables by wrapping graph functions, the host kernels as they are, and all
// other kernels that tfjs has as a detour over its cpu backend, which is counted.

import type { Node } from "../../ir/node.js"
import type { Tf } from "../tf.js"
import type { TensorInfo, XlaBackend } from "../XlaBackend.js"
import { hostChecks } from "./checks.js"
import { asComplex, complexKernels, partKernels } from "./complex.js"
import { convolutionKernels, type DeviceTraits } from "./convolution.js"
import { einsumKernels } from "./einsum.js"
import { elementwise } from "./elementwise.js"
import { cpuDetour } from "./fallback.js"
import { convGeometry, poolGeometry } from "./geometry.js"
import { hostKernels } from "./hostKernels.js"
import { images } from "./images.js"
import { gatherKernels, indexing } from "./indexing.js"
import { linear } from "./linear.js"
import { morphologyKernels } from "./morphology.js"
import { poolingKernels } from "./pooling.js"
import { projection } from "./projection.js"
import { randomKernels } from "./random.js"
import { reduction } from "./reduction.js"
import { scatter } from "./scatter.js"
import { shape, stridedSliceKernel } from "./shape.js"
import type { Kernel, KernelTable } from "./table.js"

export const backendName = "xla"

export type TfInputs = Record<string, TensorInfo | undefined>
export interface KernelCall {
  readonly inputs: TfInputs
  readonly attrs: object
  readonly backend: XlaBackend
}
export type KernelFunction = (call: KernelCall) => TensorInfo | TensorInfo[]

/**
 * A graph function as a tfjs kernel. Strings go to `detour`; complex numbers go to the kernel of the complex table, if it
 * has one.
 */
function recording(name: string, kernel: Kernel, detour: KernelFunction | undefined): KernelFunction {
  const run = kernel as Run
  const check = hostChecks[name]
  return call => {
    const { inputs, attrs, backend } = call
    const nodes: Record<string, Node> = {}
    let complex = false
    for (const input in inputs) {
      const info = inputs[input]
      if (info === undefined || info === null) continue
      if (info.dtype === "string" && detour !== undefined) return detour(call)
      if (info.dtype === "complex64") complex = true
      nodes[input] = backend.nodeOf(info)
    }
    check?.(call)
    if (complex) return recordComplex(name, nodes, call)
    const result = run(nodes, attrs)
    return Array.isArray(result) ? result.map(node => backend.record(node)) : backend.record(result as Node)
  }
}

type Run = (inputs: object, attrs: object) => Node | readonly Node[]

function recordComplex(
  name: string,
  nodes: Record<string, Node>,
  { inputs, attrs, backend }: KernelCall,
): TensorInfo {
  const kernel = complexKernels[name] as Run | undefined
  if (kernel === undefined) throw new TypeError(`${name} does not take complex64 tensors`)
  for (const input in nodes) {
    if (inputs[input]!.dtype !== "complex64") nodes[input] = asComplex(nodes[input]!)
  }
  return backend.record(kernel(nodes, attrs) as Node, "complex64")
}

/** Kernels of which complex numbers are all that they take. */
function ofComplex(name: string): KernelFunction {
  return call => {
    const { inputs, attrs, backend } = call
    const info = inputs.input ?? inputs.x!
    const node = backend.nodeOf(info)
    const nodes = { input: node, x: node }
    if (complexKernels[name] !== undefined) return recordComplex(name, { input: node }, call)
    const part = partKernels[name] as Run
    // The real part of a real number is itself, as NumPy has it; tfjs's cpu kernel fails.
    const whole = info.dtype === "complex64" ? node : asComplex(node)
    return backend.record(part({ ...nodes, input: whole, x: whole }, attrs) as Node)
  }
}

export function loweredKernels(tf: Tf, traits: DeviceTraits): KernelTable {
  const [conv, pool] = [convGeometry(tf), poolGeometry(tf)]
  return {
    ...elementwise,
    ...reduction,
    ...shape,
    ...linear,
    ...indexing,
    ...scatter,
    ...images,
    ...projection,
    ...gatherKernels(tf),
    ...stridedSliceKernel(tf),
    ...einsumKernels(tf),
    ...convolutionKernels(conv, traits),
    ...poolingKernels(pool),
    ...morphologyKernels(conv, pool),
  }
}

/** `detours` counts, by kernel name, the calls that ran on tfjs's cpu backend instead. */
export function registerKernels(tf: Tf, traits: DeviceTraits, detours: Map<string, number>): void {
  const onCpu = new Set(tf.getKernelsForBackend("cpu").map(config => config.kernelName))
  const detour = (name: string) => (onCpu.has(name) ? cpuDetour(tf, name, detours) : undefined)
  const lowered = new Map<string, KernelFunction>()
  for (const [name, kernel] of Object.entries(loweredKernels(tf, traits)))
    lowered.set(name, recording(name, kernel, detour(name)))
  for (const name of complexOnly) lowered.set(name, ofComplex(name))
  for (const [name, kernel] of Object.entries({ ...hostKernels, ...randomKernels(tf) }))
    lowered.set(name, withStrings(kernel, name === "Slice" ? detour(name) : undefined))
  const known = tf.getKernelsForBackend(backendName).map(config => config.kernelName)
  const register = (kernelName: string, kernel: KernelFunction) => {
    if (known.includes(kernelName)) return
    tf.registerKernel({ kernelName, backendName, kernelFunc: kernel as never })
  }
  for (const [name, kernel] of lowered) register(name, kernel)
  for (const name of onCpu) if (!lowered.has(name)) register(name, cpuDetour(tf, name, detours))
}

export const complexOnly = ["FFT", "IFFT", ...Object.keys(partKernels)]

function withStrings(kernel: KernelFunction, detour: KernelFunction | undefined): KernelFunction {
  if (detour === undefined) return kernel
  return call => (call.inputs.x?.dtype === "string" ? detour(call) : kernel(call))
}
