// Spans of time as groups: which unit gives few enough of them, the keys to group by, and the moment a group starts.
// Timestamps have no zone, so everything is read and drawn as UTC.

import { when } from "../free.js"
import { field, type Json, type Named, type Row } from "./Query.js"

export type TimeUnit = "year" | "quarter" | "month" | "day" | "hour"

const hour = 3_600_000
const lengths: Record<TimeUnit, number> = {
  hour,
  day: 24 * hour,
  month: 30.4 * 24 * hour,
  quarter: 91.3 * 24 * hour,
  year: 365.25 * 24 * hour,
}
/** Vega-Lite's names. */
const vegaUnits: Record<TimeUnit, string> = {
  year: "utcyear",
  quarter: "utcyearquarter",
  month: "utcyearmonth",
  day: "utcyearmonthdate",
  hour: "utcyearmonthdatehours",
}

/** The finest unit with at most `most` groups between two moments; years when none is coarse enough. */
export function timeUnit(from: number, to: number, most: number): TimeUnit {
  const units = Object.keys(lengths) as TimeUnit[]
  return units.find(unit => (to - from) / lengths[unit] + 1 <= most) ?? "year"
}

/** The columns that tell groups of `unit` apart: `x_year`, `x_month`, ... */
export function timeKeys(prefix: string, column: string, unit: TimeUnit): Named {
  const time = field(column)
  const key = (part: string) => `${prefix}_${part}`
  switch (unit) {
    case "hour":
      return { [key("date")]: time.cast("date"), [key("hour")]: time.hour() }
    case "day":
      return { [key("date")]: time.cast("date") }
    case "month":
      return { [key("year")]: time.year(), [key("month")]: time.month() }
    case "quarter": {
      const month = time.month()
      const first = when(month.gte(10), 10).when(month.gte(7), 7).when(month.gte(4), 4).otherwise(1)
      return { [key("year")]: time.year(), [key("month")]: first }
    }
    case "year":
      return { [key("year")]: time.year() }
  }
  unit satisfies never
}

/** When the group of a row starts, in milliseconds; undefined for rows without a time. */
export function timeStart(prefix: string, row: Row): number | undefined {
  const part = (name: string) => row[`${prefix}_${name}`]
  const date = part("date")
  if (typeof date === "number") return date + Number(part("hour") ?? 0) * hour
  const year = part("year")
  return typeof year === "number" ? Date.UTC(year, Number(part("month") ?? 1) - 1) : undefined
}

export function vegaUnit(unit: TimeUnit): string {
  return vegaUnits[unit]
}

export function isoTime(value: Json | undefined): string | null {
  return typeof value === "number" ? new Date(value).toISOString() : null
}
