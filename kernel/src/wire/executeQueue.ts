// Runs execute requests one after the other, and aborts what waits when one fails. Only requests that had arrived when the
// error happened are aborted; one sent later runs (tslab drops everything for 200 ms).

import type { Message } from "./message.js"

export interface Ran {
  readonly failed: boolean
  /** Sends the reply; called after the waiting requests have been taken off the queue. */
  finish(): void
}

export class ExecuteQueue {
  #waiting: Message[] = []
  #running: Message | undefined

  constructor(
    private readonly run: (message: Message) => Promise<Ran>,
    private readonly abort: (message: Message) => void,
  ) {}

  /** The request that runs now. */
  get running(): Message | undefined {
    return this.#running
  }

  push(message: Message): void {
    this.#waiting.push(message)
    if (this.#running === undefined) void this.#drain()
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const message = this.#waiting.shift()!
      this.#running = message
      const { failed, finish } = await this.run(message)
      const aborted = failed && message.content.stop_on_error !== false ? this.#waiting.splice(0) : []
      this.#running = undefined
      finish()
      for (const late of aborted) this.abort(late)
    }
  }
}
