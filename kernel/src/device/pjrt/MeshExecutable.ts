// A program that XLA cut for the devices of a mesh: one call runs all partitions, each on the buffers of its device. The
// argument memory is allocated once, as in PjrtExecutable.

import { fail } from "../../errors.js"
import type { DeviceBuffer, DType, Executable } from "../Device.js"
import type { Sharding } from "../sharding.js"
import type { Call } from "./api.js"
import type { Client } from "./client.js"
import { executeOptionsLayout } from "./layout.js"
import { MeshBuffer } from "./MeshBuffer.js"
import { allocate, type Block } from "./memory.js"
import { PjrtBuffer } from "./PjrtBuffer.js"
import { countOutputs, outputType } from "./PjrtExecutable.js"

const noInputs: readonly number[] = []

export interface Partitioned {
  readonly client: Client
  readonly handle: bigint
  readonly copy: Call<"Buffer_ToHostBuffer">
  /** Of this process. */
  readonly devices: number
  /** How each result lies on the devices; those that are not listed lie whole on each. */
  readonly results: readonly Sharding[]
  readonly replicated: Sharding
  readonly fromDisk: boolean
  /** For the results of a mesh over processes. */
  readonly gather?: ((buffer: MeshBuffer) => MeshBuffer) | undefined
}

export class MeshExecutable implements Executable {
  readonly fromDisk: boolean
  readonly #execute: Call<"LoadedExecutable_Execute">
  readonly #options: Block
  readonly #argumentLists: Block
  readonly #outputLists: Block
  readonly #outputs: readonly Block[]
  readonly #count: number
  #inputs: readonly Block[] = []
  #kept: Block
  #types: readonly { dtype: DType; shape: readonly number[] }[] | undefined
  #freed = false

  constructor(private readonly made: Partitioned) {
    const { client, handle, devices } = made
    this.fromDisk = made.fromDisk
    const { api } = client
    client.adoptExecutable(handle)
    const block = (words: number) => allocate(api.koffi, 8 * words)
    this.#count = countOutputs(client, handle)
    this.#outputs = Array.from({ length: devices }, () => block(this.#count))
    this.#outputLists = block(devices)
    this.#argumentLists = block(devices)
    this.#kept = block(0)
    for (const [i, { address }] of this.#outputs.entries()) this.#outputLists.words[i] = BigInt(address)
    this.#options = allocate(api.koffi, executeOptionsLayout.size)
    this.#options.words[0] = BigInt(executeOptionsLayout.size)
    this.#execute = api
      .call("LoadedExecutable_Execute")
      .set("executable", handle)
      .set("options", this.#options.address)
      .set("argumentLists", this.#argumentLists.address)
      .set("outputLists", this.#outputLists.address)
      .set("deviceCount", devices)
  }

  run(inputs: readonly DeviceBuffer[], donated: readonly number[] = noInputs): DeviceBuffer[] {
    if (this.#freed) throw fail("DEVICE_MISUSE", { problem: "Running: the executable was freed" })
    const { client } = this.made
    client.sweep()
    return client.attempt("running a program", () => {
      const buffers = inputs.map((input, i) => this.#own(input, i))
      this.#writeInputs(buffers)
      this.#writeKept(inputs.length, donated)
      this.#execute.set("argumentCount", inputs.length).invoke()
      for (const index of donated) for (const part of buffers[index]!.parts) part.donate()
      return this.#takeOutputs()
    })
  }

  free(): void {
    if (this.#freed) return
    this.#freed = true
    this.made.client.freeExecutable(this.made.handle)
  }

  #own(input: DeviceBuffer, index: number): MeshBuffer {
    const { client, devices } = this.made
    if (!(input instanceof MeshBuffer) || input.parts.length !== devices || input.parts[0]!.client !== client)
      throw fail("DEVICE_MISUSE", { problem: `Running: input ${index} is not a buffer of this device` })
    return input
  }

  #writeInputs(inputs: readonly MeshBuffer[]): void {
    const { client, devices } = this.made
    if ((this.#inputs[0]?.words.length ?? 0) < inputs.length) {
      this.#inputs = Array.from({ length: devices }, () => allocate(client.api.koffi, 8 * inputs.length))
    }
    for (const [device, { words, address }] of this.#inputs.entries()) {
      this.#argumentLists.words[device] = BigInt(address)
      for (let i = 0; i < inputs.length; i++) {
        words[i] = inputs[i]!.parts[device]!.use(`running with input ${i}`)
      }
    }
  }

  #writeKept(count: number, donated: readonly number[]): void {
    if (this.#kept.words.length < count) this.#kept = allocate(this.made.client.api.koffi, 8 * count)
    let kept = 0
    for (let i = 0; i < count; i++) if (!donated.includes(i)) this.#kept.words[kept++] = BigInt(i)
    this.#options.words[executeOptionsLayout.nonDonatable >> 3] = BigInt(this.#kept.address)
    this.#options.words[executeOptionsLayout.nonDonatableCount >> 3] = BigInt(kept)
  }

  #takeOutputs(): DeviceBuffer[] {
    const { client, copy, results, replicated } = this.made
    this.#types ??= Array.from(this.#outputs[0]!.words.subarray(0, this.#count), handle =>
      outputType(client, handle),
    )
    return this.#types.map(({ dtype, shape }, i) => {
      const parts = this.#outputs.map(
        ({ words }, device) => new PjrtBuffer(client, words[i]!, copy, dtype, shape, device),
      )
      const sharding = results[i] ?? replicated
      return new MeshBuffer(parts, dtype, sharding.wholeShape(shape), sharding, this.made.gather)
    })
  }
}
