// The five ZeroMQ sockets of a kernel. Knows frames, not messages. Sends are queued: a ZeroMQ.js socket takes one send at
// a time. iopub is an XPUB socket, so that a new subscriber is noticed and can be welcomed.

import { Reply, Router, XPublisher } from "zeromq"
import { address, type Connection } from "./connection.js"

export type Channel = "shell" | "control" | "stdin"

export interface SocketListener {
  received(channel: Channel, frames: Buffer[]): void
  subscribed(topic: string): void
}

export class Sockets {
  readonly #routers: Record<Channel, Router> = {
    shell: new Router({ linger: 1000 }),
    control: new Router({ linger: 1000 }),
    stdin: new Router({ linger: 0 }),
  }
  // No high-water mark: output may be late, never lost. The runner bounds what one cell may print.
  readonly #iopub = new XPublisher({ linger: 1000, sendHighWaterMark: 0 })
  readonly #heartbeat = new Reply({ linger: 0 })
  readonly #outboxes = new Map<Router | XPublisher, Outbox>()
  #closed = false

  async bind(connection: Connection): Promise<void> {
    await Promise.all([
      this.#routers.shell.bind(address(connection, connection.shellPort)),
      this.#routers.control.bind(address(connection, connection.controlPort)),
      this.#routers.stdin.bind(address(connection, connection.stdinPort)),
      this.#iopub.bind(address(connection, connection.iopubPort)),
      this.#heartbeat.bind(address(connection, connection.heartbeatPort)),
    ])
  }

  listen(listener: SocketListener): void {
    // Every subscription is reported, so that a second client is welcomed too.
    this.#iopub.verbosity = "allSubs"
    for (const channel of ["shell", "control", "stdin"] as const) {
      void this.#read(this.#routers[channel], frames => listener.received(channel, frames))
    }
    void this.#read(this.#iopub, ([frame]) => {
      if (frame?.[0] === 1) listener.subscribed(frame.subarray(1).toString())
    })
    void this.#read(this.#heartbeat, frames => void this.#heartbeat.send(frames).catch(() => {}))
  }

  send(channel: Channel, frames: Buffer[]): void {
    this.#outbox(this.#routers[channel]).post(frames)
  }

  publish(frames: Buffer[]): void {
    this.#outbox(this.#iopub).post(frames)
  }

  /** Sends what is queued, then closes all sockets. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#outboxes.values()].map(outbox => outbox.drained()))
    for (const socket of [...Object.values(this.#routers), this.#iopub, this.#heartbeat]) socket.close()
  }

  async #read(socket: Router | XPublisher | Reply, take: (frames: Buffer[]) => void): Promise<void> {
    try {
      for await (const frames of socket) take(frames as Buffer[])
    } catch (error) {
      if (!this.#closed) throw error
    }
  }

  #outbox(socket: Router | XPublisher): Outbox {
    const outbox = this.#outboxes.get(socket) ?? new Outbox(frames => socket.send(frames))
    this.#outboxes.set(socket, outbox)
    return outbox
  }
}

/** Sends one after the other; a peer that has gone away loses its message and nobody else's. */
class Outbox {
  #tail: Promise<void> = Promise.resolve()

  constructor(private readonly send: (frames: Buffer[]) => Promise<void>) {}

  post(frames: Buffer[]): void {
    this.#tail = this.#tail.then(() => this.send(frames)).catch(() => {})
  }

  drained(): Promise<void> {
    return this.#tail
  }
}
