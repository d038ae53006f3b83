// Bars: one a value of `x`, as long as its rows or an aggregate of `y`.

import type { SchemaShape } from "../../types.js"
import { type Axis, groupedAxis, label, upright } from "../Axis.js"
import type { ChartKind } from "../ChartKind.js"
import { type Colour, groupedColour } from "../Colour.js"
import { lengthChannel, type Measure, type MeasureName, measure } from "../Measure.js"
import { plain } from "../numbers.js"
import { type ChartOptions, checkNumeric, type Name, type NumericName } from "../options.js"
import { picked, type Query } from "../Query.js"

const mostBars = 50

export interface BarOptions<S extends SchemaShape> extends ChartOptions {
  readonly x: Name<S>
  /** Left out: the number of rows. */
  readonly y?: NumericName<S>
  /** Of the rows that share an `x`; default `mean`. */
  readonly aggregate?: MeasureName
  readonly color?: Name<S>
  /** Of text on `x`: the longest bar first (default), or by its name. Numbers and times stand in their own order. */
  readonly sort?: "value" | "name"
}

export const bar: ChartKind<BarOptions<SchemaShape>> = {
  options: ["x", "y", "aggregate", "color", "sort"],
  prepare(query, { x, y, aggregate, color, sort = "value" }) {
    query.type(x)
    if (y !== undefined) checkNumeric(query, "y", y)
    if (color !== undefined) query.type(color)
    const shown = measure("plot.bar", y, aggregate)
    return async () => {
      const axis = await barAxis(query, x, shown, sort)
      const colours = await groupedColour(axis.query, color)
      return draw(axis, colours, shown)
    }
  },
}

/** For text the bars to show are chosen by what is shown; the rest of the axes choose by themselves. */
async function barAxis(query: Query, x: string, shown: Measure, sort: "value" | "name"): Promise<Axis> {
  if (query.type(x).kind !== "utf8") return groupedAxis(query, "x", x, { most: mostBars, discrete: true })
  const groups = query.group({ x: label(x) }, shown.values)
  const order = sort === "value" ? groups.sort(["value", "desc"], ["x", "asc"]) : groups.sort(["x", "asc"])
  const found = await order.limit(mostBars + 1).rows()
  const names = found.slice(0, mostBars).map(row => String(row.x))
  const cut = found.length > mostBars
  const total = cut ? await groups.count() : names.length
  const which = sort === "value" ? "largest" : "first"
  return {
    kind: "category",
    query: cut ? query.filter(label(x).isIn(...names)) : query,
    keys: { x: label(x) },
    place: row => ({ x: row.x ?? null }),
    channel: { field: "x", type: "nominal", title: x, sort: names, ...upright("x", names) },
    tooltip: [{ field: "x", type: "nominal", title: x }],
    notes: cut ? [`the ${which} ${mostBars} of ${plain(total)} values of ${x}`] : [],
  }
}

async function draw(axis: Axis, colours: Colour, shown: Measure) {
  const keys = { ...axis.keys, ...colours.keys }
  const found = await axis.query.groups(keys, shown.values)
  const values = found.flatMap(row => {
    const place = axis.place(row)
    return place === undefined ? [] : [{ ...place, ...picked(row, ["color", "value", "rows"]) }]
  })
  const described = shown.described(values)
  const channel = lengthChannel(described)
  const coloured = Object.keys(colours.keys).length > 0
  const dodged = coloured && !shown.additive && axis.kind === "category"
  const encoding = {
    x: axis.channel,
    ...(axis.end && { x2: axis.end }),
    ...(dodged && { xOffset: { field: "color", type: "nominal" } }),
    y: coloured && !shown.additive ? { ...channel, stack: null } : channel,
    ...colours.channel,
    tooltip: [...axis.tooltip, ...colours.tooltip, ...described.tooltip],
  }
  const overlaid = coloured && !shown.additive && !dodged
  const mark = { type: "bar", ...axis.mark, ...(overlaid && { opacity: 0.6 }) }
  return { values, view: { mark, encoding }, notes: [...axis.notes, ...colours.notes] }
}
