// Lines: `y` (or the number of rows) along time or a number. Where `x` has more than a few hundred values the engine
// averages over spans of time or bins, and the axis names the span.

import type { SchemaShape } from "../../types.js"
import { isInteger, isNumeric, isTemporal, type NumericType, type TemporalType } from "../../types.js"
import { type Channel, finiteNumber, rowCount } from "../Axis.js"
import type { ChartKind } from "../ChartKind.js"
import { groupedColour } from "../Colour.js"
import { lengthChannel, type Measure, type MeasureName, measure } from "../Measure.js"
import { type Bins, edge, plain, roundBins } from "../numbers.js"
import {
  type ChartOptions,
  checkNumeric,
  checkOrdered,
  type Name,
  type NameOf,
  type NumericName,
} from "../options.js"
import { field, type Json, type Named, picked, type Query, type Row } from "../Query.js"
import { isoTime, type TimeUnit, timeKeys, timeStart, timeUnit, vegaUnit } from "../times.js"

const mostPoints = 400

export interface LineOptions<S extends SchemaShape> extends ChartOptions {
  readonly x: NameOf<S, NumericType | TemporalType>
  /** Left out: the number of rows. */
  readonly y?: NumericName<S>
  /** Of the rows that share an `x`; default `mean`. */
  readonly aggregate?: MeasureName
  /** One line a value. */
  readonly color?: Name<S>
}

/** How `x` is grouped along the line. */
interface Steps {
  readonly keys: Named
  at(row: Row): Json
  readonly channel: Channel
  readonly tooltip: Channel
}

export const line: ChartKind<LineOptions<SchemaShape>> = {
  options: ["x", "y", "aggregate", "color"],
  prepare(query, { x, y, aggregate, color }) {
    checkOrdered(query, "x", x)
    if (y !== undefined) checkNumeric(query, "y", y)
    if (color !== undefined) query.type(color)
    const shown = measure("plot.line", y, aggregate)
    return async () => {
      const known = query.filter(finiteNumber(x, query.type(x)))
      return draw(known, await stepsOf(known, x), await groupedColour(known, color), shown)
    }
  },
}

async function stepsOf(query: Query, x: string): Promise<Steps> {
  const type = query.type(x)
  const groups = query.group({ x: field(x) }, { rows: rowCount })
  const few = (await groups.limit(mostPoints + 1).rows()).length <= mostPoints
  if (few) return asItIs(x, isTemporal(type))
  const { low, high } = await groups.group({}, { low: field("x").min(), high: field("x").max() }).row()
  if (isTemporal(type)) return spans(x, timeUnit(Number(low), Number(high), mostPoints, type.kind === "date"))
  const whole = isInteger(type) || !isNumeric(type)
  return bins(x, roundBins(Number(low), Number(high), mostPoints, whole))
}

function asItIs(x: string, time: boolean): Steps {
  const whole = { timeUnit: "utcyearmonthdatehoursminutes" }
  return {
    keys: { x: field(x) },
    at: row => (time ? isoTime(row.x) : (row.x ?? null)),
    channel: time ? timeChannel(x) : { field: "x", type: "quantitative", title: x, scale: { zero: false } },
    tooltip: time
      ? { field: "x", type: "temporal", ...whole, title: x }
      : { field: "x", type: "quantitative", title: x },
  }
}

function spans(x: string, unit: TimeUnit): Steps {
  return {
    keys: timeKeys("x", x, unit),
    at: row => isoTime(timeStart("x", row) ?? null),
    channel: timeChannel(`${x} (${unit})`),
    tooltip: { field: "x", type: "temporal", timeUnit: vegaUnit(unit), title: x },
  }
}

function timeChannel(title: string): Channel {
  return { field: "x", type: "temporal", title, scale: { type: "utc" } }
}

/** A bin is drawn at its middle. */
function bins(x: string, found: Bins): Steps {
  return {
    keys: { x_bin: field(x).cast("float64").sub(found.low).div(found.step).floor() },
    at: row => edge(found, Number(row.x_bin) + 0.5),
    channel: {
      field: "x",
      type: "quantitative",
      title: `${x} (steps of ${plain(found.step)})`,
      scale: { zero: false },
    },
    tooltip: { field: "x", type: "quantitative", title: x },
  }
}

async function draw(
  query: Query,
  steps: Steps,
  colours: Awaited<ReturnType<typeof groupedColour>>,
  shown: Measure,
) {
  const keys = { ...steps.keys, ...colours.keys }
  const found = await query.groups(keys, shown.values)
  const values = found.map(row => ({ x: steps.at(row), ...picked(row, ["color", "value", "rows"]) }))
  const described = shown.described(values)
  const channel = lengthChannel(described)
  const encoding = {
    x: steps.channel,
    y: shown.additive ? channel : { ...channel, scale: { zero: false } },
    ...colours.channel,
    tooltip: [steps.tooltip, ...colours.tooltip, ...described.tooltip],
  }
  const points = values.length <= 60 ? { point: { size: 30 } } : {}
  return { values, view: { mark: { type: "line", ...points }, encoding }, notes: colours.notes }
}
