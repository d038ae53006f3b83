// What a lane is: one row of the panel that draws one part of the state on the shared time axis and says its values at
// any moment. It owns no time, no events and no colours: all come in the frame. `LaneRow` is the row's DOM, the same for
// every lane: title, readout, canvas; a lane without data is its title and what would fill it.

import type { PanelState } from "../store/state.js"
import { type Context, prepare, vline } from "./canvas.js"
import { h, setAttribute } from "./dom.js"
import type { Palette } from "./palette.js"
import type { TimeAxis } from "./TimeAxis.js"

export const laneNames = ["cells", "shards", "devices", "training", "policy"] as const
export type LaneName = (typeof laneNames)[number]
/** What puts something into each. */
export const laneFills: Readonly<Record<LaneName, string>> = {
  cells: "any cell that you run",
  shards: "collect, shards, pool.map",
  devices: "by itself, once a second",
  training: "model.fit or train",
  policy: "pool.autoscale(policy)",
}
export function titleOf(name: LaneName): string {
  return name[0]!.toUpperCase() + name.slice(1)
}

export interface Frame {
  readonly state: PanelState
  readonly axis: TimeAxis
  /** Width of the canvas in CSS pixels; the axis' `left` is the gutter within it. */
  readonly width: number
  /** The present by the kernel's clock: open spans are drawn up to here. */
  readonly now: number
  readonly palette: Palette
  /** With a readout column and full words, as in the dashboard. */
  readonly wide: boolean
}

export interface Reading {
  readonly label: string
  readonly value: string
  /** Colour key and drawing of the legend's mark. */
  readonly mark?: {
    readonly colour: keyof Palette
    readonly shape: "line" | "dash" | "dot" | "area" | "hatch" | "ring"
  }
}

export interface Lane {
  readonly name: LaneName
  readonly root: HTMLElement
  /** True when this lane has something to draw. */
  hasData(state: PanelState): boolean
  draw(frame: Frame): void
  /** Its values at `t`; `t` is `frame.now` when nothing is pointed at. */
  read(frame: Frame, t: number): readonly Reading[]
  /** One sentence for a screen reader. */
  describe(frame: Frame): string
}

export class LaneRow {
  readonly root: HTMLElement
  readonly canvas: HTMLCanvasElement
  readonly readout: HTMLElement
  readonly plot: HTMLElement

  constructor(name: LaneName, subtitle = "") {
    const title = titleOf(name)
    this.canvas = h("canvas", { class: "shardlab-Lane-canvas", role: "img", tabindex: 0 })
    this.readout = h("div", { class: "shardlab-Lane-readout" })
    this.plot = h("div", { class: "shardlab-Lane-plot" }, this.canvas)
    const head = h(
      "div",
      { class: "shardlab-Lane-head" },
      h("h3", {}, title),
      h("span", { class: "shardlab-Lane-subtitle" }, subtitle),
    )
    this.root = h(
      "section",
      { class: "shardlab-Lane", "data-lane": name, "aria-label": title },
      head,
      h("p", { class: "shardlab-Lane-hint" }, `nothing yet: ${laneFills[name]}`),
      this.readout,
      this.plot,
    )
  }

  /** The canvas of this height, with the tint of the cells' bands and the grid drawn. */
  ground(frame: Frame, height: number): Context {
    const ctx = prepare(this.canvas, frame.width, height)
    const { axis, palette } = frame
    ctx.fillStyle = palette.tint
    for (const cell of frame.state.cells) {
      const [from, to] = [
        Math.max(axis.left, axis.x(cell.start)),
        Math.min(axis.right, axis.x(cell.end ?? frame.now)),
      ]
      if (to > from) ctx.fillRect(from, 0, Math.max(1, to - from), height)
    }
    for (const t of axis.ticks()) vline(ctx, axis.x(t), 0, height, palette.grid)
    return ctx
  }

  /** Runs `paint` with drawing confined to the plot, so that a line from the past does not enter the gutter. */
  inside(ctx: Context, frame: Frame, height: number, paint: () => void): void {
    ctx.save()
    ctx.beginPath()
    ctx.rect(frame.axis.left, 0, frame.axis.right - frame.axis.left, height)
    ctx.clip()
    paint()
    ctx.restore()
  }

  show(readings: readonly Reading[]): void {
    const key = JSON.stringify(readings)
    if (this.readout.dataset.key === key) return
    this.readout.dataset.key = key
    this.readout.replaceChildren(
      ...readings.map(({ label, value, mark }) =>
        h(
          "div",
          { class: "shardlab-Reading" },
          h("span", {}, ...(mark ? [markOf(mark)] : []), label),
          h("b", {}, value),
        ),
      ),
    )
  }

  describe(sentence: string, hasData: boolean): void {
    setAttribute(this.canvas, "aria-label", sentence)
    setAttribute(this.root, "data-filled", hasData ? "true" : "false")
  }
}

function markOf(mark: NonNullable<Reading["mark"]>): HTMLElement {
  return h("i", {
    class: `shardlab-Mark shardlab-mod-${mark.shape}`,
    "data-colour": mark.colour,
    "aria-hidden": "true",
  })
}
