// Several devices of one client as one Device: programs are cut by XLA for all of them (SPMD), and a buffer has a part or a
// copy on each. When the client spans processes, the mesh is of all their devices, and this process holds the parts of its
// own: all processes then make the same calls in the same order.

import { fail } from "../../errors.js"
import type { DeviceBuffer, DType, Executable, HostArray, MeshDevice } from "../Device.js"
import { elementTypes, mismatch } from "../hostArrays.js"
import { deviceCount, type MeshAxes, Sharding } from "../sharding.js"
import type { Call } from "./api.js"
import type { Client, MemoryUse } from "./client.js"
import { firstRowText, gatherText } from "./collective.js"
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
  readonly ownPlaces: readonly number[]
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
    const count = deviceCount(axes)
    const { span } = client
    const ids = span?.ids ?? client.devices.slice(0, count).map(device => client.deviceId(device))
    this.id = client.platform
    this.deviceIds = Array.from({ length: count }, (_, i) => `${client.platform}:${i}`)
    this.ownPlaces = ids.flatMap((_, i) => (span === undefined || span.ranks[i] === span.rank ? [i] : []))
    this.replicated = new Sharding(axes)
    this.#options = partitioned(ids)
    if (span !== undefined) this.broadcast = values => this.#broadcast(values)
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
      const parts = this.#parts(dtype, sharding.partShape(shape), place =>
        partOf({ data, dtype, shape }, sharding, place),
      )
      return new MeshBuffer(parts, dtype, [...shape], sharding, this.#gatherer)
    })
  }

  /** What each device of this process gets, from its place in the mesh. */
  #parts(dtype: DType, shape: readonly number[], partAt: (place: number) => HostArray): PjrtBuffer[] {
    const { client } = this
    const dims = allocate(client.api.koffi, 8 * shape.length)
    for (const [axis, size] of shape.entries()) dims.words[axis] = BigInt(size)
    return this.ownPlaces.map((place, device) => {
      const call = this.#copyIn
        .set("device", client.devices[device]!)
        .set("data", addressOf(client.api.koffi, partAt(place)))
        .set("type", elementTypes[dtype].pjrt)
        .set("dims", dims.address)
        .set("rank", shape.length)
        .invoke()
      client.events.free(call.get("doneEvent"))
      return new PjrtBuffer(client, call.get("buffer"), this.#copyOut, dtype, shape, device)
    })
  }

  broadcast?: (values: Float32Array) => void

  #broadcast(values: Float32Array): void {
    const shape = [1, values.length]
    const rows = this.#parts("f32", shape, () => values)
    const given = new MeshBuffer(rows, "f32", shape, this.replicated)
    const [first] = this.#run(firstRowText(values.length, this.axes), given)
    values.set(first.read() as Float32Array)
    first.free()
    given.free()
  }

  readonly #gathered = (buffer: MeshBuffer): MeshBuffer => {
    const { dtype, shape, sharding } = buffer
    return this.#run(gatherText(dtype, shape, sharding.text(shape.length), this.axes), buffer)[0]
  }

  get #gatherer(): ((buffer: MeshBuffer) => MeshBuffer) | undefined {
    return this.client.span && this.#gathered
  }

  /** A small program of ours, kept for the next time. */
  #run(text: string, input: MeshBuffer): [MeshBuffer] {
    const program = this.#own.get(text) ?? this.compile(text)
    this.#own.set(text, program)
    return program.run([input]) as [MeshBuffer]
  }

  readonly #own = new Map<string, Executable>()

  owns(buffer: DeviceBuffer): boolean {
    return (
      buffer instanceof MeshBuffer &&
      buffer.parts[0]!.client === this.client &&
      buffer.parts.length === this.ownPlaces.length
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
    return this.ownPlaces.map((_, device) => this.client.memory(device))
  }

  get span(): MeshDevice["span"] {
    return this.client.span
  }

  /** The client may serve other meshes, and stays until the process ends. */
  close(): void {}

  #executable({ handle, fromDisk }: Compiled, results: readonly Sharding[] = []): Executable {
    const { client, replicated } = this
    const devices = this.ownPlaces.length
    const known = { client, handle, copy: this.#copyOut, devices, results, replicated, fromDisk }
    const made = { ...known, gather: this.#gatherer }
    return client.attempt("compiling a program", () => new MeshExecutable(made))
  }
}
