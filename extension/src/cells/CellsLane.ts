// The lane of cell runs: a band for each, labelled In [n] and its first line; striped while it runs; a red edge and a
// cross when it failed. What was pointed at is found by `cellAt`.

import { type Context, cross, hatch, label } from "../charts/canvas.js"
import { clockSpan } from "../charts/format.js"
import { type Frame, type Lane, LaneRow, type Reading } from "../charts/Lane.js"
import type { CellRun, PanelState } from "../store/state.js"

const height = 32

export class CellsLane implements Lane {
  readonly name = "cells"
  readonly #row = new LaneRow("cells")
  readonly root = this.#row.root

  hasData(state: PanelState): boolean {
    return state.cells.length > 0
  }

  draw(frame: Frame): void {
    const ctx = this.#row.ground(frame, height)
    this.#row.inside(ctx, frame, height, () => {
      for (const cell of frame.state.cells) band(ctx, frame, cell)
    })
    this.#row.describe(this.describe(frame), this.hasData(frame.state))
  }

  read(frame: Frame, t: number): readonly Reading[] {
    const cell = cellAt(frame.state, t, frame.now)
    const readings = cell ? [reading(cell, t, frame.now)] : []
    this.#row.show(frame.wide ? readings : [])
    return readings
  }

  describe({ state }: Frame): string {
    const last = state.cells.at(-1)
    return last
      ? `${state.cells.length} cell runs, the last In [${last.n}] ${last.status}`
      : "No cell has run"
  }
}

export function cellAt(state: PanelState, t: number, now: number): CellRun | undefined {
  return state.cells.findLast(cell => cell.start <= t && (cell.end ?? now) >= t)
}

function reading(cell: CellRun, t: number, now: number): Reading {
  const value =
    cell.status === "running" ? `running ${clockSpan(Math.min(t, now) - cell.start)}` : cell.status
  return { label: `In [${cell.status === "running" ? "*" : cell.n}]`, value }
}

function band(ctx: Context, { axis, palette, now }: Frame, cell: CellRun): void {
  const [from, to] = [
    Math.max(axis.left - 4, axis.x(cell.start)),
    Math.min(axis.right, axis.x(cell.end ?? now)),
  ]
  if (to < axis.left || from > axis.right) return
  const width = Math.max(3, to - from)
  const failed = cell.status === "error" || cell.status === "interrupted"
  ctx.fillStyle = palette.band
  ctx.fillRect(from, 4, width, height - 8)
  if (cell.status === "running") hatch(ctx, from, 4, width, height - 8, palette.area, 10)
  ctx.fillStyle = failed ? palette.failed : palette.running
  ctx.fillRect(from, 4, 3, height - 8)
  if (failed && width > 24) cross(ctx, from + width - 10, height / 2, 4, palette.failed)
  ctx.save()
  ctx.beginPath()
  ctx.rect(from, 0, width - (failed ? 18 : 2), height)
  ctx.clip()
  const name = cell.status === "running" ? "In [*]" : `In [${cell.n}]`
  const style = { colour: palette.text, font: palette.font, size: 11 }
  ctx.font = `600 11px ${palette.font}`
  if (ctx.measureText(name).width + 12 < width) {
    const used = label(ctx, name, from + 8, height / 2, { ...style, bold: true })
    if (width - used > 50) label(ctx, cell.head, from + used + 18, height / 2, style)
  }
  ctx.restore()
}
