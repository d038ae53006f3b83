// A compiled program and the argument memory of its runs, which is allocated once: a run writes handles and makes one call.

import { fail } from "../../errors.js"
import type { DeviceBuffer, DType, Executable } from "../Device.js"
import { dtypeOf } from "../hostArrays.js"
import type { Call } from "./api.js"
import type { Client } from "./client.js"
import { executeOptionsLayout } from "./layout.js"
import { allocate, type Block, readWords } from "./memory.js"
import { PjrtBuffer } from "./PjrtBuffer.js"

interface OutputType {
  readonly dtype: DType
  readonly shape: readonly number[]
}

const none: readonly number[] = []

export class PjrtExecutable implements Executable {
  readonly #execute: Call<"LoadedExecutable_Execute">
  readonly #options: Block
  readonly #outputs: Block
  readonly #lists: Block
  #inputs: Block
  #kept: Block
  #keptFor: readonly number[] | undefined
  #keptCount = 0
  #outputTypes: readonly OutputType[] | undefined
  #freed = false

  constructor(
    private readonly client: Client,
    private readonly handle: bigint,
    private readonly copy: Call<"Buffer_ToHostBuffer">,
    readonly fromDisk = false,
  ) {
    const { api } = client
    client.adoptExecutable(handle)
    this.#inputs = allocate(api.koffi, 0)
    this.#kept = allocate(api.koffi, 0)
    this.#outputs = allocate(api.koffi, 8 * countOutputs(client, handle))
    this.#lists = allocate(api.koffi, 16)
    this.#options = allocate(api.koffi, executeOptionsLayout.size)
    this.#options.words[0] = BigInt(executeOptionsLayout.size)
    this.#lists.words[1] = BigInt(this.#outputs.address)
    this.#execute = api
      .call("LoadedExecutable_Execute")
      .set("executable", handle)
      .set("options", this.#options.address)
      .set("argumentLists", this.#lists.address)
      .set("outputLists", this.#lists.address + 8)
      .set("deviceCount", 1)
  }

  run(
    inputs: readonly DeviceBuffer[],
    donated: readonly number[] = none,
    renewed: readonly (number | undefined)[] = none,
  ): DeviceBuffer[] {
    if (this.#freed) throw fail("DEVICE_MISUSE", { problem: "Running: the executable was freed" })
    this.client.sweep()
    return this.client.attempt("running a program", () => {
      this.#writeInputs(inputs)
      this.#writeKept(inputs.length, donated)
      this.#execute.set("argumentCount", inputs.length).invoke()
      for (const index of donated) (inputs[index] as PjrtBuffer).donate()
      return this.#takeOutputs(inputs as readonly PjrtBuffer[], renewed)
    })
  }

  free(): void {
    if (this.#freed) return
    this.#freed = true
    this.client.freeExecutable(this.handle)
  }

  #writeInputs(inputs: readonly DeviceBuffer[]): void {
    if (this.#inputs.words.length < inputs.length)
      this.#inputs = allocate(this.client.api.koffi, 8 * inputs.length)
    this.#lists.words[0] = BigInt(this.#inputs.address)
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]
      if (!(input instanceof PjrtBuffer) || input.client !== this.client)
        throw fail("DEVICE_MISUSE", { problem: `Running: input ${i} is not a buffer of this device` })
      this.#inputs.words[i] = input.use(`running with input ${i}`)
    }
  }

  /** Every input that is not donated is listed as one to keep: the program alone says which ones it could take over. */
  #writeKept(count: number, donated: readonly number[]): void {
    // A replayed step gives the same list each time.
    if (this.#keptFor === donated && this.#keptCount === count) return
    this.#keptFor = donated
    this.#keptCount = count
    const isDonated = new Set(donated)
    if (this.#kept.words.length < count) this.#kept = allocate(this.client.api.koffi, 8 * count)
    let kept = 0
    for (let i = 0; i < count; i++) if (!isDonated.has(i)) this.#kept.words[kept++] = BigInt(i)
    this.#options.words[executeOptionsLayout.nonDonatable >> 3] = BigInt(this.#kept.address)
    this.#options.words[executeOptionsLayout.nonDonatableCount >> 3] = BigInt(kept)
  }

  #takeOutputs(inputs: readonly PjrtBuffer[], renewed: readonly (number | undefined)[]): DeviceBuffer[] {
    const handles = this.#outputs.words
    this.#outputTypes ??= Array.from(handles, handle => outputType(this.client, handle))
    const outputs = new Array<DeviceBuffer>(this.#outputTypes.length)
    for (let i = 0; i < outputs.length; i++) {
      const [{ dtype, shape }, input] = [this.#outputTypes[i]!, renewed[i]]
      if (input === undefined) {
        outputs[i] = new PjrtBuffer(this.client, handles[i]!, this.copy, dtype, shape)
      } else {
        inputs[input]!.renew(handles[i]!)
        outputs[i] = inputs[input]!
      }
    }
    return outputs
  }
}

export function countOutputs({ api }: Client, handle: bigint): number {
  const executable = api
    .call("LoadedExecutable_GetExecutable")
    .set("loaded", handle)
    .invoke()
    .get("executable")
  const count = Number(api.call("Executable_NumOutputs").set("executable", executable).invoke().get("count"))
  api.call("Executable_Destroy").set("executable", executable).invoke()
  return count
}

export function outputType({ api }: Client, handle: bigint): OutputType {
  const type = api.call("Buffer_ElementType").set("buffer", handle).invoke().int("type")
  const dtype = dtypeOf(type)
  if (dtype === undefined)
    throw fail("DEVICE_MISUSE", {
      problem: `The program returns element type ${type} of PJRT, which has no DType`,
    })
  const dims = api.call("Buffer_Dimensions").set("buffer", handle).invoke()
  return {
    dtype,
    shape: Array.from(readWords(api.koffi, dims.get("dims"), Number(dims.get("rank"))), Number),
  }
}
