// The row above the lanes: the times of the ticks. Says `now` or the pointed-at moment over the readouts when wide.

import { label, prepare } from "../charts/canvas.js"
import { h, setText } from "../charts/dom.js"
import { clock } from "../charts/format.js"
import type { Frame } from "../charts/Lane.js"

const height = 24

export class AxisRow {
  readonly #canvas = h("canvas", { class: "shardlab-Lane-canvas", role: "presentation" })
  readonly #moment = h("div", { class: "shardlab-Axis-moment" })
  readonly root = h("div", { class: "shardlab-Axis" }, this.#canvas, this.#moment)

  draw({ axis, width, palette }: Frame): void {
    const ctx = prepare(this.#canvas, width, height)
    const style = { colour: palette.secondary, font: palette.font, align: "center" as const }
    for (const t of axis.ticks()) {
      const x = axis.x(t)
      // A label that would be cut at the edge says nothing.
      if (x > axis.left + 26 && x < axis.right - 26) label(ctx, clock(t), x, height / 2 + 2, style)
    }
  }

  /** `t` is undefined when nothing is pointed at. */
  show(t: number | undefined): void {
    setText(this.#moment, t === undefined ? "now" : `at ${clock(t)}`)
  }

  /** Over readouts of something that is over. */
  end(): void {
    setText(this.#moment, "at the end")
  }
}
