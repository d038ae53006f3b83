// The Device over a PJRT plugin, one device of one client. All calls are made on the thread that made it.

import { cpus } from "node:os"
import { fail } from "../../errors.js"
import { type CompileCache, userCompileCache } from "../compileCache.js"
import type { Device, DeviceBuffer, DeviceFacts, DType, Executable, HostArray } from "../Device.js"
import type { CreateOptions } from "../deviceOptions.js"
import { elementTypes, mismatch } from "../hostArrays.js"
import { deviceCount, type MeshAxes, meshText } from "../sharding.js"
import { placeOf } from "../world/place.js"
import type { World } from "../world/World.js"
import type { Call, PjrtApi } from "./api.js"
import { Client, type MemoryUse } from "./client.js"
import { type Compiled, Compiler, type CompilerOptions } from "./compiler.js"
import { describeDevices } from "./describeDevices.js"
import { onlyDuringCall } from "./layout.js"
import { addressOf, allocate, type Block } from "./memory.js"
import { PjrtBuffer } from "./PjrtBuffer.js"
import { PjrtExecutable } from "./PjrtExecutable.js"
import { PjrtMesh } from "./PjrtMesh.js"
import type { Span } from "./span.js"

export interface PjrtDeviceOptions {
  readonly plugin: { readonly name: string; readonly path: string }
  /** What `PJRT_Client_Create` is given, such as `cpu_device_count`. */
  readonly create: CreateOptions
  /** The processes that share the client, which has been told of them in `create`. */
  readonly world?: World | undefined
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
  readonly #api: PjrtApi
  readonly #compiling: Omit<CompilerOptions, "create">
  readonly #create: PjrtDeviceOptions["create"]
  /** Clients of several virtual devices, by how many. */
  readonly #virtual = new Map<number, Client>()
  readonly #meshes = new Map<string, PjrtMesh>()
  #dims: Block

  constructor(
    api: PjrtApi,
    { plugin, create, world, cache = userCompileCache() ?? "off" }: PjrtDeviceOptions,
  ) {
    this.#api = api
    this.#create = create
    this.#compiling = { path: plugin.path, cache: cache === "off" ? undefined : cache }
    this.#client = new Client(api, create, world?.callbacks())
    this.#copyOut = api.call("Buffer_ToHostBuffer")
    this.#copyIn = api
      .call("Client_BufferFromHostBuffer")
      .set("client", this.#client.handle)
      .set("device", this.#client.device)
      .set("semantics", onlyDuringCall)
    this.#dims = allocate(api.koffi, 64)
    this.#compiler = new Compiler(this.#client, { ...this.#compiling, create })
    const isCpu = this.#client.platform === "cpu"
    this.id = isCpu
      ? "cpu"
      : `${this.#client.platform}:${this.span === undefined ? 0 : this.#client.deviceId(this.#client.device)}`
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

  get count(): number {
    return this.span?.ids.length ?? this.#client.devices.length
  }

  get span(): Span | undefined {
    return this.#client.span
  }

  owns(buffer: DeviceBuffer): boolean {
    return buffer instanceof PjrtBuffer && buffer.client === this.#client
  }

  /** A client on the host can have as many devices as one likes, but has to be made with them. */
  mesh(axes: MeshAxes): PjrtMesh {
    const count = deviceCount(axes)
    const isCpu = this.#client.platform === "cpu"
    if (!isCpu) this.#mustHave(axes, count)
    const client = isCpu
      ? madeOnce(
          this.#virtual,
          count,
          () => new Client(this.#api, { ...this.#create, cpu_device_count: count }),
        )
      : this.#client
    return madeOnce(this.#meshes, meshText(axes), () => {
      const create = { ...this.#create, devices: count }
      const compiler = new Compiler(client, { ...this.#compiling, create })
      return new PjrtMesh({ client, compiler, plugin: this.plugin, name: this.name }, { ...axes })
    })
  }

  #mustHave(axes: MeshAxes, count: number): void {
    const [mesh, have] = [meshText(axes), this.count]
    if (this.span !== undefined && count !== have)
      throw fail("MESH_NOT_ALL", { mesh, count, have, size: this.span.processes })
    const place = count > have ? placeOf() : undefined
    if (place !== undefined && "lacks" in place)
      throw fail("WORLD_UNSET", { mesh, size: place.launch.size, lacks: place.lacks })
    if (count > have) throw fail("MESH_TOO_LARGE", { mesh, count, have })
  }

  sweep(): void {
    this.#client.sweep()
  }

  memory(): MemoryUse {
    return this.#client.memory()
  }

  siblings(): readonly DeviceFacts[] {
    return describeDevices(this.#client.api, this.#client.handle)
  }

  close(): void {
    for (const client of this.#virtual.values()) client.close()
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

function madeOnce<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}

function describeVersion(api: PjrtApi): string {
  const stablehlo = api.attributes().get("stablehlo_current_version")?.join(".")
  return `PJRT 0.${api.minor}${stablehlo ? `, StableHLO ${stablehlo}` : ""}`
}
