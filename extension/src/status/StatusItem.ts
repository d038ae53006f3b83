// The item in the status bar: a bar and a few words on the current notebook's kernel, at most once a second. A click opens
// the panel. Hidden for kernels that are not ours.

import type { Message } from "@lumino/messaging"
import { Widget } from "@lumino/widgets"
import { h, setText } from "../charts/dom.js"
import { headlineOf } from "../panel/headline.js"
import type { ITelemetryHub } from "../tokens.js"
import { statusOf } from "./statusText.js"

const everyMs = 1000

export class StatusItem extends Widget {
  readonly #hub: ITelemetryHub
  readonly #fill = h("i")
  readonly #bar = h("span", { class: "shardlab-Status-bar", "aria-hidden": "true" }, this.#fill)
  readonly #text = h("span")
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(hub: ITelemetryHub, open: () => void) {
    const node = h("button", { class: "shardlab-Status jp-StatusBar-TextItem", type: "button" })
    super({ node })
    this.#hub = hub
    node.append(this.#bar, this.#text)
    node.addEventListener("click", open)
    hub.changed.connect(this.#request, this)
    this.#draw()
  }

  get isActive(): boolean {
    return this.#hub.subject.kind === "ours"
  }

  override dispose(): void {
    clearTimeout(this.#timer)
    this.#hub.changed.disconnect(this.#request, this)
    super.dispose()
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message)
    this.#draw()
  }

  #request(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#draw()
    }, everyMs)
  }

  #draw(): void {
    const { subject } = this.#hub
    if (subject.kind !== "ours") return
    const { state } = subject.feed
    const { text, progress, failed } = statusOf(state)
    this.#bar.hidden = progress === undefined
    this.#fill.style.width = `${Math.round((progress ?? 0) * 100)}%`
    this.node.dataset.failed = String(failed)
    setText(this.#text, text)
    const { title, detail } = headlineOf(state, Date.now() + state.clockOffset)
    this.node.title = `${title}, ${detail}\nClick: open the panel`
  }
}
