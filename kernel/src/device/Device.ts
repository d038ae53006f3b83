// The seam to whatever computes: StableHLO text is compiled once and run many times on buffers that live on the device.
// Not a tensor library and not a graph: `ir` builds programs, `train` decides when to run them. A device owns its
// executables and buffers until they are freed by whoever made them; `close` frees the rest. All calls are synchronous
// on one thread, because tfjs's `dataSync` must be; execution itself is asynchronous behind the buffers.
// `device/nullDevice.ts` is the double: it checks shapes and calls and computes zeros.

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
  compile(stablehlo: string): Executable
  /** The same without blocking the thread. */
  compileAsync(stablehlo: string): Promise<Executable>
  /** Copies a host array to the device. */
  upload(data: HostArray, dtype: DType, shape: readonly number[]): DeviceBuffer
  memory(): { used: number; peak: number; limit: number }
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

export interface Executable {
  /** True when an earlier process compiled it and it was kept on disk. */
  readonly fromDisk?: boolean
  /** Runs on buffers in parameter order. Inputs listed in `donated` (indices that the program aliases to an output) are
   *  dead afterwards and must still be freed. Results are fresh buffers in output order. */
  run(inputs: readonly DeviceBuffer[], donated?: readonly number[]): DeviceBuffer[]
  free(): void
}

export interface DeviceBuffer {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly bytes: number
  /** Waits for the value and copies it out. */
  read(): HostArray
  /** The same without blocking the thread. */
  readAsync(): Promise<HostArray>
  free(): void
}

export type DType = "f32" | "i32" | "i1" | "u8" | "f64" | "i64" | "bf16"
/** `i1` is one byte an element; `bf16` is Uint16Array. */
export type HostArray = Float32Array | Int32Array | Uint8Array | Float64Array | BigInt64Array | Uint16Array
