// The one message above the lanes, when something happened that the lanes alone do not explain: the runner stopped, a worker
// was lost, the kernel has gone. Icon, bold sentence, cause. No toast, no modal.

import { h, icon } from "../charts/dom.js"
import { clock } from "../charts/format.js"
import { workerChanges } from "../store/select.js"
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

/** The last worker that was lost while the cell runs or ran last, and who came for it. */
function lostWorker(state: PanelState): BannerText | undefined {
  const since = state.cells.at(-1)?.start ?? 0
  const lost = workerChanges(state, since, Number.POSITIVE_INFINITY).findLast(change => change.lost)
  if (lost === undefined) return undefined
  const next = workerChanges(state, lost.t, Number.POSITIVE_INFINITY).find(change => change.joined)
  const came = next === undefined ? "" : ` ${titleOf(next.name)} joined at ${clock(next.t)}.`
  return {
    kind: "error",
    title: `${titleOf(lost.name)} was lost at ${clock(lost.t)}`,
    text: `It ${lost.what}. What it was working on runs again on the others.${came}`,
  }
}

/** `w3` is Worker w3, `executor 3` is Executor 3. */
function titleOf(name: string): string {
  return /^\w+ /.test(name) ? name[0]!.toUpperCase() + name.slice(1) : `Worker ${name}`
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
