// The picture of one cell's run under the cell, drawn from the saved snapshot with the panel's own lanes. Static: it needs
// no kernel. Pointing at it reads values at that moment.

import type { Snapshot } from "shardlab/events"
import { h } from "../charts/dom.js"
import type { Frame, Lane } from "../charts/Lane.js"
import { readPalette } from "../charts/palette.js"
import { TimeAxis } from "../charts/TimeAxis.js"
import { decodeSnapshot } from "../comm/codec.js"
import { DevicesLane } from "../gpu/DevicesLane.js"
import { AxisRow } from "../panel/AxisRow.js"
import { Crosshair } from "../panel/Crosshair.js"
import { PolicyLane } from "../policy/PolicyLane.js"
import { WhyCard } from "../policy/WhyCard.js"
import { ShardsLane } from "../shards/ShardsLane.js"
import { reduce } from "../store/reduce.js"
import { liveDecisions } from "../store/select.js"
import { type Decision, emptyState, type PanelState } from "../store/state.js"
import { TrainingLane } from "../training/TrainingLane.js"

const [gutter, readoutWidth, leastWidth] = [110, 168, 480]

export class SnapshotView {
  readonly root: HTMLElement
  readonly #snapshot: Snapshot
  readonly #state: PanelState
  readonly #lanes: readonly Lane[]
  readonly #axisRow = new AxisRow()
  readonly #box = h("div", { class: "shardlab-Lanes" })
  readonly #crosshair: Crosshair
  readonly #why = new WhyCard(by => this.#step(by))
  readonly #policy = new PolicyLane(decision => this.#explain(decision))
  #frame: Frame | undefined
  #selected: Decision | undefined

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
    this.#state = reduce(emptyState(), decodeSnapshot(snapshot.events))
    const lanes: readonly Lane[] = [new ShardsLane(), new DevicesLane(), new TrainingLane(), this.#policy]
    this.#lanes = lanes.filter(lane => lane.hasData(this.#state))
    this.#crosshair = new Crosshair(this.#box, { pointed: t => this.#read(t), brushed: () => {} })
    this.#box.append(this.#axisRow.root, ...this.#lanes.map(lane => lane.root), this.#crosshair.root)
    this.root = h(
      "figure",
      { class: "shardlab-Panel shardlab-mod-wide shardlab-Snapshot" },
      h(
        "figcaption",
        {},
        h("strong", {}, snapshot.title),
        h("span", { class: "shardlab-secondary" }, snapshot.subtitle),
      ),
      this.#box,
      this.#why.root,
    )
  }

  draw(): void {
    const room = this.#box.clientWidth
    if (room === 0) return
    const width = Math.max(leastWidth, room) - readoutWidth
    const { start, end } = this.#snapshot
    const axis = new TimeAxis(start, Math.max(end, start + 1000), gutter, width - 4)
    const frame: Frame = {
      state: this.#state,
      axis,
      width,
      now: end,
      palette: readPalette(this.root),
      wide: true,
    }
    this.#frame = frame
    this.#crosshair.use(axis)
    this.#axisRow.draw(frame)
    for (const lane of this.#lanes) lane.draw(frame)
    this.#read(undefined)
  }

  #read(t: number | undefined): void {
    if (this.#frame === undefined) return
    if (t === undefined) this.#axisRow.end()
    else this.#axisRow.show(t)
    for (const lane of this.#lanes) lane.read(this.#frame, t ?? this.#snapshot.end)
  }

  #explain(decision: Decision): void {
    this.#selected = this.#selected === decision ? undefined : decision
    this.#policy.selected = this.#selected
    this.#why.show(this.#selected, undefined)
    if (this.#frame !== undefined) this.#policy.draw(this.#frame)
  }

  #step(by: -1 | 1): void {
    const live = liveDecisions(this.#state)
    const next = live[live.indexOf(this.#selected!) + by]
    if (next !== undefined) this.#explain(next)
  }
}
