// The seam to whatever computes: StableHLO text is compiled once and run many times on buffers that live on the device.
// Not a tensor library and not a graph: `ir` builds programs, `train` decides when to run them. A device owns its
// executables and buffers until they are freed by whoever made them; `close` frees the rest. All calls are synchronous
// on one thread, because tfjs's `dataSync` must be; execution itself is asynchronous behind the buffers.
// `device/nullDevice.ts` is the double: it checks shapes and calls and computes zeros.

import type { MeshAxes, Sharding } from "./sharding.js"

export interface Device {
  /** `cpu`, `cuda:0`. */
  readonly id: string
  /** For people: `AMD EPYC 9R14`, `NVIDIA H100 80GB`. */
  readonly name: string
  readonly plugin: {
    readonly name: string
    readonly version: string
    readonly path: string
  }
  /** Compiles an MLIR module in StableHLO text whose entry is `@main`. Throws a ShardlabError with XLA's first line. */
  compile(stablehlo: string, results?: readonly Sharding[]): Executable
  /** The same without blocking the thread. */
  compileAsync(stablehlo: string, results?: readonly Sharding[]): Promise<Executable>
  /** Copies a host array to the device; to a mesh as `sharding` says, by default whole to each of its devices. */
  upload(data: HostArray, dtype: DType, shape: readonly number[], sharding?: Sharding): DeviceBuffer
  /** Whether its programs can run on this buffer. */
  owns(buffer: DeviceBuffer): boolean
  /** How many devices of its kind there are, those of other processes that share the client included; a CPU counts as one. */
  readonly count?: number
  /** When processes share the client: who this one is among them. */
  readonly span?: { readonly rank: number; readonly processes: number } | undefined
  /** Devices of this machine as one: as many as asked for on a CPU, as many as there are elsewhere. Throws MESH_TOO_LARGE. */
  mesh?(axes: MeshAxes): MeshDevice
  memory(): { used: number; peak: number; limit: number }
  /** Frees the buffers that were garbage-collected without `free`. */
  sweep?(): void
  /** All devices that its plugin can use here; this one is the first. */
  siblings?(): readonly DeviceFacts[]
  close(): void
}

export interface DeviceFacts {
  /** As the plugin counts. */
  readonly id: number
  /** `NVIDIA H100 80GB HBM3`, `cpu`. */
  readonly kind: string
  /** Bytes; absent where the plugin keeps no count. */
  readonly memory?: { readonly used: number; readonly peak: number; readonly limit?: number } | undefined
}

/** Several devices that run one program together, each on its part. What one of them does not share is a copy. */
export interface MeshDevice extends Device {
  readonly axes: MeshAxes
  /** Whole on each device. */
  readonly replicated: Sharding
  /** `cpu:0`, `cpu:1`. */
  readonly deviceIds: readonly string[]
  /** Places in `deviceIds` of the devices of this process. */
  readonly ownPlaces: readonly number[]
  /** Over processes only: what rank 0 has, to all, in place. All call it together. */
  broadcast?(values: Float32Array): void
  /** Of each of this process. */
  memoryOfEach(): readonly { used: number; peak: number; limit: number }[]
}

export interface Executable {
  /** True when an earlier process compiled it and it was kept on disk. */
  readonly fromDisk?: boolean
  /** Runs on buffers in parameter order. Inputs listed in `donated` (indices that the program aliases to an output) are
   *  dead afterwards and must still be freed. Results are in output order, and fresh buffers; only where `renewed` names,
   *  by result, the donated input whose memory it takes over, the result may be that very object, live again. */
  run(
    inputs: readonly DeviceBuffer[],
    donated?: readonly number[],
    renewed?: readonly (number | undefined)[],
  ): DeviceBuffer[]
  free(): void
}

export interface DeviceBuffer {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly bytes: number
  /** On a mesh: how it lies on the devices. */
  readonly sharding?: Sharding
  /** Waits for the value and copies it out. */
  read(): HostArray
  /** The same without blocking the thread. */
  readAsync(): Promise<HostArray>
  free(): void
}

export type DType = "f32" | "i32" | "i1" | "u8" | "f64" | "i64" | "bf16" | "f16"
/** `i1` is one byte an element; `bf16` and `f16` are Uint16Array. */
export type HostArray = Float32Array | Int32Array | Uint8Array | Float64Array | BigInt64Array | Uint16Array
