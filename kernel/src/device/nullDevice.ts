// The double of a device: it checks types, shapes, ownership and the order of calls as a real one does, reads what was
// uploaded, and computes zeros. No hardware, no plugin. For tests of whatever sits above a device.

import { fail } from "../errors.js"
import type { Device, DeviceBuffer, DType, Executable, HostArray } from "./Device.js"
import { byteSize, elementTypes, hostArray, mismatch } from "./hostArrays.js"

interface TensorType {
  readonly dtype: DType
  readonly shape: readonly number[]
}

/** Every call is noted in `calls`, for tests that look at the order of work. */
export class NullDevice implements Device {
  readonly id = "null"
  readonly name = "Null device"
  readonly plugin = { name: "null", version: "1", path: "" }
  readonly calls: string[] = []
  #used = 0
  #peak = 0
  #closed = false

  compile(stablehlo: string): Executable {
    this.#mustBeOpen("compiling a program")
    const { parameters, results } = signature(stablehlo)
    this.calls.push("compile")
    let freed = false
    return {
      run: (inputs, donated = []) => {
        this.#mustBeOpen("running a program")
        if (freed) throw misuse("Running: the executable was freed")
        const buffers = inputs.map((input, i) => this.#own(input, i))
        checkInputs(buffers, parameters)
        this.calls.push("run")
        for (const index of donated) buffers[index]!.donate()
        return results.map(type => this.#make(hostArray(type.dtype, byteSize(type.dtype, type.shape)), type))
      },
      free: () => {
        freed = true
      },
    }
  }

  async compileAsync(stablehlo: string): Promise<Executable> {
    return this.compile(stablehlo)
  }

  upload(data: HostArray, dtype: DType, shape: readonly number[]): DeviceBuffer {
    this.#mustBeOpen("uploading an array")
    const problem = mismatch(data, dtype, shape)
    if (problem) throw misuse(`Uploading: ${problem}`)
    this.calls.push("upload")
    return this.#make(data.slice(), { dtype, shape: [...shape] })
  }

  owns(buffer: DeviceBuffer): boolean {
    return buffer instanceof NullBuffer && buffer.owner === this
  }

  memory(): { used: number; peak: number; limit: number } {
    return { used: this.#used, peak: this.#peak, limit: Number.POSITIVE_INFINITY }
  }

  close(): void {
    this.#closed = true
  }

  #make(data: HostArray, type: TensorType): NullBuffer {
    const buffer = new NullBuffer(this, data, type, bytes => {
      this.#used -= bytes
    })
    this.#used += buffer.bytes
    this.#peak = Math.max(this.#peak, this.#used)
    return buffer
  }

  #own(input: DeviceBuffer, index: number): NullBuffer {
    if (!(input instanceof NullBuffer) || input.owner !== this)
      throw misuse(`Running: input ${index} is not a buffer of this device`)
    input.mustBeLive(`running with input ${index}`)
    return input
  }

  #mustBeOpen(doing: string): void {
    if (this.#closed) throw misuse(`The device is closed: ${doing} is not possible`)
  }
}

class NullBuffer implements DeviceBuffer {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly bytes: number
  #state: "live" | "donated" | "freed" = "live"

  constructor(
    readonly owner: NullDevice,
    private readonly data: HostArray,
    type: TensorType,
    private readonly release: (bytes: number) => void,
  ) {
    this.dtype = type.dtype
    this.shape = type.shape
    this.bytes = data.byteLength
  }

  read(): HostArray {
    this.mustBeLive("reading")
    return this.data.slice()
  }

  async readAsync(): Promise<HostArray> {
    return this.read()
  }

  donate(): void {
    this.#state = "donated"
    this.release(this.bytes)
  }

  free(): void {
    if (this.#state === "live") this.release(this.bytes)
    this.#state = "freed"
  }

  mustBeLive(doing: string): void {
    if (this.#state !== "live") throw misuse(`${doing}: the buffer was ${this.#state}`)
  }
}

function checkInputs(inputs: readonly TensorType[], parameters: readonly TensorType[]): void {
  if (inputs.length === parameters.length && inputs.every((input, i) => sameType(input, parameters[i]!)))
    return
  const show = (types: readonly TensorType[]) => types.map(t => `${t.dtype}[${t.shape.join(",")}]`).join(" ")
  throw fail("XLA_FAILED", {
    device: "null",
    doing: "running a program",
    message: `the program takes ${show(parameters)}, and was given ${show(inputs)}`,
  })
}

function sameType(a: TensorType, b: TensorType): boolean {
  if (a.dtype !== b.dtype || a.shape.length !== b.shape.length) return false
  return a.shape.every((size, axis) => size === b.shape[axis])
}

/** Types of the parameters and results of `@main`, which is all that this device reads of a program. */
function signature(text: string): { parameters: TensorType[]; results: TensorType[] } {
  const head = /@main\s*\(([\s\S]*?)\)\s*->\s*([\s\S]*?)\{\s*\n/.exec(text)
  if (!head)
    throw fail("XLA_FAILED", { device: "null", doing: "compiling a program", message: "there is no @main" })
  return { parameters: tensorTypes(head[1]!), results: tensorTypes(head[2]!) }
}

function tensorTypes(text: string): TensorType[] {
  return Array.from(text.matchAll(/tensor<([^>]*)>/g), ([, body]) => {
    const parts = body!.split("x")
    const name = parts.pop()!
    const dtype = (name === "ui8" ? "u8" : name) as DType
    if (!(dtype in elementTypes)) throw misuse(`The program uses element type ${name}, which has no DType`)
    return { dtype, shape: parts.map(Number) }
  })
}

function misuse(problem: string): Error {
  return fail("DEVICE_MISUSE", { problem })
}
