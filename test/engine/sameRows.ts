// Compares rows as a user would: floats to twelve digits, and without their order unless it is asked for.
import { expect } from "vitest"

type Rows = readonly Record<string, unknown>[]

export function sameRows(found: Rows, wanted: Rows, ordered = false): void {
  const [a, b] = [found.map(plain), wanted.map(plain)]
  if (ordered) expect(a).toEqual(b)
  else expect(sorted(a)).toEqual(sorted(b))
}

function sorted(rows: readonly unknown[]): unknown[] {
  return rows
    .map(row => [text(row), row] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row)
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner === "bigint") return `${inner}n`
    return inner instanceof Map ? [...inner] : inner
  })
}

function plain(value: unknown): unknown {
  if (typeof value === "number" && !Number.isInteger(value)) return Number(value.toPrecision(12))
  if (typeof value === "string" && /^\d+\.\d{10,}$/.test(value))
    return String(Number(Number(value).toPrecision(12)))
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Uint8Array) return [...value]
  const object =
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  return object ? Object.fromEntries(Object.entries(value as object).map(([k, v]) => [k, plain(v)])) : value
}
