// The Device over a PJRT plugin, one device of one client. All calls are made on the thread that made it.

import { cpus } from "node:os"
import { fail } from "../../errors.js"
import { type CompileCache, userCompileCache } from "../compileCache.js"
import type { Device, DeviceBuffer, DeviceFacts, DType, Executable, HostArray } from "../Device.js"
import type { CreateOptions } from "../deviceOptions.js"
import { elementTypes, mismatch } from "../hostArrays.js"
import type { Call, PjrtApi } from "./api.js"
import { Client, type MemoryUse } from "./client.js"
import { type Compiled, Compiler } from "./compiler.js"
import { describeDevices } from "./describeDevices.js"
import { onlyDuringCall } from "./layout.js"
import { addressOf, allocate, type Block } from "./memory.js"
import { PjrtBuffer } from "./PjrtBuffer.js"
import { PjrtExecutable } from "./PjrtExecutable.js"

export interface PjrtDeviceOptions {
  readonly plugin: { readonly name: string; readonly path: string }
  /** What `PJRT_Client_Create` is given, such as `cpu_device_count`. */
  readonly create: CreateOptions
  /** Where compiled programs are kept; default: the user's cache folder (see compileCache.ts). */
  readonly cache?: CompileCache | "off"
}

export class PjrtDevice implements Device {
  readonly id: string
  readonly name: string
  readonly plugin: Device["plugin"]
  readonly #client: Client
  readonly #copyOut: Call<"Buffer_ToHostBuffer">
  readonly #copyIn: Call<"Client_BufferFromHostBuffer">
  readonly #compiler: Compiler
  #dims: Block

  constructor(api: PjrtApi, { plugin, create, cache = userCompileCache() ?? "off" }: PjrtDeviceOptions) {
    this.#client = new Client(api, create)
    this.#copyOut = api.call("Buffer_ToHostBuffer")
    this.#copyIn = api
      .call("Client_BufferFromHostBuffer")
      .set("client", this.#client.handle)
      .set("device", this.#client.device)
      .set("semantics", onlyDuringCall)
    this.#dims = allocate(api.koffi, 64)
    this.#compiler = new Compiler(this.#client, {
      path: plugin.path,
      create,
      cache: cache === "off" ? undefined : cache,
    })
    const isCpu = this.#client.platform === "cpu"
    this.id = isCpu ? "cpu" : `${this.#client.platform}:0`
    this.name = (isCpu && cpus()[0]?.model.trim()) || this.#client.deviceKind()
    this.plugin = { ...plugin, version: describeVersion(api) }
  }

  compile(stablehlo: string): Executable {
    return this.#executable(this.#compiler.compile(stablehlo))
  }

  async compileAsync(stablehlo: string): Promise<Executable> {
    return this.#executable(await this.#compiler.compileAsync(stablehlo))
  }

  upload(data: HostArray, dtype: DType, shape: readonly number[]): DeviceBuffer {
    const problem = mismatch(data, dtype, shape)
    if (problem) throw fail("DEVICE_MISUSE", { problem: `Uploading: ${problem}` })
    this.#client.sweep()
    return this.#client.attempt("uploading an array", () => {
      const call = this.#copyIn
        .set("data", addressOf(this.#client.api.koffi, data))
        .set("type", elementTypes[dtype].pjrt)
        .set("dims", this.#writeDims(shape))
        .set("rank", shape.length)
        .invoke()
      this.#client.events.free(call.get("doneEvent"))
      return new PjrtBuffer(this.#client, call.get("buffer"), this.#copyOut, dtype, [...shape])
    })
  }

  memory(): MemoryUse {
    return this.#client.memory()
  }

  siblings(): readonly DeviceFacts[] {
    return describeDevices(this.#client.api, this.#client.handle)
  }

  close(): void {
    this.#client.close()
  }

  #executable({ handle, fromDisk }: Compiled): Executable {
    return this.#client.attempt(
      "compiling a program",
      () => new PjrtExecutable(this.#client, handle, this.#copyOut, fromDisk),
    )
  }

  #writeDims(shape: readonly number[]): number {
    if (this.#dims.words.length < shape.length)
      this.#dims = allocate(this.#client.api.koffi, 8 * shape.length)
    for (let axis = 0; axis < shape.length; axis++) this.#dims.words[axis] = BigInt(shape[axis]!)
    return this.#dims.address
  }
}

function describeVersion(api: PjrtApi): string {
  const stablehlo = api.attributes().get("stablehlo_current_version")?.join(".")
  return `PJRT 0.${api.minor}${stablehlo ? `, StableHLO ${stablehlo}` : ""}`
}
