// Waits for PJRT events, with and without holding the thread. XLA signals from threads of its own; koffi brings the
// signal to the JS thread, but does not keep Node alive for it, so a timer does while anything is awaited.

import type { Call, PjrtApi } from "./api.js"

interface Waiting {
  resolve(): void
  reject(reason: unknown): void
}

/** Long enough never to fire in practice, short enough for a 32-bit timer. */
const keepAliveMs = 0x7fffffff

export class Events {
  readonly #api: PjrtApi
  readonly #await: Call<"Event_Await">
  readonly #onReady: Call<"Event_OnReady">
  readonly #destroy: Call<"Event_Destroy">
  readonly #waiting = new Map<number, Waiting>()
  #callback: bigint | undefined
  #keepAlive: NodeJS.Timeout | undefined
  #nextId = 1
  /**
   * For a CPU of several devices, whose threads tell of events and also run its partitions: one that waits to be heard by the JS
   * thread is missing where partitions meet, and XLA ends the process for it after 40 s. So libuv's threads wait there.
   */
  waitsOnPool = false
  #onPool: Promise<void> = Promise.resolve()

  constructor(api: PjrtApi) {
    this.#api = api
    this.#await = api.call("Event_Await")
    this.#onReady = api.call("Event_OnReady")
    this.#destroy = api.call("Event_Destroy")
  }

  /** Blocks until the event is ready, then frees it. Throws the error it carries. */
  wait(event: bigint): void {
    try {
      this.#await.set("event", event).invoke()
    } finally {
      this.free(event)
    }
  }

  /** Resolves when the event is ready, then frees it. */
  async ready(event: bigint): Promise<void> {
    if (this.waitsOnPool) return this.#readyOnPool(event)
    try {
      await new Promise<void>((resolve, reject) => {
        const id = this.#nextId++
        this.#hold(id, { resolve, reject })
        try {
          // May call back before it returns, when the event is ready already.
          this.#onReady.set("event", event).set("callback", this.#pointer()).set("context", id).invoke()
        } catch (error) {
          this.#release(id)
          reject(error)
        }
      })
    } finally {
      this.free(event)
    }
  }

  async #readyOnPool(event: bigint): Promise<void> {
    const id = this.#nextId++
    this.#hold(id, { resolve() {}, reject() {} })
    // One after the other: libuv has four threads for everybody, and koffi memory for so many calls.
    const before = this.#onPool
    const wait = async () => {
      await before
      await this.#api.call("Event_Await").set("event", event).invokeAsync()
    }
    const waited = wait()
    this.#onPool = waited.catch(() => {})
    try {
      await waited
    } finally {
      this.#release(id)
      this.free(event)
    }
  }

  free(event: bigint): void {
    if (event !== 0n) this.#destroy.set("event", event).invoke()
  }

  /** Nobody may be waiting any more. */
  close(): void {
    if (this.#callback !== undefined) this.#api.koffi.unregister(this.#callback)
    this.#callback = undefined
  }

  get pending(): number {
    return this.#waiting.size
  }

  #pointer(): bigint {
    this.#callback ??= this.#api.registerReady((error, id) => {
      const waiting = this.#release(id)
      const failure = error === 0 ? undefined : this.#api.takeError(error)
      if (failure) waiting?.reject(failure)
      else waiting?.resolve()
    })
    return this.#callback
  }

  #hold(id: number, waiting: Waiting): void {
    this.#waiting.set(id, waiting)
    this.#keepAlive ??= setInterval(() => {}, keepAliveMs)
  }

  #release(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) {
      clearInterval(this.#keepAlive)
      this.#keepAlive = undefined
    }
    return waiting
  }
}
