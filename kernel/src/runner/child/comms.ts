// Comms of user code: two-way channels to code in the front end, which a cell opens or waits for. Reaches the front
// through a function that the runner installs, so library code may import this file anywhere.

import { randomUUID } from "node:crypto"
import type { CommMessage } from "../KernelSession.js"

export interface CommEvent {
  readonly data: unknown
  readonly buffers: readonly Uint8Array[]
}

/** One open channel. */
export class Comm {
  readonly #onMessage = new Set<(event: CommEvent) => void>()
  readonly #onClose = new Set<(event: CommEvent) => void>()

  constructor(
    readonly id: string,
    readonly target: string,
    private readonly post: (message: CommMessage) => void,
  ) {}

  send(data: unknown, buffers: readonly Uint8Array[] = []): void {
    this.post({ kind: "msg", id: this.id, data, buffers })
  }

  close(data: unknown = {}): void {
    this.post({ kind: "close", id: this.id, data })
  }

  onMessage(listener: (event: CommEvent) => void): void {
    this.#onMessage.add(listener)
  }

  onClose(listener: (event: CommEvent) => void): void {
    this.#onClose.add(listener)
  }

  /** A message of the front end. */
  deliver({ kind, data, buffers = [] }: CommMessage): void {
    for (const listener of kind === "close" ? this.#onClose : this.#onMessage) listener({ data, buffers })
  }
}

/** The comms of this process. */
export class CommTable {
  readonly #open = new Map<string, Comm>()
  readonly #targets = new Map<string, (comm: Comm, opening: CommEvent) => void>()
  #post: (message: CommMessage) => void = () => {}

  /** Installs where messages go; only the runner calls it. */
  connect(post: (message: CommMessage) => void): void {
    this.#post = post
  }

  /** Opens a comm to code of the front end that is registered as `target`. */
  open(target: string, data: unknown = {}, buffers: readonly Uint8Array[] = []): Comm {
    const comm = this.#add(randomUUID(), target)
    this.#post({ kind: "open", id: comm.id, target, data, buffers })
    return comm
  }

  /** Calls `opened` for every comm that the front end opens to `target` from now on. */
  register(target: string, opened: (comm: Comm, opening: CommEvent) => void): void {
    this.#targets.set(target, opened)
  }

  receive(message: CommMessage): void {
    const { kind, id, target = "", data, buffers = [] } = message
    if (kind !== "open") {
      this.#open.get(id)?.deliver(message)
      if (kind === "close") this.#open.delete(id)
      return
    }
    const opened = this.#targets.get(target)
    // An unknown target is refused by closing, as the protocol asks.
    if (opened === undefined) this.#post({ kind: "close", id, data: {} })
    else opened(this.#add(id, target), { data, buffers })
  }

  #add(id: string, target: string): Comm {
    const comm = new Comm(id, target, message => {
      if (message.kind === "close") this.#open.delete(id)
      this.#post(message)
    })
    this.#open.set(id, comm)
    return comm
  }
}

export const comms = new CommTable()
