// Passes a runner's outputs to the sink of the cell that runs or ran last, in order. Joins stream text: a hundred thousand
// printed lines become a few hundred messages. What comes between cells (a timer that prints) goes to the last cell.

import { StringDecoder } from "node:string_decoder"
import type { OutputSink } from "./KernelSession.js"
import type { Answer, Output } from "./protocol.js"

type StreamName = "stdout" | "stderr"
type Shown = Extract<Output, { type: "display" | "result" | "clear" | "comm" }>

/** Text waits this long for more of its stream, unless something else comes after it. */
const joinMs = 20
const maxJoined = 1 << 18

export class OutputRouter {
  readonly #decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") }
  #sink: OutputSink | undefined
  #name: StreamName = "stdout"
  #parts: string[] = []
  #length = 0
  #timer: NodeJS.Timeout | undefined

  /** Later outputs go to `sink`. */
  to(sink: OutputSink): void {
    this.flush()
    this.#sink = sink
  }

  text(name: StreamName, bytes: Buffer): void {
    const text = this.#decoders[name].write(bytes)
    if (text === "") return
    if (name !== this.#name) this.flush()
    this.#name = name
    this.#parts.push(text)
    this.#length += text.length
    if (this.#length >= maxJoined) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), joinMs)
  }

  /** An output that is not text comes after all text before it. */
  show(output: Shown): void {
    this.flush()
    const sink = this.#sink
    if (output.type === "display") sink?.display(output.bundle, output.options)
    else if (output.type === "result") sink?.result(output.bundle, output.metadata)
    else if (output.type === "clear") sink?.clear(output.wait)
    else sink?.comm(output.message)
  }

  /** Asks through the cell's sink; the prompt comes after all text before it. */
  async ask(prompt: string, password: boolean): Promise<Answer> {
    this.flush()
    if (this.#sink === undefined) return { refused: "No cell has run." }
    return this.#sink.input(prompt, password).then(
      text => ({ text }),
      error => ({ refused: error instanceof Error ? error.message : String(error) }),
    )
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#parts.length === 0) return
    const text = this.#parts.join("")
    this.#parts = []
    this.#length = 0
    this.#sink?.stream(this.#name, text)
  }
}
