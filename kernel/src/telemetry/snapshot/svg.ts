// The few SVG shapes that the snapshot's picture is made of, as strings. Coordinates are rounded to a tenth of a pixel:
// more would only make the text longer.

export type Point = readonly [x: number, y: number]

/** Colours of the panel's light theme; data colours always come with a second cue (dash, shape, position). */
export const colours = {
  text: "#212121",
  muted: "#616161",
  rule: "#E0E0E0",
  grid: "#EBEBEB",
  tint: "#F3F9FD",
  blue: "#0072B2",
  green: "#009E73",
  red: "#D55E00",
  purple: "#A3457A",
} as const

interface TextStyle {
  readonly size?: number
  readonly bold?: boolean
  readonly fill?: string
  readonly anchor?: "start" | "middle" | "end"
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 12, bold = false, fill = colours.text, anchor = "start" } = style
  const weight = bold ? ' font-weight="bold"' : ""
  const place = anchor === "start" ? "" : ` text-anchor="${anchor}"`
  return `<text x="${n(x)}" y="${n(y)}" font-size="${size}" fill="${fill}"${weight}${place}>${xmlText(content)}</text>`
}

export function rect(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${fill}"/>`
}

interface Stroke {
  readonly colour: string
  readonly width?: number
  readonly dash?: string
}

export function line(from: Point, to: Point, stroke: Stroke): string {
  return polyline([from, to], stroke)
}

export function polyline(points: readonly Point[], { colour, width = 1, dash }: Stroke): string {
  const dashes = dash ? ` stroke-dasharray="${dash}"` : ""
  return `<path d="${pathOf(points)}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"${dashes}/>`
}

/** The area between a line and a base height. */
export function area(points: readonly Point[], base: number, fill: string, opacity: number): string {
  if (points.length === 0) return ""
  const closed: Point[] = [[points[0]![0], base], ...points, [points.at(-1)![0], base]]
  return `<path d="${pathOf(closed)}Z" fill="${fill}" fill-opacity="${opacity}"/>`
}

export function cross(x: number, y: number, size: number): string {
  const stroke = { colour: colours.red, width: 2 }
  return (
    line([x - size, y - size], [x + size, y + size], stroke) +
    line([x - size, y + size], [x + size, y - size], stroke)
  )
}

export function ring(x: number, y: number, radius: number, colour: string): string {
  return `<circle cx="${n(x)}" cy="${n(y)}" r="${radius}" fill="#FFFFFF" stroke="${colour}" stroke-width="1.5"/>`
}

/** ▲ up, ▼ down. */
export function triangle(x: number, y: number, up: boolean): string {
  const [tip, base] = up ? [y - 5, y + 4] : [y + 5, y - 4]
  return `<path d="${pathOf([
    [x, tip],
    [x + 5, base],
    [x - 5, base],
  ])}Z" fill="${colours.text}"/>`
}

/** `share` of the way from one colour to the other, both `#RRGGBB`. */
export function mix(from: string, to: string, share: number): string {
  const channel = (at: number) => {
    const [a, b] = [from, to].map(colour => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number]
    return Math.round(a + (b - a) * share)
      .toString(16)
      .padStart(2, "0")
  }
  return `#${channel(1)}${channel(3)}${channel(5)}`
}

/** A line that holds each value until the next one, and the last until `end`. */
export function steps(points: readonly Point[], end: number): Point[] {
  const path: Point[] = []
  for (const [i, [x, y]] of points.entries()) {
    if (i > 0) path.push([x, points[i - 1]![1]])
    path.push([x, y])
  }
  if (points.length > 0) path.push([end, points.at(-1)![1]])
  return path
}

/** At most `limit` points of a line: in each of `limit / 2` columns its lowest and highest, so that peaks stay. */
export function thinLine(points: readonly Point[], limit: number): readonly Point[] {
  if (points.length <= limit) return points
  const columns = Math.floor(limit / 2)
  const kept: Point[] = []
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * points.length) / columns)
    const to = Math.floor(((column + 1) * points.length) / columns)
    let [low, high] = [from, from]
    for (let i = from; i < to; i++) {
      if (points[i]![1] < points[low]![1]) low = i
      if (points[i]![1] > points[high]![1]) high = i
    }
    kept.push(points[Math.min(low, high)]!)
    if (low !== high) kept.push(points[Math.max(low, high)]!)
  }
  return kept
}

function pathOf(points: readonly Point[]): string {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${n(x)} ${n(y)}`).join("")
}

function n(value: number): number {
  return Math.round(value * 10) / 10
}

function xmlText(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}
