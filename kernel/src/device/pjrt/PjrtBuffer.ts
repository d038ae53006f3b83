// A tensor on the device, as PJRT's handle. Freed once by its owner; reading or running with a freed or donated one is
// our mistake and says so.

import { fail } from "../../errors.js"
import type { DeviceBuffer, DType, HostArray } from "../Device.js"
import { byteSize, hostArray } from "../hostArrays.js"
import type { Call } from "./api.js"
import type { Client, Held } from "./client.js"
import { addressOf } from "./memory.js"

type State = "live" | "donated" | "freed"

export class PjrtBuffer implements DeviceBuffer {
  readonly bytes: number
  #state: State = "live"
  readonly #held: Held

  constructor(
    readonly client: Client,
    handle: bigint,
    private readonly copy: Call<"Buffer_ToHostBuffer">,
    readonly dtype: DType,
    readonly shape: readonly number[],
    /** Its place among the client's devices. */
    device = 0,
  ) {
    this.bytes = byteSize(dtype, shape)
    this.#held = client.adoptBuffer(this, handle, device)
  }

  read(): HostArray {
    return this.client.attempt("reading a buffer", () => {
      const { array, event } = this.#startCopy()
      this.client.events.wait(event)
      return array
    })
  }

  async readAsync(): Promise<HostArray> {
    const { array, event } = this.client.attempt("reading a buffer", () => this.#startCopy())
    try {
      await this.client.events.ready(event)
    } catch (error) {
      throw this.client.explain("reading a buffer", error)
    }
    return array
  }

  free(): void {
    if (this.#state === "freed") return
    this.#state = "freed"
    this.client.freeBuffer(this, this.#held)
  }

  /** The handle, for a call that uses the value. */
  use(doing: string): bigint {
    if (this.#state !== "live")
      throw fail("DEVICE_MISUSE", { problem: `${doing}: the buffer was ${this.#state}` })
    return this.#held.handle
  }

  donate(): void {
    this.#state = "donated"
    this.client.donated(this.#held)
  }

  /** Donated, it becomes the result that took its memory over. */
  renew(handle: bigint): void {
    this.#state = "live"
    this.client.renew(this.#held, handle, this.bytes)
  }

  #startCopy(): { array: HostArray; event: bigint } {
    const array = hostArray(this.dtype, this.bytes)
    const handle = this.use("reading")
    // C wants an address even for nothing.
    const target = this.bytes > 0 ? array : new Uint8Array(new ArrayBuffer(8))
    const call = this.copy
      .set("buffer", handle)
      .set("target", addressOf(this.client.api.koffi, target))
      .set("targetSize", this.bytes)
      .invoke()
    return { array, event: call.get("event") }
  }
}
