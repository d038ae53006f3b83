// Points: rows as they are, `x` against `y`. The one chart that draws rows, so of more than 5,000 it draws a sample, the
// same one each time, and says so.

import { isNumeric, isTemporal, type SchemaShape } from "../../types.js"
import { type Channel, label } from "../Axis.js"
import type { ChartKind } from "../ChartKind.js"
import { groupedColour } from "../Colour.js"
import { axisFormat, plain, tooltipFormat } from "../numbers.js"
import type { ChartOptions, Name } from "../options.js"
import { field, type Named, type Query, type Row } from "../Query.js"
import { isoTime } from "../times.js"

export const mostPoints = 5_000

export interface PointOptions<S extends SchemaShape> extends ChartOptions {
  readonly x: Name<S>
  readonly y: Name<S>
  /** A numeric column gives shades, any other at most ten colours. */
  readonly color?: Name<S>
}

export const point: ChartKind<PointOptions<SchemaShape>> = {
  options: ["x", "y", "color"],
  prepare(query, { x, y, color }) {
    for (const name of [x, y, ...(color === undefined ? [] : [color])]) query.type(name)
    return async () => {
      const known = query.filter(field(x).isNotNull().and(field(y).isNotNull()))
      const shades = color !== undefined && isNumeric(query.type(color))
      const colours = await groupedColour(known, shades ? undefined : color)
      const columns: Named = {
        x: raw(query, x),
        y: raw(query, y),
        ...(shades ? { color: field(color) } : colours.keys),
      }
      const { rows, notes } = await sampled(known.select(columns))
      const names = { x, y, ...(shades ? { color } : {}) }
      const values = rows.map(row => timesAsText(query, names, row))
      const channels = Object.fromEntries(
        Object.entries(names).map(([place, name]) => [place, channelOf(query, place, name, values)]),
      )
      const encoding = {
        ...channels,
        ...colours.channel,
        tooltip: [...Object.values(channels).map(tooltipOf(values)), ...colours.tooltip],
      }
      const mark = { type: "point", filled: true, size: 24, opacity: values.length > 500 ? 0.4 : 0.8 }
      return { values, view: { mark, encoding }, notes: [...notes, ...colours.notes] }
    }
  },
}

/** At most `mostPoints` rows, drawn from all of them, and a note when there were more. */
async function sampled(query: Query): Promise<{ rows: readonly Row[]; notes: readonly string[] }> {
  const few = await query.limit(mostPoints + 1).rows()
  if (few.length <= mostPoints) return { rows: few, notes: [] }
  const total = await query.count()
  // Each row is drawn by itself, so their number varies: three deviations below the most, it stays below the most.
  const share = (mostPoints - 3 * Math.sqrt(mostPoints)) / total
  const rows = await query.sample(Math.min(1, share)).limit(mostPoints).rows()
  return { rows, notes: [`a sample of ${plain(rows.length)} of ${plain(total)} points`] }
}

function raw(query: Query, name: string) {
  const type = query.type(name)
  return isNumeric(type) || isTemporal(type) ? field(name) : label(name)
}

function channelOf(query: Query, place: string, title: string, values: readonly Row[]): Channel {
  const type = query.type(title)
  if (isTemporal(type)) return { field: place, type: "temporal", title, scale: { type: "utc" } }
  if (!isNumeric(type)) return { field: place, type: "nominal", title }
  const format = axisFormat(values.map(row => row[place] ?? null))
  const scale = place === "color" ? {} : { scale: { zero: false } }
  return { field: place, type: "quantitative", title, ...scale, ...(format && guide(place, format)) }
}

function guide(place: string, format: object): object {
  return place === "color" ? { legend: format } : { axis: format }
}

const tooltipOf =
  (values: readonly Row[]) =>
  ({ field: place, type, title }: Channel): Channel => {
    if (type === "temporal") return { field: place, type, title, timeUnit: "utcyearmonthdatehoursminutes" }
    const format = tooltipFormat(values.map(row => row[String(place)] ?? null))
    return { field: place, type, title, ...(type === "quantitative" ? format : {}) }
  }

function timesAsText(query: Query, names: Readonly<Record<string, string>>, row: Row): Row {
  const times = Object.entries(names).filter(([, name]) => isTemporal(query.type(name)))
  return { ...row, ...Object.fromEntries(times.map(([place]) => [place, isoTime(row[place])])) }
}
