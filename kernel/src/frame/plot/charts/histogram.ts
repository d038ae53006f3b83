// The distribution of one column: rows a bin of a number, a span of time.

import { isNumeric, type NumericType, type SchemaShape, type TemporalType } from "../../types.js"
import { finiteNumber, groupedAxis, rowCount } from "../Axis.js"
import type { ChartKind } from "../ChartKind.js"
import { groupedColour } from "../Colour.js"
import { rowsTooltip } from "../Measure.js"
import { axisFormat, plain } from "../numbers.js"
import { type ChartOptions, checkCount, checkOrdered, type Name, type NameOf } from "../options.js"
import { picked, type Query } from "../Query.js"

export interface HistogramOptions<S extends SchemaShape> extends ChartOptions {
  readonly x: NameOf<S, NumericType | TemporalType>
  /** At most; their width is a round number. Default 40. */
  readonly bins?: number
  /** Stacked parts. */
  readonly color?: Name<S>
}

export const histogram: ChartKind<HistogramOptions<SchemaShape>> = {
  options: ["x", "bins", "color"],
  prepare(query, { x, bins = 40, color }) {
    checkOrdered(query, "x", x)
    checkCount("plot.histogram", "bins", bins, 1_000)
    if (color !== undefined) query.type(color)
    return async () => {
      const axis = await groupedAxis(query, "x", x, { most: bins })
      const colours = await groupedColour(axis.query, color)
      const keys = { ...axis.keys, ...colours.keys }
      const found = await axis.query.groups(keys, { rows: rowCount })
      const values = found.flatMap(row => {
        const place = axis.place(row)
        return place === undefined ? [] : [{ ...place, ...picked(row, ["color", "rows"]) }]
      })
      const counts = axisFormat(values.map(row => row.rows ?? null))
      const encoding = {
        x: axis.channel,
        ...(axis.end && { x2: axis.end }),
        y: { field: "rows", type: "quantitative", title: "rows", ...(counts && { axis: counts }) },
        ...colours.channel,
        tooltip: [...axis.tooltip, ...colours.tooltip, rowsTooltip],
      }
      const notes = [...axis.notes, ...(await leftOut(query, x)), ...colours.notes]
      const mark = { type: "bar", binSpacing: 0.5, ...axis.mark }
      return { values, view: { mark, encoding }, notes }
    }
  },
}

async function leftOut(query: Query, x: string): Promise<string[]> {
  const known = finiteNumber(x, query.type(x))
  const missing = (await query.count()) - (await query.filter(known).count())
  const why = isNumeric(query.type(x)) ? "without a finite value" : "without a value"
  return missing === 0 ? [] : [`${plain(missing)} rows ${why} are left out`]
}
