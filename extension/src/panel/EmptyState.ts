// What the panel says while there is nothing to draw: which notebook and kernel it looks at, and what to do. The state of
// a connected kernel teaches the first command.

import { h, icon } from "../charts/dom.js"
import { laneFills, laneNames, titleOf } from "../charts/Lane.js"
import type { Subject } from "../tokens.js"
import { icons } from "./icons.js"
import type { PanelHost } from "./PanelHost.js"

/** Runs in any folder and without a network: shards, workers and cells show at once. */
export const firstCommand = `import { workers } from "shardlab"
const pool = await workers({
  min: 2,
})
await pool.map([3, 5, 7, 11],
  n => 2 ** n)`

export class EmptyState {
  readonly root = h("div", { class: "shardlab-Empty", hidden: true })
  readonly #host: PanelHost
  #shown = ""

  constructor(host: PanelHost) {
    this.#host = host
  }

  /** Undefined hides it. */
  show(subject: Subject | undefined): void {
    const key = subject === undefined ? "" : keyOf(subject)
    this.root.hidden = subject === undefined
    if (subject === undefined || key === this.#shown) return
    this.#shown = key
    this.root.replaceChildren(...this.#content(subject))
  }

  #content(subject: Subject): Node[] {
    switch (subject.kind) {
      case "none":
        return words("No notebook is open", "Open a notebook that runs on the kernel shardlab (TypeScript).")
      case "starting":
        return words("Connecting", `${subject.notebook} is starting its kernel.`)
      case "other":
        return words(
          "This notebook runs another kernel",
          `${subject.notebook} uses ${subject.kernel}. Choose Kernel, Change Kernel, shardlab (TypeScript) to see shards, devices and policies here.`,
        )
      case "ours":
        return this.#ours(subject)
      default:
        throw subject satisfies never
    }
  }

  #ours(subject: Subject & { kind: "ours" }): Node[] {
    const { status, problem } = subject.feed
    if (status === "unsupported") return words("The kernel and this panel do not match", problem)
    if (status === "closed")
      return words("The kernel has ended", `Restart the kernel of ${subject.notebook}.`)
    return [
      ...words(
        "Nothing has run yet",
        `${subject.notebook} is connected. Run this in a cell and its shards appear here while it works:`,
      ),
      h("pre", {}, firstCommand),
      h(
        "div",
        { class: "shardlab-Buttons" },
        button("Insert as a cell", "plus", true, () => this.#host.insertCell(firstCommand)),
        button("Copy", "copy", false, () => this.#host.copy(firstCommand)),
      ),
      h("h4", {}, "What fills each lane"),
      h("dl", {}, ...laneNames.flatMap(name => [h("dt", {}, titleOf(name)), h("dd", {}, laneFills[name])])),
    ]
  }
}

function keyOf(subject: Subject): string {
  const name = subject.kind === "none" ? "" : subject.notebook
  const more = subject.kind === "other" ? subject.kernel : subject.kind === "ours" ? subject.feed.status : ""
  return [subject.kind, name, more].join("\n")
}

function words(title: string, text: string): Node[] {
  return [h("h2", {}, title), h("p", {}, text)]
}

function button(
  text: string,
  name: keyof typeof icons,
  primary: boolean,
  onClick: () => void,
): HTMLButtonElement {
  const element = h(
    "button",
    { class: `shardlab-Button${primary ? " shardlab-mod-primary" : ""}` },
    icon(icons[name]),
    text,
  )
  element.addEventListener("click", onClick)
  return element
}
