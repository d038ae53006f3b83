// The main thread's end of the watchdog: starts the thread and takes what it says. Shared memory carries what has been
// seen, because a looping main thread answers nothing.

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads"
import type { Answer } from "../protocol.js"

/** Indices in the shared flags. */
export const lastAnswered = 0
export const interruptSeen = 1
export const interruptDone = 2

export interface WatchdogData {
  readonly flags: Int32Array
  readonly answers: MessagePort
  readonly sampleMs: number
}

export interface AnswerMessage {
  readonly question: number
  readonly answer: Answer
}

export class WatchdogLink {
  readonly #flags = new Int32Array(new SharedArrayBuffer(12))
  readonly #answers: MessagePort
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  /** Settles once interrupts work. */
  readonly ready: Promise<void>

  /** `onInterrupt` runs on the main thread, as soon as that is free to run anything. */
  constructor(sampleMs: number, onInterrupt: () => void) {
    const { port1, port2 } = new MessageChannel()
    this.#answers = port1
    const workerData: WatchdogData = { flags: this.#flags, answers: port2, sampleMs }
    const worker = new Worker(new URL("./watchdog.js", import.meta.url), {
      workerData,
      transferList: [port2],
    })
    this.ready = new Promise(resolve => worker.once("message", () => resolve()))
    worker.on("message", message => {
      if (message !== "interrupt") return
      Atomics.store(this.#flags, interruptSeen, 1)
      onInterrupt()
      Atomics.store(this.#flags, interruptDone, 1)
    })
    worker.unref()
    port1.on("message", (message: AnswerMessage) => this.#deliver(message))
    port1.unref()
  }

  /** The answer to a question, when it comes. */
  answer(question: number): Promise<Answer> {
    return new Promise(resolve => this.#waiting.set(question, resolve))
  }

  /** The answer to a question; blocks the main thread until then. An interrupt terminates the wait. */
  answerNow(question: number): Answer {
    let found: Answer | undefined
    this.#waiting.set(question, answer => {
      found = answer
    })
    for (;;) {
      // Read before the queue is drained: an answer that comes in between ends the wait at once.
      const before = Atomics.load(this.#flags, lastAnswered)
      for (let next = receiveMessageOnPort(this.#answers); next; next = receiveMessageOnPort(this.#answers)) {
        this.#deliver(next.message as AnswerMessage)
      }
      if (found !== undefined) return found
      Atomics.wait(this.#flags, lastAnswered, before)
    }
  }

  #deliver({ question, answer }: AnswerMessage): void {
    this.#waiting.get(question)?.(answer)
    this.#waiting.delete(question)
  }
}
