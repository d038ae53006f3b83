// The five ZeroMQ sockets of a kernel. Knows frames, not messages. Sends are queued: a ZeroMQ.js socket takes one send at
// a time. iopub is an XPUB socket in manual mode: a subscription counts once it is taken, and its welcome goes out in the
// same turn of the queue, so that nothing else can be the first message a subscriber gets (JEP 65).

import { setImmediate as pollTurn } from "node:timers/promises"
import { Reply, Router, XPublisher } from "zeromq"
import { address, type Connection } from "./connection.js"

export type Channel = "shell" | "control" | "stdin"

export interface SocketListener {
  received(channel: Channel, frames: Buffer[]): void
  /** The frames that welcome a new subscriber to `topic`. */
  welcome(topic: string): Buffer[]
}

export class Sockets {
  readonly #routers: Record<Channel, Router> = {
    shell: new Router({ linger: 1000 }),
    control: new Router({ linger: 1000 }),
    stdin: new Router({ linger: 0 }),
  }
  // No high-water mark: output may be late, never lost. The runner bounds what one cell may print.
  // "allSubs" reports every subscription, so that a second client is welcomed too.
  readonly #iopub = new Iopub({ linger: 1000, sendHighWaterMark: 0, manual: true, verbosity: "allSubs" })
  readonly #heartbeat = new Reply({ linger: 0 })
  readonly #outboxes = new Map<Router | Iopub, Outbox>()
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
    for (const channel of ["shell", "control", "stdin"] as const) {
      void this.#read(this.#routers[channel], async frames => {
        // Who subscribes and then asks must find itself subscribed: what iopub holds is taken first.
        await pollTurn()
        listener.received(channel, frames)
      })
    }
    void this.#read(this.#iopub, ([frame]) => this.#subscription(frame as Buffer, listener))
    void this.#read(this.#heartbeat, frames => this.#heartbeat.send(frames).catch(() => {}))
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

  /** ZeroMQ means the subscriber whose message was read last, so the next is read when this one is done. */
  async #subscription(frame: Buffer, listener: SocketListener): Promise<void> {
    const topic = frame.subarray(1)
    await this.#outbox(this.#iopub).run(async () => {
      if (frame[0] !== 1) return this.#iopub.release(topic)
      this.#iopub.accept(topic)
      await this.#iopub.send(listener.welcome(topic.toString()))
    })
  }

  async #read(socket: Router | Iopub | Reply, take: (frames: Buffer[]) => Promise<void>): Promise<void> {
    try {
      for await (const frames of socket) await take(frames as Buffer[])
    } catch (error) {
      if (!this.#closed) throw error
    }
  }

  #outbox(socket: Router | Iopub): Outbox {
    const outbox = this.#outboxes.get(socket) ?? new Outbox(frames => socket.send(frames))
    this.#outboxes.set(socket, outbox)
    return outbox
  }
}

/** ZeroMQ.js can set manual mode, but has no method for the two options that answer a subscription in it. */
class Iopub extends XPublisher {
  accept(topic: Buffer): void {
    this.setStringOption(ZMQ_SUBSCRIBE, topic)
  }

  release(topic: Buffer): void {
    this.setStringOption(ZMQ_UNSUBSCRIBE, topic)
  }
}

// zmq.h
const ZMQ_SUBSCRIBE = 6
const ZMQ_UNSUBSCRIBE = 7

/** Sends one after the other; a peer that has gone away loses its message and nobody else's. */
class Outbox {
  #tail: Promise<void> = Promise.resolve()

  constructor(private readonly send: (frames: Buffer[]) => Promise<void>) {}

  post(frames: Buffer[]): void {
    void this.run(() => this.send(frames))
  }

  /** Runs `step` when all that was posted before it is sent, and before anything posted later. */
  run(step: () => Promise<void>): Promise<void> {
    this.#tail = this.#tail.then(step).catch(() => {})
    return this.#tail
  }

  drained(): Promise<void> {
    return this.#tail
  }
}
