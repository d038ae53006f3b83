// Several devices of one client as one Device: programs are cut by XLA for all of them (SPMD), and a buffer has a part or a
// copy on each. All devices must belong to this process.

import { fail } from "../../errors.js"
import type { DeviceBuffer, DType, Executable, HostArray, MeshDevice } from "../Device.js"
import { elementTypes, mismatch } from "../hostArrays.js"
import { deviceCount, type MeshAxes, Sharding } from "../sharding.js"
import type { Call } from "./api.js"
import type { Client, MemoryUse } from "./client.js"
import { partitioned } from "./compileOptions.js"
import type { Compiled, Compiler } from "./compiler.js"
import { onlyDuringCall } from "./layout.js"
import { MeshBuffer } from "./MeshBuffer.js"
import { MeshExecutable } from "./MeshExecutable.js"
import { addressOf, allocate } from "./memory.js"
import { PjrtBuffer } from "./PjrtBuffer.js"
import { partOf } from "./parts.js"

export interface MeshParts {
  readonly client: Client
  readonly compiler: Compiler
  readonly plugin: MeshDevice["plugin"]
  readonly name: string
}

export class PjrtMesh implements MeshDevice {
  readonly id: string
  readonly name: string
  readonly plugin: MeshDevice["plugin"]
  readonly client: Client
  readonly deviceIds: readonly string[]
  readonly replicated: Sharding
  readonly #count: number
  readonly #options: Uint8Array
  readonly #copyOut: Call<"Buffer_ToHostBuffer">
  readonly #copyIn: Call<"Client_BufferFromHostBuffer">

  constructor(
    private readonly made: MeshParts,
    readonly axes: MeshAxes,
  ) {
    const { client } = made
    this.client = client
    this.name = made.name
    this.plugin = made.plugin
    this.#count = deviceCount(axes)
    this.id = client.platform
    this.deviceIds = client.devices.slice(0, this.#count).map((_, i) => `${client.platform}:${i}`)
    this.replicated = new Sharding(axes)
    this.#options = partitioned(client.devices.slice(0, this.#count).map(device => client.deviceId(device)))
    this.#copyOut = client.api.call("Buffer_ToHostBuffer")
    this.#copyIn = client.api
      .call("Client_BufferFromHostBuffer")
      .set("client", client.handle)
      .set("semantics", onlyDuringCall)
  }

  /** `results`: how each result lies on the devices, as the program says; whole on each when absent. */
  compile(stablehlo: string, results?: readonly Sharding[]): Executable {
    return this.#executable(this.made.compiler.compile(stablehlo, this.#options), results)
  }

  async compileAsync(stablehlo: string, results?: readonly Sharding[]): Promise<Executable> {
    return this.#executable(await this.made.compiler.compileAsync(stablehlo, this.#options), results)
  }

  upload(
    data: HostArray,
    dtype: DType,
    shape: readonly number[],
    sharding: Sharding = this.replicated,
  ): DeviceBuffer {
    const problem =
      mismatch(data, dtype, shape) ??
      (sharding.fits(shape) ? undefined : `[${shape}] does not divide as ${sharding.key}`)
    if (problem) throw fail("DEVICE_MISUSE", { problem: `Uploading: ${problem}` })
    this.client.sweep()
    return this.client.attempt("uploading an array", () => {
      const partShape = sharding.partShape(shape)
      const dims = allocate(this.client.api.koffi, 8 * shape.length)
      for (const [axis, size] of partShape.entries()) dims.words[axis] = BigInt(size)
      const parts = this.deviceIds.map((_, device) => {
        const part = partOf({ data, dtype, shape }, sharding, device)
        const call = this.#copyIn
          .set("device", this.client.devices[device]!)
          .set("data", addressOf(this.client.api.koffi, part))
          .set("type", elementTypes[dtype].pjrt)
          .set("dims", dims.address)
          .set("rank", shape.length)
          .invoke()
        this.client.events.free(call.get("doneEvent"))
        return new PjrtBuffer(this.client, call.get("buffer"), this.#copyOut, dtype, partShape, device)
      })
      return new MeshBuffer(parts, dtype, [...shape], sharding)
    })
  }

  owns(buffer: DeviceBuffer): boolean {
    return (
      buffer instanceof MeshBuffer &&
      buffer.parts[0]!.client === this.client &&
      buffer.parts.length === this.#count
    )
  }

  /** Of all devices together. */
  memory(): MemoryUse {
    const each = this.memoryOfEach()
    const sum = (name: keyof MemoryUse) => each.reduce((total, use) => total + use[name], 0)
    const shared = this.client.platform === "cpu"
    return { used: sum("used"), peak: sum("peak"), limit: shared ? each[0]!.limit : sum("limit") }
  }

  memoryOfEach(): readonly MemoryUse[] {
    return this.deviceIds.map((_, device) => this.client.memory(device))
  }

  /** The client may serve other meshes, and stays until the process ends. */
  close(): void {}

  #executable({ handle, fromDisk }: Compiled, results: readonly Sharding[] = []): Executable {
    const { client, replicated } = this
    const made = { client, handle, copy: this.#copyOut, devices: this.#count, results, replicated, fromDisk }
    return client.attempt("compiling a program", () => new MeshExecutable(made))
  }
}
