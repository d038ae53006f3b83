// `input_request` and its reply. One question at a time, as the protocol has it.

import type { Message } from "./message.js"

export class StdinChannel {
  #waiting: { request: Message; answer: (text: string) => void; refuse: (error: Error) => void } | undefined

  constructor(private readonly send: (type: string, content: Record<string, unknown>, to: Message) => void) {}

  /** Asks the client that sent `request`. Rejects when it did not allow stdin, or when `cancel` is called. */
  ask(request: Message, prompt: string, password: boolean): Promise<string> {
    if (request.content.allow_stdin !== true) {
      return Promise.reject(new Error("This front end does not let a cell ask for input."))
    }
    this.cancel("Another question took its place.")
    return new Promise((answer, refuse) => {
      this.#waiting = { request, answer, refuse }
      this.send("input_request", { prompt, password }, request)
    })
  }

  received(message: Message): void {
    if (message.header.msg_type !== "input_reply") return
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.answer(String(message.content.value ?? ""))
  }

  cancel(reason: string): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.refuse(new Error(reason))
  }
}
