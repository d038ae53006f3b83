// Drawing helpers on 2D canvases that lanes share: a canvas at the screen's resolution, lines and steps from a Series,
// hatching and the glyphs that tell states apart without colour.

import type { Series } from "../store/Series.js"
import type { TimeAxis } from "./TimeAxis.js"

export type Context = CanvasRenderingContext2D

/** A canvas of `width` x `height` CSS pixels, cleared, at the resolution of the screen. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number): Context {
  const ratio = globalThis.devicePixelRatio || 1
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))]
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w
    canvas.height = h
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
  }
  const ctx = canvas.getContext("2d")!
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  ctx.clearRect(0, 0, width, height)
  return ctx
}

export interface LineStyle {
  readonly colour: string
  readonly width?: number
  readonly dash?: readonly number[]
  /** Fills down to this y. */
  readonly fill?: { readonly colour: string; readonly to: number }
  /** A value holds until the next one, instead of a straight line to it. */
  readonly step?: boolean
}

/** Draws points [x, y] in order; a NaN y breaks the line. */
export function drawLine(
  ctx: Context,
  points: readonly (readonly [number, number])[],
  style: LineStyle,
): void {
  for (const part of unbroken(points)) {
    const path = new Path2D()
    let lastY = 0
    part.forEach(([x, y], i) => {
      if (i === 0) path.moveTo(x, y)
      else {
        if (style.step) path.lineTo(x, lastY)
        path.lineTo(x, y)
      }
      lastY = y
    })
    if (style.fill) fillUnder(ctx, path, part, style.fill)
    ctx.strokeStyle = style.colour
    ctx.lineWidth = style.width ?? 1.5
    ctx.lineJoin = "round"
    ctx.setLineDash(style.dash ? [...style.dash] : [])
    ctx.stroke(path)
  }
  ctx.setLineDash([])
}

type Points = (readonly [number, number])[]

function unbroken(points: readonly (readonly [number, number])[]): Points[] {
  const parts: Points[] = [[]]
  for (const point of points) {
    if (Number.isFinite(point[1])) parts.at(-1)!.push(point)
    else if (parts.at(-1)!.length > 0) parts.push([])
  }
  return parts.filter(part => part.length > 0)
}

function fillUnder(ctx: Context, path: Path2D, part: Points, fill: { colour: string; to: number }): void {
  const area = new Path2D(path)
  area.lineTo(part.at(-1)![0], fill.to)
  area.lineTo(part[0]![0], fill.to)
  area.closePath()
  ctx.fillStyle = fill.colour
  ctx.fill(area)
}

/**
 * A column of a series as points for the axis, thinned to two a pixel (lowest and highest), so that a peak stays visible
 * however many samples there are. With `holdTo` the last value is drawn on up to that time; with `restMs` the line is
 * broken where samples pause for longer.
 */
export function pointsOf<N extends string>(
  series: Series<N>,
  name: N,
  axis: TimeAxis,
  y: (value: number) => number,
  { holdTo, restMs = Number.POSITIVE_INFINITY }: { holdTo?: number | undefined; restMs?: number } = {},
): [number, number][] {
  if (series.length === 0) return []
  const [first, last] = series.range(axis.from, axis.to)
  const points: [number, number][] = []
  const thin = last - first > 2 * (axis.right - axis.left)
  for (let i = first; i <= last; i++) {
    if (i > first && isPause(series, i, restMs)) points.push([axis.x(series.t(i)), Number.NaN])
    points.push([axis.x(series.t(i)), y(series.value(name, i))])
  }
  const kept = thin ? extremes(points) : points
  const end = kept.at(-1)
  if (end && holdTo !== undefined && axis.x(holdTo) > end[0]) kept.push([axis.x(holdTo), end[1]])
  return kept
}

/** Whether nothing came for long before row `i`; rows that are apart like their neighbours are those of a thinned session. */
function isPause<N extends string>(series: Series<N>, i: number, restMs: number): boolean {
  const pause = series.t(i) - series.t(i - 1)
  if (pause <= restMs) return false
  const before = series.t(i - 1) - series.t(i - 2)
  return !(pause < 4 * (Number.isNaN(before) ? series.t(i + 1) - series.t(i) : before))
}

function extremes(points: [number, number][]): [number, number][] {
  const kept: [number, number][] = []
  for (let i = 0; i < points.length; ) {
    const pixel = Math.floor(points[i]![0])
    let [low, high] = [points[i]!, points[i]!]
    for (; i < points.length && Math.floor(points[i]![0]) === pixel; i++) {
      if (points[i]![1] < low[1]) low = points[i]!
      if (points[i]![1] > high[1]) high = points[i]!
    }
    if (low === high) kept.push(low)
    else if (low[0] < high[0]) kept.push(low, high)
    else kept.push(high, low)
  }
  return kept
}

export function label(ctx: Context, text: string, x: number, y: number, style: LabelStyle): number {
  ctx.font = `${style.bold ? "600 " : ""}${style.size ?? 11}px ${style.font}`
  ctx.fillStyle = style.colour
  ctx.textAlign = style.align ?? "left"
  ctx.textBaseline = "middle"
  ctx.fillText(text, x, y)
  return ctx.measureText(text).width
}

/** `text`, or as much of its beginning as fits in `width`, ending in an ellipsis. */
export function fitText(ctx: Context, text: string, width: number, font: string): string {
  ctx.font = font
  const fits = (part: string) => ctx.measureText(part).width <= width
  if (fits(text)) return text
  let length = text.length
  while (length > 1 && !fits(`${text.slice(0, length).trimEnd()}…`)) length--
  return `${text.slice(0, length).trimEnd()}…`
}

export interface LabelStyle {
  readonly colour: string
  readonly font: string
  readonly size?: number
  readonly bold?: boolean
  readonly align?: CanvasTextAlign
}

export function hline(
  ctx: Context,
  from: number,
  to: number,
  y: number,
  colour: string,
  dash: number[] = [],
): void {
  line(ctx, from, Math.round(y) + 0.5, to, Math.round(y) + 0.5, colour, dash)
}

export function vline(
  ctx: Context,
  x: number,
  from: number,
  to: number,
  colour: string,
  dash: number[] = [],
): void {
  line(ctx, Math.round(x) + 0.5, from, Math.round(x) + 0.5, to, colour, dash)
}

function line(
  ctx: Context,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  colour: string,
  dash: number[],
): void {
  ctx.strokeStyle = colour
  ctx.lineWidth = 1
  ctx.setLineDash(dash)
  ctx.beginPath()
  ctx.moveTo(x1, y1)
  ctx.lineTo(x2, y2)
  ctx.stroke()
  ctx.setLineDash([])
}

/** Diagonal stripes inside a rectangle. */
export function hatch(
  ctx: Context,
  x: number,
  y: number,
  w: number,
  height: number,
  colour: string,
  gap = 6,
): void {
  if (w <= 0 || height <= 0) return
  ctx.save()
  ctx.beginPath()
  ctx.rect(x, y, w, height)
  ctx.clip()
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.2
  ctx.beginPath()
  for (let offset = -height; offset < w; offset += gap) {
    ctx.moveTo(x + offset, y + height)
    ctx.lineTo(x + offset + height, y)
  }
  ctx.stroke()
  ctx.restore()
}

export function cross(ctx: Context, x: number, y: number, radius: number, colour: string, width = 2): void {
  ctx.strokeStyle = colour
  ctx.lineWidth = width
  ctx.beginPath()
  ctx.moveTo(x - radius, y - radius)
  ctx.lineTo(x + radius, y + radius)
  ctx.moveTo(x + radius, y - radius)
  ctx.lineTo(x - radius, y + radius)
  ctx.stroke()
}
