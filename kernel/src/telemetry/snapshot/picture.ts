// The snapshot as a picture: an SVG of 800 px with title, time axis and one lane under another, each with its readout.
// Self-contained text, no fonts or links inside; raster.ts makes the PNG.

import { type Lane, lanesOf, type Plot, type ReadoutRow } from "./lanes.js"
import { subtitleOf, titleOf } from "./sentences.js"
import type { Story } from "./story.js"
import { colours, line, rect, ring, text } from "./svg.js"
import { clock, duration, shorten } from "./words.js"

const width = 800
const [left, right] = [112, 622]
const headHeight = 62
const rowHeight = 17

/** SVG source, 800 px wide, as high as its lanes need. */
export function pictureOf(story: Story): string {
  const { start, end } = story
  const x = (t: number) =>
    left + ((Math.min(end, Math.max(start, t)) - start) / (end - start)) * (right - left)
  const plot: Plot = { left, right, start, end, x }
  const lanes = lanesOf(story)
  const heights = lanes.map(laneHeight)
  const height = headHeight + heights.reduce((sum, lane) => sum + lane, 0) + 1
  let top = headHeight
  const body = lanes.map((lane, i) => {
    const drawn = drawLane(lane, plot, top, heights[i]!)
    top += heights[i]!
    return drawn
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Condensed, DejaVu Sans, sans-serif">`,
    `<defs><pattern id="pending" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="#FFFFFF"/><rect width="1.6" height="5" fill="${colours.blue}"/></pattern></defs>`,
    rect(0, 0, width, height, "#FFFFFF"),
    text(13, 22, shorten(titleOf(story), 100), { size: 14, bold: true }),
    text(13, 40, shorten(subtitleOf(story), 118), { size: 12, fill: colours.muted }),
    rect(left, headHeight, right - left, height - headHeight, colours.tint),
    axis(plot, height),
    ...body,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" fill="none" stroke="${colours.rule}"/>`,
    "</svg>",
  ].join("")
}

/** As high as its drawing or its readout, whichever needs more. */
function laneHeight({ height, readout }: Lane): number {
  return Math.max(height, readout.length * rowHeight + 10)
}

function drawLane(lane: Lane, plot: Plot, top: number, height: number): string {
  return [
    line([0, top + 0.5], [width, top + 0.5], { colour: colours.rule }),
    text(11, top + 17, lane.title, { size: 12, bold: true }),
    lane.note === undefined ? "" : text(11, top + 33, lane.note, { size: 11, fill: colours.muted }),
    lane.draw(plot, top + (height - lane.height) / 2),
    ...lane.readout.map((row, i) => readoutRow(row, top + 18 + i * rowHeight)),
  ].join("")
}

function readoutRow({ label, value, swatch, colour = colours.text }: ReadoutRow, y: number): string {
  const x = right + 10
  const drawn = swatch === undefined ? "" : swatchOf(swatch, colour, x, y - 4)
  return (
    drawn +
    text(swatch === undefined ? x : x + 21, y, label, { size: 11, fill: colours.muted }) +
    text(width - 12, y, value, { size: 11, bold: true, anchor: "end" })
  )
}

function swatchOf(swatch: NonNullable<ReadoutRow["swatch"]>, colour: string, x: number, y: number): string {
  const whole = (dash?: string) => line([x, y], [x + 15, y], { colour, width: 2, dash })
  switch (swatch) {
    case "line":
      return whole()
    case "dash":
      return whole("6 3")
    case "dot":
      return whole("1.5 2.5")
    case "ring":
      return ring(x + 7, y, 2.5, colour)
    case "area":
      return rect(x, y - 4, 15, 9, "#C2E7DC") + line([x, y - 4], [x + 15, y - 4], { colour, width: 1.5 })
    case "hatch":
      return rect(x, y - 4, 15, 9, "url(#pending)")
    default:
      return swatch satisfies never
  }
}

/** Clock times for runs of 20 s and more; below that, seconds since the cell began. */
function axis(plot: Plot, height: number): string {
  const span = plot.end - plot.start
  const wall = span >= 20_000
  const step = tickStep(span)
  const origin = wall ? Math.ceil(plot.start / step) * step : plot.start
  const ticks: string[] = []
  for (let t = origin; t <= plot.end; t += step) {
    const x = plot.x(t)
    const label = wall ? clock(t) : t === plot.start ? "0" : duration(t - plot.start)
    const anchor = x < plot.left + 20 ? "start" : x > plot.right - 20 ? "end" : "middle"
    ticks.push(
      line([x, headHeight], [x, height], { colour: "#DDE7EE" }),
      text(x, headHeight - 6, label, { size: 11, fill: colours.muted, anchor }),
    )
  }
  return ticks.join("")
}

/** The shortest of the usual steps that leaves at most six ticks. */
function tickStep(span: number): number {
  const seconds = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600,
  ]
  const fitting = seconds.find(step => span / (step * 1000) <= 6) ?? 3600 * Math.ceil(span / 3.6e6 / 6)
  return fitting * 1000
}
