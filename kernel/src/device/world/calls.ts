// Calls from one thread to another that answer before they return: whoever asks sleeps on a shared word, because a C callback
// and tfjs's `dataSync` cannot wait for a promise. One call at a time on each line.

import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads"

/** What a thread is given to answer on. */
export interface Line {
  readonly port: MessagePort
  readonly bell: SharedArrayBuffer
}

export class Caller<Asked, Answered> {
  readonly #bell: Int32Array

  private constructor(private readonly line: Line) {
    this.#bell = new Int32Array(line.bell)
    line.port.unref()
  }

  /** A line's two ends: to call on, and to answer on. */
  static ends(): { caller: Line; far: Line } {
    const { port1, port2 } = new MessageChannel()
    const bell = new SharedArrayBuffer(4)
    return { caller: { port: port1, bell }, far: { port: port2, bell } }
  }

  static on<Asked, Answered>(line: Line): Caller<Asked, Answered> {
    return new Caller(line)
  }

  call(asked: Asked): Answered {
    this.#ask(asked)
    Atomics.wait(this.#bell, 0, 0)
    return this.#take()
  }

  /** The same while the event loop goes on. */
  async wait(asked: Asked, everyMs = 20): Promise<Answered> {
    this.#ask(asked)
    while (Atomics.load(this.#bell, 0) === 0) await new Promise(again => setTimeout(again, everyMs))
    return this.#take()
  }

  /** For the end of a process: gives up after a while. */
  tell(asked: Asked, mostMs: number): void {
    this.#ask(asked)
    Atomics.wait(this.#bell, 0, 0, mostMs)
  }

  #ask(asked: Asked): void {
    Atomics.store(this.#bell, 0, 0)
    this.line.port.postMessage(asked)
  }

  #take(): Answered {
    return receiveMessageOnPort(this.line.port)!.message as Answered
  }
}

/** The other end: answers what is asked, in whatever order it gets ready. */
export function answerOn<Asked, Answered>(
  { port, bell }: Line,
  answer: (asked: Asked) => Promise<Answered>,
): void {
  const word = new Int32Array(bell)
  port.on("message", (asked: Asked) => {
    void answer(asked).then(answered => {
      port.postMessage(answered)
      Atomics.store(word, 0, 1)
      Atomics.notify(word, 0)
    })
  })
}
