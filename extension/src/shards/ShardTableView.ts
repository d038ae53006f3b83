// The map's data as a table, longest first, for keyboards and screen readers. At most 200 rows: it is for reading.

import { h, setText } from "../charts/dom.js"
import { bytes, count, duration } from "../charts/format.js"
import { isSkewed, summarise } from "../store/ShardTable.js"
import { currentStage } from "../store/select.js"
import type { PanelState } from "../store/state.js"

const shownRows = 200
const signs = { queued: "□", running: "▪", done: "■", failed: "×", spilled: "/", slow: "|" }

export class ShardTableView {
  readonly #caption = h("caption")
  readonly #body = h("tbody")
  readonly root = h(
    "div",
    { class: "shardlab-Table", hidden: true },
    h(
      "table",
      {},
      this.#caption,
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...["Shard", "State", "Worker", "Rows", "Spill", "Took ↓"].map(n => h("th", { scope: "col" }, n)),
        ),
      ),
      this.#body,
    ),
  )

  draw(state: PanelState): void {
    const stage = currentStage(state)
    setText(
      this.#caption,
      stage ? `${stage.name}, ${count(stage.shards.size)} shards, longest first` : "No shards yet",
    )
    if (!stage) {
      this.#body.replaceChildren()
      return
    }
    const { ms } = stage.shards.columns
    const summary = summarise(stage.shards)
    const ids = Array.from({ length: stage.shards.size }, (_, id) => id).sort((a, b) => ms[b]! - ms[a]!)
    this.#body.replaceChildren(
      ...ids.slice(0, shownRows).map(id => {
        const row = stage.shards.row(id)
        const worker = row.worker > 0 ? (state.workers.get(row.worker)?.name ?? `w${row.worker}`) : "–"
        const cells = [
          count(id),
          `${signs[row.state]} ${row.state}${isSkewed(stage.shards, summary, id) ? ", skewed" : ""}`,
          worker,
          row.rows > 0 ? count(row.rows) : "–",
          row.spill > 0 ? bytes(row.spill) : "–",
          row.ms > 0 ? duration(row.ms) : "–",
        ]
        return h("tr", {}, ...cells.map(text => h("td", {}, text)))
      }),
    )
  }
}
