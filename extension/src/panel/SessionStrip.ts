// The whole session as one thin row under the lanes, with the shown window on it: drag to choose another.

import { prepare } from "../charts/canvas.js"
import { h, setText } from "../charts/dom.js"
import { clockSpan } from "../charts/format.js"
import type { Frame } from "../charts/Lane.js"
import { TimeAxis } from "../charts/TimeAxis.js"
import { presentOf } from "../charts/Window.js"

const height = 40

export class SessionStrip {
  readonly #canvas = h("canvas", { class: "shardlab-Lane-canvas", role: "presentation" })
  readonly #words = h("div", { class: "shardlab-Session-words" })
  readonly root = h(
    "section",
    { class: "shardlab-Session", "aria-label": "Session" },
    h("div", { class: "shardlab-Lane-head" }, h("h3", {}, "Session"), h("span", {}, "drag to zoom")),
    this.#canvas,
    this.#words,
  )
  #axis: TimeAxis | undefined
  #begin: number | undefined

  constructor(brushed: (from: number, to: number) => void) {
    this.#canvas.addEventListener("pointerdown", event => {
      this.#begin = event.offsetX
      this.#canvas.setPointerCapture(event.pointerId)
    })
    this.#canvas.addEventListener("pointerup", event => {
      const [axis, begin] = [this.#axis, this.#begin]
      this.#begin = undefined
      if (axis === undefined || begin === undefined || Math.abs(event.offsetX - begin) < 4) return
      const [from, to] = [Math.min(begin, event.offsetX), Math.max(begin, event.offsetX)]
      brushed(axis.t(Math.max(axis.left, from)), axis.t(Math.min(axis.right, to)))
    })
  }

  draw(frame: Frame): void {
    const { state, axis, palette, width } = frame
    const end = Math.max(presentOf(state, frame.now), state.first + 10_000)
    const whole = new TimeAxis(state.first, end, axis.left, axis.right)
    this.#axis = whole
    const ctx = prepare(this.#canvas, width, height)
    ctx.fillStyle = palette.tint
    ctx.fillRect(whole.left, 6, whole.right - whole.left, height - 12)
    ctx.fillStyle = palette.running
    ctx.globalAlpha = 0.45
    for (const cell of state.cells) {
      const [from, to] = [whole.x(cell.start), whole.x(cell.end ?? frame.now)]
      ctx.fillRect(from, 13, Math.max(2, to - from), height - 26)
    }
    ctx.globalAlpha = 1
    const clamp = (x: number) => Math.max(whole.left, Math.min(whole.right, x))
    const [from, to] = [clamp(whole.x(axis.from)), clamp(whole.x(axis.to))]
    ctx.strokeStyle = palette.running
    ctx.lineWidth = 1.5
    ctx.strokeRect(from + 0.5, 4.5, Math.max(4, to - from - 1), height - 9)
    const [shownFrom, shownTo] = [Math.max(axis.from, state.first), Math.min(axis.to, end)]
    setText(this.#words, `${clockSpan(shownTo - shownFrom)} of ${clockSpan(end - state.first)} shown`)
  }
}
