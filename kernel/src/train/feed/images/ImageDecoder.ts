// Decodes images in worker threads, as many as there are cores, at most four. They are started with the first image and do
// not keep the process alive. Not the columns: imageSource.ts.

import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import type { DecodeAnswer, DecodeCall } from "./decodeWorker.js"

interface Waiting {
  readonly resolve: (answer: DecodeAnswer) => void
  readonly reject: (error: Error) => void
}
interface Thread {
  readonly worker: Worker
  readonly waiting: Map<number, Waiting>
}

export class ImageDecoder {
  readonly #threads: Thread[] = []
  #calls = 0

  /** The pixels of each image, one after the other. `onBad` makes the error of an image that is none. */
  async decode(
    images: readonly (Uint8Array | string)[],
    shape: Pick<DecodeCall, "height" | "width" | "channels">,
    onBad: (index: number, problem: string) => Error,
  ): Promise<Uint8Array[]> {
    const threads = this.#start()
    const share = Math.ceil(images.length / threads.length)
    const pieces = threads.map((thread, i) => ({
      thread,
      from: i * share,
      part: images.slice(i * share, (i + 1) * share),
    }))
    const answers = await Promise.all(
      pieces
        .filter(({ part }) => part.length > 0)
        .map(async ({ thread, from, part }) => ({ from, answer: await this.#call(thread, part, shape) })),
    )
    return answers.map(({ from, answer }) => {
      if ("problem" in answer) throw onBad(from + answer.index, answer.problem)
      return answer.pixels
    })
  }

  #call(
    { worker, waiting }: Thread,
    images: readonly (Uint8Array | string)[],
    { height, width, channels }: Pick<DecodeCall, "height" | "width" | "channels">,
  ): Promise<DecodeAnswer> {
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      worker.ref()
      worker.postMessage({ id, images, height, width, channels } satisfies DecodeCall)
    })
  }

  #start(): readonly Thread[] {
    const count = Math.min(availableParallelism(), 4)
    while (this.#threads.length < count) this.#threads.push(this.#thread())
    return [...this.#threads]
  }

  #thread(): Thread {
    const worker = new Worker(new URL("./decodeWorker.js", import.meta.url))
    const waiting = new Map<number, Waiting>()
    const thread = { worker, waiting }
    worker.unref()
    worker.on("message", (answer: DecodeAnswer) => {
      waiting.get(answer.id)?.resolve(answer)
      waiting.delete(answer.id)
      if (waiting.size === 0) worker.unref()
    })
    const lost = (error: Error) => {
      this.#threads.splice(this.#threads.indexOf(thread), 1)
      for (const { reject } of waiting.values()) reject(error)
      waiting.clear()
    }
    worker.on("error", lost)
    worker.on("exit", code => {
      if (this.#threads.includes(thread)) lost(new Error(`the thread that decodes images ended with ${code}`))
    })
    return thread
  }
}

/** Threads are the process's. */
export const imageDecoder = new ImageDecoder()
