// What lies over the lanes: the line at the pointed-at moment with its time, and the span being brushed. It moves without
// any lane being drawn again.

import { h, setText } from "../charts/dom.js"
import { clock, duration } from "../charts/format.js"
import type { TimeAxis } from "../charts/TimeAxis.js"

export interface CrosshairEvents {
  /** Undefined when the pointer left. */
  pointed(t: number | undefined): void
  brushed(from: number, to: number): void
}

/** Shorter drags are clicks. */
const leastPixels = 6

export class Crosshair {
  readonly #tag = h("span", { class: "shardlab-Crosshair-tag" })
  readonly #line = h("div", { class: "shardlab-Crosshair", hidden: true }, this.#tag)
  readonly #words = h("span", { class: "shardlab-Brush-words" })
  readonly #brush = h("div", { class: "shardlab-Brush", hidden: true }, this.#words)
  readonly root = h("div", { class: "shardlab-Overlay", "aria-hidden": "true" }, this.#line, this.#brush)
  readonly #events: CrosshairEvents
  #axis: TimeAxis | undefined
  #begin: number | undefined

  /** `lanes` is what the pointer moves over; its left edge is that of every lane's canvas. */
  constructor(lanes: HTMLElement, events: CrosshairEvents) {
    this.#events = events
    lanes.addEventListener("pointermove", event => this.#move(this.#x(lanes, event)))
    lanes.addEventListener("pointerleave", () => this.#leave())
    lanes.addEventListener("pointerdown", event => {
      if (event.button === 0 && !(event.target as Element).closest("button"))
        this.#begin = this.#x(lanes, event)
    })
    lanes.addEventListener("pointerup", event => this.#release(this.#x(lanes, event)))
  }

  /** Undefined in states without a time axis. */
  use(axis: TimeAxis | undefined): void {
    this.#axis = axis
    if (axis === undefined) this.#leave()
  }

  #x(lanes: HTMLElement, event: PointerEvent): number {
    return event.clientX - lanes.getBoundingClientRect().left
  }

  #move(x: number): void {
    const axis = this.#axis
    if (axis === undefined || x < axis.left || x > axis.right) {
      this.#leave()
      return
    }
    this.#line.hidden = false
    this.#line.style.transform = `translateX(${Math.round(x)}px)`
    setText(this.#tag, clock(axis.t(x)))
    if (this.#begin !== undefined) this.#drag(axis, this.#begin, x)
    this.#events.pointed(axis.t(x))
  }

  #drag(axis: TimeAxis, begin: number, x: number): void {
    const [left, right] = [Math.min(begin, x), Math.max(begin, x)]
    this.#brush.hidden = right - left < leastPixels
    this.#brush.style.left = `${left}px`
    this.#brush.style.width = `${right - left}px`
    setText(this.#words, `${duration(axis.t(right) - axis.t(left))}: release to zoom`)
  }

  #release(x: number): void {
    const [axis, begin] = [this.#axis, this.#begin]
    this.#begin = undefined
    this.#brush.hidden = true
    if (axis === undefined || begin === undefined || Math.abs(x - begin) < leastPixels) return
    const clamp = (at: number) => axis.t(Math.max(axis.left, Math.min(axis.right, at)))
    this.#events.brushed(clamp(Math.min(begin, x)), clamp(Math.max(begin, x)))
  }

  #leave(): void {
    if (this.#line.hidden) return
    this.#line.hidden = true
    this.#events.pointed(undefined)
  }
}
