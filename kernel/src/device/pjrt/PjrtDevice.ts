// The Device over a PJRT plugin, one device of one client. All calls are made on the thread that made it.

import { cpus } from "node:os"
import { fail } from "../../errors.js"
import type { Device, DeviceBuffer, DType, Executable, HostArray } from "../Device.js"
import { elementTypes, mismatch } from "../hostArrays.js"
import type { Call, PjrtApi } from "./api.js"
import { Client, type MemoryUse } from "./client.js"
import { singleDevice } from "./compileOptions.js"
import { onlyDuringCall, programLayout } from "./layout.js"
import { addressOf, allocate, allocateText, type Block } from "./memory.js"
import { PjrtBuffer } from "./PjrtBuffer.js"
import { PjrtExecutable } from "./PjrtExecutable.js"

export interface PjrtDeviceOptions {
  readonly plugin: { readonly name: string; readonly path: string }
  /** What `PJRT_Client_Create` is given, such as `cpu_device_count`. */
  readonly create: Readonly<Record<string, number | boolean>>
}

export class PjrtDevice implements Device {
  readonly id: string
  readonly name: string
  readonly plugin: Device["plugin"]
  readonly #client: Client
  readonly #copyOut: Call<"Buffer_ToHostBuffer">
  readonly #copyIn: Call<"Client_BufferFromHostBuffer">
  #dims: Block

  constructor(api: PjrtApi, { plugin, create }: PjrtDeviceOptions) {
    this.#client = new Client(api, create)
    this.#copyOut = api.call("Buffer_ToHostBuffer")
    this.#copyIn = api
      .call("Client_BufferFromHostBuffer")
      .set("client", this.#client.handle)
      .set("device", this.#client.device)
      .set("semantics", onlyDuringCall)
    this.#dims = allocate(api.koffi, 64)
    const isCpu = this.#client.platform === "cpu"
    this.id = isCpu ? "cpu" : `${this.#client.platform}:0`
    this.name = (isCpu && cpus()[0]?.model.trim()) || this.#client.deviceKind()
    this.plugin = { ...plugin, version: describeVersion(api) }
  }

  compile(stablehlo: string): Executable {
    const { api, handle } = this.#client
    const code = allocateText(api.koffi, stablehlo)
    const format = allocateText(api.koffi, "mlir")
    const program = allocate(api.koffi, programLayout.size)
    program.words[0] = BigInt(programLayout.size)
    program.words[programLayout.code >> 3] = BigInt(code.address)
    program.words[programLayout.codeSize >> 3] = BigInt(code.bytes.length)
    program.words[programLayout.format >> 3] = BigInt(format.address)
    program.words[programLayout.formatSize >> 3] = BigInt(format.bytes.length)
    return this.#client.attempt("compiling a program", () => {
      const call = api
        .call("Client_Compile")
        .keep(code, format, program)
        .set("client", handle)
        .set("program", program.address)
        .set("options", addressOf(api.koffi, singleDevice))
        .set("optionsSize", singleDevice.length)
        .invoke()
      return new PjrtExecutable(this.#client, call.get("executable"), this.#copyOut)
    })
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

  close(): void {
    this.#client.close()
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
