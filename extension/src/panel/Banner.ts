// The one message above the lanes, when something happened that the lanes alone do not explain: the runner stopped, a worker
// was lost, the kernel has gone. Icon, bold sentence, cause. No toast, no modal.

import { h, icon } from "../charts/dom.js"
import { clock } from "../charts/format.js"
import type { PanelState } from "../store/state.js"
import { icons } from "./icons.js"

export interface BannerText {
  readonly kind: "error" | "warning"
  readonly title: string
  readonly text: string
}

/** What to say of a state, if anything. Pure. */
export function bannerOf(state: PanelState, closed: boolean): BannerText | undefined {
  if (state.stop !== undefined) {
    const cell = state.cells.findLast(run => run.start <= state.stop!.t)
    const where = cell === undefined ? "" : ` in In [${cell.n}]`
    return {
      kind: "error",
      title: `The runner stopped${where}`,
      text: `${state.stop.cause} Variables are gone; the next cell starts a new one. Below: the last minutes.`,
    }
  }
  if (closed) {
    const text = "What it did last stays below until the kernel is started again."
    return { kind: "warning", title: "The kernel has ended", text }
  }
  return lostWorker(state)
}

/** A worker that was lost while the cell runs or ran last. */
function lostWorker(state: PanelState): BannerText | undefined {
  const since = state.cells.at(-1)?.start ?? 0
  for (const worker of state.workers.values()) {
    const span = worker.spans.findLast(one => one.lost && one.to! >= since)
    if (span === undefined) continue
    return {
      kind: "error",
      title: `Worker ${worker.name} was lost at ${clock(span.to!)}`,
      text: `It ${span.cause ?? "ended"}. Its shard runs again on another worker.`,
    }
  }
  return undefined
}

export class Banner {
  readonly root = h("div", { class: "shardlab-Banner", role: "status", hidden: true })
  #shown = ""

  show(banner: BannerText | undefined): void {
    const key = banner === undefined ? "" : `${banner.kind}${banner.title}${banner.text}`
    this.root.hidden = banner === undefined
    if (key === this.#shown || banner === undefined) return
    this.#shown = key
    this.root.dataset.kind = banner.kind
    const words = h("div", {}, h("strong", {}, banner.title), h("p", {}, banner.text))
    this.root.replaceChildren(icon(icons[banner.kind === "error" ? "cross" : "warning"]), words)
  }
}
