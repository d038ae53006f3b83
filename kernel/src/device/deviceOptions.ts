// How a GPU is to be used, and as what `PJRT_Client_Create` gets it. Where a program says nothing, the variables that JAX
// reads say it, so that a machine set up for JAX needs nothing more. CPU plugins know none of these.

export interface DeviceOptions {
  /** Path of a PJRT plugin; default: SHARDLAB_PJRT_PLUGIN, then the known wheels (plugins.ts). */
  readonly plugin?: string
  /** GPUs to use, by number as in `nvidia-smi`; default: all that CUDA_VISIBLE_DEVICES leaves. */
  readonly visibleDevices?: readonly number[]
  /** Share of the GPU's memory that may be taken, above 0 to 1; default: XLA_PYTHON_CLIENT_MEM_FRACTION, then 0.75. */
  readonly memoryFraction?: number
  /** Takes that share at once; default: XLA_PYTHON_CLIENT_PREALLOCATE, then false, so that others may use the GPU too. */
  readonly preallocate?: boolean
  /** Who hands out the memory; default: XLA_PYTHON_CLIENT_ALLOCATOR, then XLA's own. */
  readonly allocator?: "default" | "bfc" | "cuda_async" | "platform"
}

/** What a create option may be; whole numbers are int64, so a float says that it is one. */
export type CreateValue = boolean | number | string | { readonly float: number } | readonly number[]
export type CreateOptions = Readonly<Record<string, CreateValue>>

type Environment = Readonly<Record<string, string | undefined>>

export function gpuCreateOptions(options: DeviceOptions, env: Environment): CreateOptions {
  const fraction = options.memoryFraction ?? share(env.XLA_PYTHON_CLIENT_MEM_FRACTION)
  const allocator = options.allocator ?? env.XLA_PYTHON_CLIENT_ALLOCATOR?.toLowerCase()
  return {
    preallocate: options.preallocate ?? /^(1|true)$/i.test(env.XLA_PYTHON_CLIENT_PREALLOCATE ?? ""),
    ...(fraction === undefined ? {} : { memory_fraction: { float: fraction } }),
    ...(options.visibleDevices === undefined ? {} : { visible_devices: options.visibleDevices }),
    ...(allocator === undefined || allocator === "" ? {} : { allocator }),
  }
}

function share(text: string | undefined): number | undefined {
  const value = Number(text)
  return text !== undefined && value > 0 ? value : undefined
}

/** What is wrong with the options, for an error; undefined when nothing is. */
export function optionProblem({ memoryFraction, visibleDevices }: DeviceOptions): string | undefined {
  if (memoryFraction !== undefined && !(memoryFraction > 0 && memoryFraction <= 1))
    return `memoryFraction is ${memoryFraction}, and has to be above 0 and at most 1`
  const wrong = visibleDevices?.find(id => !Number.isInteger(id) || id < 0)
  if (wrong !== undefined) return `visibleDevices holds ${wrong}, and takes numbers of GPUs: 0, 1, ...`
  return undefined
}
