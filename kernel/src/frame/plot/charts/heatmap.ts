// A grid of cells: rows, or an aggregate of `value`, where `x` meets `y`. Numbers and times are binned in the engine.

import type { SchemaShape } from "../../types.js"
import { type Axis, type Channel, groupedAxis } from "../Axis.js"
import type { ChartKind } from "../ChartKind.js"
import { cells } from "../cells.js"
import { type MeasureName, measure, shadeChannel } from "../Measure.js"
import { type ChartOptions, checkCount, checkNumeric, type Name, type NumericName } from "../options.js"

export interface HeatmapOptions<S extends SchemaShape> extends ChartOptions {
  readonly x: Name<S>
  readonly y: Name<S>
  /** Left out: the number of rows. */
  readonly value?: NumericName<S>
  /** Of the rows of a cell; default `mean`. */
  readonly aggregate?: MeasureName
  /** Most bins or categories a side; default 40. */
  readonly bins?: number
}

export const heatmap: ChartKind<HeatmapOptions<SchemaShape>> = {
  options: ["x", "y", "value", "aggregate", "bins"],
  prepare(query, { x, y, value, aggregate, bins = 40 }) {
    for (const name of [x, y]) query.type(name)
    if (value !== undefined) checkNumeric(query, "value", value)
    checkCount("plot.heatmap", "bins", bins, 200)
    const shown = measure("plot.heatmap", value, aggregate)
    return async () => {
      const across = await groupedAxis(query, "x", x, { most: bins, discrete: true })
      const up = await groupedAxis(across.query, "y", y, { most: bins, discrete: true })
      const values = await cells(up.query, across, up, shown)
      const described = shown.described(values)
      const encoding = {
        x: flat(across.channel),
        ...(across.end && { x2: across.end }),
        y: flat(upwards(up)),
        ...(up.end && { y2: up.end }),
        color: shadeChannel(described),
        tooltip: [...across.tooltip, ...up.tooltip, ...described.tooltip],
      }
      const notes = [...across.notes, ...up.notes]
      return {
        values,
        view: { mark: { type: "rect" }, encoding },
        notes,
        height: Math.max(280, 14 * (up.categories?.length ?? 0)),
      }
    }
  },
}

/** Without grid lines, which would lie over the cells. */
function flat(channel: Channel): Channel {
  return { ...channel, axis: { ...(channel.axis as object | undefined), grid: false } }
}

/** Numbers grow from the bottom, as on any axis; names read from the top. */
function upwards({ channel, categories }: Axis): Channel {
  if (channel.type !== "ordinal" || categories === undefined) return channel
  return { ...channel, scale: { domain: [...categories].reverse() } }
}
