// A PJRT client with its devices: the handles behind the Device, and the calls that its buffers and executables share.
// Counts what lives on the device, and frees what was forgotten: a finaliser may run at any time, even inside a call, so
// it only queues the handle, and the next upload or run frees it (a finaliser that destroys races Execute in the plugin).

import { totalmem } from "node:os"
import { fail, type ShardlabError } from "../../errors.js"
import type { DeviceBuffer } from "../Device.js"
import type { CreateOptions } from "../deviceOptions.js"
import type { Callbacks } from "../world/World.js"
import { type Call, type PjrtApi, PjrtError } from "./api.js"
import { closeAtExit, closed } from "./atExit.js"
import { createClient } from "./createClient.js"
import { Events } from "./events.js"
import { resourceExhausted } from "./layout.js"
import { readText, readWords } from "./memory.js"
import { type Span, spanOf } from "./span.js"

export interface MemoryUse {
  readonly used: number
  readonly peak: number
  readonly limit: number
}

/** Device memory of ours, as the plugin knows it. */
export interface Held {
  handle: bigint
  /** 0 once it was donated. */
  bytes: number
  /** Its place among the client's devices. */
  readonly device: number
}

export class Client {
  readonly events: Events
  readonly handle: bigint
  /** The first of `devices`. */
  readonly device: bigint
  /** Those of this process. */
  readonly devices: readonly bigint[]
  /** When other processes have devices of it too. */
  readonly span: Span | undefined
  readonly platform: string
  readonly #destroyBuffer: Call<"Buffer_Destroy">
  readonly #destroyExecutable: Call<"LoadedExecutable_Destroy">
  readonly #buffers = new Set<Held>()
  readonly #executables = new Set<bigint>()
  readonly #forgotten: Held[] = []
  readonly #registry = new FinalizationRegistry<Held>(held => this.#forgotten.push(held))
  readonly #used: number[]
  readonly #peak: number[]
  #closed = false
  /** A device does not come back within a process, and calls to it could hang: whoever uses it is told at once. */
  #lost: ShardlabError | undefined

  constructor(
    readonly api: PjrtApi,
    options: CreateOptions,
    callbacks?: Callbacks,
  ) {
    api.call("Plugin_Initialize").invoke()
    this.events = new Events(api)
    this.#destroyBuffer = api.call("Buffer_Destroy")
    this.#destroyExecutable = api.call("LoadedExecutable_Destroy")
    this.handle = createClient(api, options, callbacks)
    const name = api.call("Client_PlatformName").set("client", this.handle).invoke()
    this.platform = readText(api.koffi, name.get("text"), Number(name.get("size")))
    const devices = api.call("Client_AddressableDevices").set("client", this.handle).invoke()
    if (devices.get("count") === 0n) throw new PjrtError(5, "it has no device")
    this.devices = [...readWords(api.koffi, devices.get("devices"), Number(devices.get("count")))]
    this.span = callbacks && spanOf(api, this.handle)
    if (this.span !== undefined)
      this.devices = this.devices.toSorted((a, b) => this.deviceId(a) - this.deviceId(b))
    this.device = this.devices[0]!
    this.events.waitsOnPool = this.platform === "cpu" && this.devices.length > 1
    this.#used = this.devices.map(() => 0)
    this.#peak = this.devices.map(() => 0)
    closeAtExit(this)
  }

  /** What the plugin calls the device. */
  deviceKind(): string {
    const kind = this.api.call("DeviceDescription_Kind").set("description", this.#described()).invoke()
    return readText(this.api.koffi, kind.get("text"), Number(kind.get("size")))
  }

  /** Which build of the plugin's platform this is. */
  platformVersion(): string {
    const version = this.api.call("Client_PlatformVersion").set("client", this.handle).invoke()
    return readText(this.api.koffi, version.get("text"), Number(version.get("size")))
  }

  /** The number by which a compilation names it. */
  deviceId(device: bigint): number {
    return this.api
      .call("DeviceDescription_Id")
      .set("description", this.#described(device))
      .invoke()
      .int("id")
  }

  #described(device = this.device): bigint {
    return this.api.call("Device_GetDescription").set("device", device).invoke().get("description")
  }

  /** `device` is its place in `devices`. */
  adoptBuffer(buffer: DeviceBuffer, handle: bigint, device: number): Held {
    const held = { handle, bytes: 0, device }
    this.#buffers.add(held)
    this.#registry.register(buffer, held, buffer)
    this.#use(held, buffer.bytes)
    return held
  }

  /** A donated buffer's memory belongs to an output now; its handle still has to be freed. */
  donated(held: Held): void {
    this.#use(held, -held.bytes)
  }

  /** What was donated is the result that took its memory over. */
  renew(held: Held, handle: bigint, bytes: number): void {
    this.#destroyBuffer.set("buffer", held.handle).invoke()
    held.handle = handle
    this.#use(held, bytes)
  }

  freeBuffer(buffer: DeviceBuffer, held: Held): void {
    this.#registry.unregister(buffer)
    this.#destroy(held)
  }

  #use(held: Held, bytes: number): void {
    const { device } = held
    held.bytes += bytes
    this.#used[device]! += bytes
    if (this.#used[device]! > this.#peak[device]!) this.#peak[device] = this.#used[device]!
  }

  adoptExecutable(handle: bigint): void {
    this.#executables.add(handle)
  }

  freeExecutable(handle: bigint): void {
    if (this.#executables.delete(handle)) this.#destroyExecutable.set("executable", handle).invoke()
  }

  /** Frees what was garbage collected without `free`. Call it where no other call is under way. */
  sweep(): void {
    for (let held = this.#forgotten.pop(); held !== undefined; held = this.#forgotten.pop())
      this.#destroy(held)
  }

  /** Runs a call; a failure names what was being done, and an allocation that did not fit says what is in use. */
  attempt<T>(doing: string, call: () => T): T {
    if (this.#closed)
      throw fail("DEVICE_MISUSE", { problem: `The device is closed: ${doing} is not possible` })
    if (this.#lost !== undefined) throw this.#lost
    try {
      return call()
    } catch (error) {
      throw this.explain(doing, error)
    }
  }

  explain(doing: string, error: unknown): unknown {
    if (!(error instanceof PjrtError)) return error
    if (isLost(error)) {
      this.#lost = fail("DEVICE_LOST", { device: this.platform, doing, message: error.message }, error)
      return this.#lost
    }
    if (error.code !== resourceExhausted)
      return fail("XLA_FAILED", { device: this.platform, doing, message: error.message }, error)
    const { used, limit } = this.memory()
    const use = { used: gib(used), limit: gib(limit), largest: "" }
    return fail("DEVICE_MEMORY", { device: this.platform, doing, ...use }, error)
  }

  /** The plugin's own count where it keeps one; the CPU's does not, so there our buffers are counted. */
  memory(device = 0): MemoryUse {
    try {
      const stats = this.api.call("Device_MemoryStats").set("device", this.devices[device]!).invoke()
      return {
        used: Number(stats.get("used")),
        peak: Number(stats.flag("peakSet") ? stats.get("peak") : stats.get("used")),
        limit: stats.flag("limitSet") ? Number(stats.get("limit")) : hostMemory(),
      }
    } catch (error) {
      if (!(error instanceof PjrtError)) throw error
      return { used: this.#used[device]!, peak: this.#peak[device]!, limit: hostMemory() }
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    closed(this)
    this.#forgotten.length = 0
    for (const { handle } of this.#buffers) this.#destroyBuffer.set("buffer", handle).invoke()
    for (const handle of this.#executables) this.#destroyExecutable.set("executable", handle).invoke()
    this.#buffers.clear()
    this.#executables.clear()
    this.api.call("Client_Destroy").set("client", this.handle).invoke()
    this.events.close()
  }

  /** What was closed with the client is gone already. */
  #destroy(held: Held): void {
    if (!this.#buffers.delete(held)) return
    this.#use(held, -held.bytes)
    this.#destroyBuffer.set("buffer", held.handle).invoke()
  }
}

/** Codes UNAVAILABLE and DATA_LOSS, and the CUDA errors after which a context is of no more use. */
function isLost({ code, message }: PjrtError): boolean {
  return code === 14 || code === 15 || /CUDA_ERROR_(?!OUT_OF_MEMORY)|device (?:is|was) lost/i.test(message)
}

function hostMemory(): number {
  return Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`
}
