// The row above the lanes: the times of the ticks. Says `now` or the pointed-at moment over the readouts when wide.

import { label, prepare } from "../charts/canvas.js"
import { h, setText } from "../charts/dom.js"
import { clock } from "../charts/format.js"
import type { Frame } from "../charts/Lane.js"

const height = 24
/** Half the width of a time, with some air. */
const halfLabel = 26
/** Centre to centre of two times that do not touch; the crosshair's is set larger. */
const labelRoom = 64

export class AxisRow {
  readonly #canvas = h("canvas", { class: "shardlab-Lane-canvas", role: "presentation" })
  readonly #moment = h("div", { class: "shardlab-Axis-moment" })
  readonly root = h("div", { class: "shardlab-Axis" }, this.#canvas, this.#moment)
  #frame: Frame | undefined
  #pointed: number | undefined
  #shown = ""

  draw(frame: Frame): void {
    this.#frame = frame
    this.#shown = ""
    this.#paint()
  }

  /** `t` is undefined when nothing is pointed at. */
  show(t: number | undefined): void {
    setText(this.#moment, t === undefined ? "now" : `at ${clock(t)}`)
    this.#pointed = t
    this.#paint()
  }

  /** The crosshair's own time stands in this row: ticks make room for it. */
  #paint(): void {
    if (this.#frame === undefined) return
    const { axis, width, palette } = this.#frame
    const tag = this.#pointed === undefined ? Number.NaN : axis.x(this.#pointed)
    // A label that would be cut at the edge says nothing.
    const inside = (x: number) => x > axis.left + halfLabel && x < axis.right - halfLabel
    const free = (x: number) => !(Math.abs(x - tag) < labelRoom)
    const ticks = axis.ticks().filter(t => inside(axis.x(t)) && free(axis.x(t)))
    if (ticks.join() === this.#shown) return
    this.#shown = ticks.join()
    const ctx = prepare(this.#canvas, width, height)
    const style = { colour: palette.secondary, font: palette.font, align: "center" as const }
    for (const t of ticks) label(ctx, clock(t), axis.x(t), height / 2 + 2, style)
  }

  /** Over readouts of something that is over. */
  end(): void {
    setText(this.#moment, "at the end")
    this.#pointed = undefined
    this.#paint()
  }
}
