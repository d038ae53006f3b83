// Spans of time as groups: which unit gives few enough of them, the key to group by, and the moment a group starts.
// Timestamps have no zone, so everything is read and drawn as UTC. Weeks begin on Monday.

import { field, type Json, type Named, type Row } from "./Query.js"

export type TimeUnit = "second" | "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year"

const second = 1_000
const day = 86_400 * second
/** From the finest to the coarsest. */
const lengths: Record<TimeUnit, number> = {
  second,
  minute: 60 * second,
  hour: 3_600 * second,
  day,
  week: 7 * day,
  month: 30.4 * day,
  quarter: 91.3 * day,
  year: 365.25 * day,
}
/** Vega-Lite's names; its weeks begin on Sunday, so ours are told as days. */
const vegaUnits: Record<TimeUnit, string> = {
  second: "utcyearmonthdatehoursminutesseconds",
  minute: "utcyearmonthdatehoursminutes",
  hour: "utcyearmonthdatehours",
  day: "utcyearmonthdate",
  week: "utcyearmonthdate",
  month: "utcyearmonth",
  quarter: "utcyearquarter",
  year: "utcyear",
}

/** The finest unit with at most `most` groups between two moments; years when none is coarse enough. Days have no hours. */
export function timeUnit(from: number, to: number, most: number, days = false): TimeUnit {
  const units = (Object.keys(lengths) as TimeUnit[]).filter(unit => !days || lengths[unit] >= day)
  return units.find(unit => (to - from) / lengths[unit] + 1 <= most) ?? "year"
}

/** The column that tells groups of `unit` apart. */
export function timeKeys(prefix: string, column: string, unit: TimeUnit): Named {
  return { [`${prefix}_start`]: field(column).dateTrunc(unit) }
}

/** When the group of a row starts, in milliseconds; undefined for rows without a time. */
export function timeStart(prefix: string, row: Row): number | undefined {
  const start = row[`${prefix}_start`]
  return typeof start === "number" ? start : undefined
}

/** When a week ends, in milliseconds. */
export function weekEnd(start: number): number {
  return start + lengths.week
}

export function vegaUnit(unit: TimeUnit): string {
  return vegaUnits[unit]
}

export function isoTime(value: Json | undefined): string | null {
  return typeof value === "number" ? new Date(value).toISOString() : null
}
