// Tells screen readers what sighted readers see move: each decision, and how far the shards are, at most every ten seconds.

import { h, setText } from "../charts/dom.js"
import { count } from "../charts/format.js"
import { summarise } from "../store/ShardTable.js"
import { currentStage, liveDecisions, workersAt } from "../store/select.js"
import type { PanelState } from "../store/state.js"

const everyMs = 10_000

export class Announcer {
  readonly root = h("div", { class: "shardlab-Announcer", "aria-live": "polite" })
  #said = 0

  follow(state: PanelState): void {
    const now = performance.now()
    if (this.#said > 0 && now - this.#said < everyMs) return
    const sentence = sentenceOf(state)
    if (sentence === "" || sentence === this.root.textContent) return
    this.#said = now
    setText(this.root, sentence)
  }
}

/** `7 of 11 shards done, 2 running, 0 failed. 3 workers. HPA v2: 2 to 3 workers.` */
export function sentenceOf(state: PanelState): string {
  const parts: string[] = []
  const stage = currentStage(state)
  if (stage !== undefined && stage.shards.size > 0) {
    const { done, counts } = summarise(stage.shards)
    const all = Math.max(stage.tasks, stage.shards.size)
    parts.push(
      `${count(done)} of ${count(all)} shards done, ${counts.running} running, ${counts.failed} failed.`,
    )
  }
  const workers = workersAt(state, state.last)
  if (workers > 0) parts.push(`${workers} workers.`)
  const decision = liveDecisions(state).at(-1)
  if (decision !== undefined) parts.push(`${decision.policy}: ${decision.from} to ${decision.to} workers.`)
  return parts.join(" ")
}
