// One position channel of a grouped chart: which columns the engine groups by, how a group becomes a place on the axis,
// and what Vega-Lite is told of it. Numbers go into bins of a round width, times into spans from seconds to years,
// everything else stays as categories, the most frequent first. Not for charts that draw rows as they are (point).

import { count, when } from "../free.js"
import { type DataType, isInteger, isNumeric, isTemporal } from "../types.js"
import { type Bins, edge, plain, roundBins } from "./numbers.js"
import { field, type Json, type Named, type Query, type Row } from "./Query.js"
import { isoTime, timeKeys, timeStart, timeUnit, vegaUnit, weekEnd } from "./times.js"

export type Channel = Readonly<Record<string, unknown>>

export interface Axis {
  readonly kind: "category" | "number" | "time"
  /** The rows that have a place on this axis. */
  readonly query: Query
  readonly keys: Named
  /** The fields of a group's place: `{ x }`, for bins also `{ x_end }`; undefined for a group without one. */
  place(row: Row): Readonly<Record<string, Json>> | undefined
  readonly channel: Channel
  readonly end?: Channel
  /** What a bar has to be told beside the channels. */
  readonly mark?: Readonly<Record<string, unknown>>
  readonly tooltip: readonly Channel[]
  readonly notes: readonly string[]
  /** Categories, where it has them. */
  readonly categories?: readonly Json[]
}

export interface AxisOptions {
  /** Most bins, spans of time or categories. */
  readonly most: number
  /** Whole numbers that span no more than `most` become categories instead of bins. */
  readonly discrete?: boolean
}

type Place = "x" | "y"

export async function groupedAxis(
  query: Query,
  place: Place,
  name: string,
  options: AxisOptions,
): Promise<Axis> {
  const type = query.type(name)
  if (isTemporal(type)) return timeAxis(query, place, name, options.most)
  if (!isNumeric(type)) return categoryAxis(query, place, name, options.most)
  const finite = query.filter(finiteNumber(name, type))
  if (options.discrete) {
    const axis = await valuesAxis(finite, place, name, options.most)
    if (axis !== undefined) return axis
  }
  return numberAxis(finite, place, name, options.most, isInteger(type))
}

/** NULL, NaN and infinities have no place on an axis. */
export function finiteNumber(name: string, type: DataType) {
  const column = field(name)
  const float = type.kind === "float32" || type.kind === "float64"
  return float ? column.sub(column).eq(0) : column.isNotNull()
}

/** The text of a value, with NULL as a category of its own. */
export function label(name: string) {
  const column = field(name)
  return when(column.isNull(), "null").otherwise(column.cast("utf8"))
}

/** The `most` most frequent values of a column as text, and how many there are in all. */
export async function topValues(
  query: Query,
  name: string,
  most: number,
): Promise<{ readonly values: readonly string[]; readonly total: number }> {
  const groups = query.group({ value: label(name) }, { rows: rowCount })
  const found = await groups
    .sort(["rows", "desc"], ["value", "asc"])
    .limit(most + 1)
    .rows()
  const total = found.length <= most ? found.length : await groups.count()
  return { values: found.slice(0, most).map(row => String(row.value)), total }
}

export const rowCount = count()

async function categoryAxis(query: Query, place: Place, name: string, most: number): Promise<Axis> {
  const { values, total } = await topValues(query, name, most)
  const cut = values.length < total
  return {
    kind: "category",
    query: cut ? query.filter(label(name).isIn(...values)) : query,
    keys: { [place]: label(name) },
    place: row => ({ [place]: row[place] ?? null }),
    channel: { field: place, type: "nominal", title: name, sort: values, ...upright(place, values) },
    tooltip: [{ field: place, type: "nominal", title: name }],
    notes: cut ? [`the ${plain(most)} most frequent of ${plain(total)} values of ${name}`] : [],
    categories: values,
  }
}

/** Labels of `x` stand upright only where they do not fit side by side. */
export function upright(place: Place, labels: readonly string[]): Channel {
  const longest = Math.max(0, ...labels.map(text => text.length))
  const fits = (longest * 7 + 6) * labels.length < 560
  return place === "x" && fits ? { axis: { labelAngle: 0 } } : {}
}

/** Whole numbers as they are, when they lie close together: hours, years. */
async function valuesAxis(query: Query, place: Place, name: string, most: number): Promise<Axis | undefined> {
  const number = field(name).cast("float64")
  const broken = when(number.ne(number.floor()), 1).count()
  const found = await query.group({}, { low: number.min(), high: number.max(), broken }).row()
  const [low, high] = [Number(found.low ?? 0), Number(found.high ?? 0)]
  if (found.broken !== 0 || high - low >= most) return undefined
  const values = Array.from({ length: high - low + 1 }, (_, i) => low + i)
  return {
    kind: "category",
    query,
    keys: { [place]: field(name) },
    place: row => ({ [place]: row[place] ?? null }),
    channel: {
      field: place,
      type: "ordinal",
      title: name,
      scale: { domain: values },
      ...upright(place, values.map(String)),
    },
    tooltip: [{ field: place, type: "ordinal", title: name }],
    notes: [],
    categories: values,
  }
}

async function numberAxis(
  query: Query,
  place: Place,
  name: string,
  most: number,
  whole: boolean,
): Promise<Axis> {
  const number = field(name).cast("float64")
  const ends = {
    low: number.min(),
    high: number.max(),
    from: number.quantile(tail),
    to: number.quantile(1 - tail),
  }
  const found = await query.group({}, ends).row()
  const [low, high, from, to] = [found.low, found.high, found.from, found.to].map(end => Number(end ?? 0))
  const stretched = high! - low! > 3 * (to! - from!) && to! > from!
  if (!stretched) return binnedAxis(query, place, name, roundBins(low!, high!, most, whole))
  const bins = roundBins(from!, to!, most, whole)
  const [start, end] = [edge(bins, 0), edge(bins, bins.count)]
  const inside = number.gte(start).and(number.lt(end))
  const { outside } = await query.group({}, { outside: when(inside.not(), 1).count() }).row()
  const note = `${plain(Number(outside))} rows with ${name} below ${plain(start)} or from ${plain(end)} on are not drawn`
  return { ...binnedAxis(query.filter(inside), place, name, bins), notes: [note] }
}

/** Bins follow the middle 99 % of the rows where a few far ones would leave all others in one bin. */
const tail = 0.005

/** Bins that are known already. */
export function binnedAxis(query: Query, place: Place, name: string, bins: Bins): Axis {
  const bin = field(name).cast("float64").sub(bins.low).div(bins.step).floor()
  const end = `${place}_end`
  return {
    kind: "number",
    query,
    keys: { [`${place}_bin`]: bin },
    place: row => {
      const index = row[`${place}_bin`]
      if (typeof index !== "number") return undefined
      return { [place]: edge(bins, index), [end]: edge(bins, index + 1) }
    },
    channel: { field: place, type: "quantitative", bin: { binned: true }, title: name },
    end: { field: end },
    tooltip: [
      { field: place, type: "quantitative", title: `${name} from` },
      { field: end, type: "quantitative", title: "below" },
    ],
    notes: [],
  }
}

async function timeAxis(query: Query, place: Place, name: string, most: number): Promise<Axis> {
  const known = query.filter(field(name).isNotNull())
  const { low, high } = await known.group({}, { low: field(name).min(), high: field(name).max() }).row()
  const unit = timeUnit(Number(low ?? 0), Number(high ?? 0), most, query.type(name).kind === "date")
  const title = `${name} (${unit})`
  const vega = { field: place, type: "temporal", timeUnit: vegaUnit(unit) }
  const axis = { kind: "time", query: known, keys: timeKeys(place, name, unit), notes: [] } as const
  const tooltip = [{ ...vega, title: name }]
  if (unit === "week") return { ...axis, ...weeks(place, title), tooltip }
  return {
    ...axis,
    place: row => {
      const start = timeStart(place, row)
      return start === undefined ? undefined : { [place]: isoTime(start) }
    },
    channel: { ...vega, title },
    tooltip,
  }
}

/** From Monday to Monday, said in full. */
function weeks(place: Place, title: string): Pick<Axis, "place" | "channel" | "end" | "mark"> {
  const end = `${place}_end`
  return {
    place: row => {
      const start = timeStart(place, row)
      return start === undefined ? undefined : { [place]: isoTime(start), [end]: isoTime(weekEnd(start)) }
    },
    channel: { field: place, type: "temporal", title, scale: { type: "utc" } },
    end: { field: end },
    mark: { orient: "vertical" },
  }
}
