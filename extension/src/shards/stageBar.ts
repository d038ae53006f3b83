// One stage of a lane as a bar with its words: name, how much is done, how long it took, what is uneven. Words stand inside
// the bar, beside it, or before it, and those that find no room are left out, the least important first.

import { type Context, cross, fitText, label } from "../charts/canvas.js"
import { bytes, count, duration } from "../charts/format.js"
import type { Frame } from "../charts/Lane.js"
import type { ShardSummary } from "../store/ShardTable.js"
import type { Stage } from "../store/state.js"
import { type Skew, skewOf } from "./skewWords.js"

export const stageHeight = 22
const barHeight = stageHeight - 4
const [gap, iconWidth, edge] = [6, 15, 6]

interface Piece {
  readonly text: string
  readonly bold?: boolean
  readonly icon?: "skew" | "slow" | "spill"
}

export function drawStage(ctx: Context, frame: Frame, stage: Stage, summary: ShardSummary, y: number): void {
  const { axis, palette, now } = frame
  const x1 = Math.max(axis.left - 2, axis.x(stage.start))
  const x2 = Math.max(x1 + 3, Math.min(axis.right, axis.x(stage.end ?? now)))
  const all = Math.max(1, stage.tasks, stage.shards.size)
  const colours = {
    running: palette.running,
    ok: palette.done,
    error: palette.failed,
    cancelled: palette.failed,
  }
  ctx.fillStyle = colours[stage.status]
  ctx.globalAlpha = 0.3
  ctx.fillRect(x1, y, x2 - x1, barHeight)
  ctx.globalAlpha = 1
  ctx.fillRect(x1, y + barHeight - 3, (x2 - x1) * Math.min(1, summary.done / all), 3)
  const end = words(ctx, frame, { x1, x2 }, variantsOf(stage, summary, frame.wide), y)
  if (summary.counts.failed > 0) cross(ctx, Math.min(end + 8, axis.right - 6), y + 8, 4, palette.failed)
}

/** What to say, from everything to the least. */
function variantsOf(stage: Stage, summary: ShardSummary, wide: boolean): Piece[][] {
  const all = Math.max(stage.tasks, stage.shards.size)
  const name = { text: stage.name, bold: true }
  const done = { text: `${count(summary.done)} / ${count(all)}` }
  const took = stage.end === undefined ? [] : [{ text: `· ${duration(stage.end - stage.start)}` }]
  const long = notesOf(summary, skewOf(summary), true)
  const short = notesOf(summary, skewOf(summary), false)
  const narrow = [
    [name, done, ...short],
    [name, ...short],
    [name, ...short.slice(0, 1)],
    [name, ...short.slice(0, 1).map(note => ({ ...note, text: note.text.split(" ")[0]! }))],
  ]
  return wide ? [[name, done, ...took, ...long], [name, done, ...long], ...narrow] : narrow
}

/** What is uneven, or went to disk. */
function notesOf(summary: ShardSummary, skew: Skew | undefined, long: boolean): Piece[] {
  const { counts, skewed, spill } = summary
  const notes: Piece[] = []
  if (skew?.by === "rows")
    notes.push({ icon: "skew", text: `${long ? "skew " : ""}${skew.figure} rows`, bold: true })
  else if (skew !== undefined && skewed + counts.slow > 0)
    notes.push({
      icon: "slow",
      text: `${long ? "slowest " : ""}${skew.figure}${long ? "" : " time"}`,
      bold: true,
    })
  if (spill > 0) notes.push({ icon: "spill", text: `${long ? "spill " : ""}${bytes(spill)}`, bold: true })
  return notes
}

type Span = { readonly x1: number; readonly x2: number }

/** Draws the first variant that has room somewhere, else the last one cut to fit; gives where the words end. */
function words(ctx: Context, frame: Frame, bar: Span, variants: readonly Piece[][], y: number): number {
  for (const pieces of variants) {
    const x = placeFor(widthOf(ctx, frame, pieces), frame, bar)
    if (x !== undefined) return drawPieces(ctx, frame, pieces, x, y)
  }
  const [name, ...rest] = variants.at(-1)!
  const room = Math.max(...roomsOf(frame, bar))
  const left = room - widthOf(ctx, frame, rest) - (rest.length > 0 ? gap : 0)
  const pieces = [{ ...name!, text: fitText(ctx, name!.text, left, fontOf(frame, true)) }, ...rest]
  const x = placeFor(widthOf(ctx, frame, pieces), frame, bar) ?? frame.axis.left + 4
  return drawPieces(ctx, frame, pieces, x, y)
}

/** Inside the bar, behind it, or before it. */
function placeFor(width: number, frame: Frame, bar: Span): number | undefined {
  const [inside, behind, before] = roomsOf(frame, bar)
  if (width <= inside) return bar.x1 + edge
  if (width <= behind) return bar.x2 + edge
  return width <= before ? bar.x1 - edge - width : undefined
}

function roomsOf({ axis }: Frame, { x1, x2 }: Span): [inside: number, behind: number, before: number] {
  return [x2 - x1 - 2 * edge, axis.right - x2 - edge - 2, x1 - axis.left - edge - 4]
}

function widthOf(ctx: Context, frame: Frame, pieces: readonly Piece[]): number {
  const widths = pieces.map(({ text, bold = false, icon }) => {
    ctx.font = fontOf(frame, bold)
    return ctx.measureText(text).width + (icon === undefined ? 0 : iconWidth)
  })
  return widths.reduce((sum, width) => sum + width, gap * Math.max(0, pieces.length - 1))
}

function fontOf({ palette }: Frame, bold: boolean): string {
  return `${bold ? "600 " : ""}11px ${palette.font}`
}

function drawPieces(ctx: Context, frame: Frame, pieces: readonly Piece[], from: number, y: number): number {
  const { palette } = frame
  let x = from
  for (const { text, bold = false, icon } of pieces) {
    if (icon !== undefined) {
      mark(ctx, x, y + 3, icon, frame)
      x += iconWidth
    }
    x += label(ctx, text, x, y + 8, { colour: palette.text, font: palette.font, size: 11, bold }) + gap
  }
  return x
}

/** A triangle for skew; for the others the map's cue of the state; 11 pixels wide. */
function mark(
  ctx: Context,
  x: number,
  y: number,
  icon: NonNullable<Piece["icon"]>,
  { palette }: Frame,
): void {
  if (icon === "skew") {
    ctx.fillStyle = palette.failed
    ctx.beginPath()
    ctx.moveTo(x + 5.5, y)
    ctx.lineTo(x + 11, y + 10.5)
    ctx.lineTo(x, y + 10.5)
    ctx.fill()
    return
  }
  ctx.fillStyle = icon === "slow" ? palette.slow : palette.warning
  ctx.fillRect(x, y, 11, 11)
  ctx.strokeStyle = palette.glyph
  ctx.lineWidth = 1.2
  ctx.strokeRect(x + 0.5, y + 0.5, 10, 10)
  ctx.beginPath()
  ctx.moveTo(x + (icon === "slow" ? 5.5 : 2), y + 9)
  ctx.lineTo(x + (icon === "slow" ? 5.5 : 9), y + 2)
  ctx.stroke()
}
