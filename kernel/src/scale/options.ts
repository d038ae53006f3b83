// Checks of the options that policies take, each naming the option and the fix. Not a schema library.

import { fail } from "../errors.js"

/** Milliseconds, or text such as "250ms", "30s", "5m", "1h". */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h"}`

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A duration in milliseconds; `least` is the smallest that makes sense. */
export function milliseconds(where: string, name: string, value: Duration, least = 0): number {
  const parts = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(value.trim()) : null
  const ms = parts ? Number(parts[1]) * units[parts[2]!]! : value
  if (typeof ms === "number" && Number.isFinite(ms) && ms >= least) return ms
  throw bad(where, name, value, `Give a duration of at least ${words(least)}: "30s", "5m", or milliseconds.`)
}

/** A finite number above zero. */
export function positive(where: string, name: string, value: number): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value
  throw bad(where, name, value, "Give a number above 0.")
}

/** A finite number of zero or more. */
export function notNegative(where: string, name: string, value: number): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value
  throw bad(where, name, value, "Give a number of 0 or more.")
}

export function bounds(where: string, min: number, max: number): { min: number; max: number } {
  if (!Number.isInteger(min) || min < 1)
    throw bad(where, "min", min, "Give a whole number from 1: without a worker nothing can be measured.")
  if (max !== Number.POSITIVE_INFINITY && !Number.isInteger(max))
    throw bad(where, "max", max, "Give a whole number.")
  if (max < min) throw bad(where, "min", `${min}, above \`max\`, which is ${max}`, "Give min <= max.")
  return { min, max }
}

export function bad(where: string, name: string, value: unknown, fix: string) {
  return fail("BAD_VALUE", { where, name, value: String(value), fix })
}

/** A duration as people write it: `250 ms`, `30 s`, `5 min`. */
export function words(ms: number): string {
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000} min`
  return ms >= 1000 || ms === 0 ? `${ms / 1000} s` : `${ms} ms`
}

/** A figure with at most three digits that matter. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}

/** A figure with its unit, `92 %` or `21`. */
export function amount(value: number, unit: string): string {
  return unit === "" ? figure(value) : `${figure(value)} ${unit}`
}
