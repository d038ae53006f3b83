// Round steps for bins and d3 formats for axes and tooltips. Pure.

import type { Json } from "./Query.js"

export interface Bins {
  readonly low: number
  readonly step: number
  readonly count: number
}

/** Bins of a round width (1, 2 or 5 times a power of ten) that hold `low` and `high`, at most `most` of them. */
export function roundBins(low: number, high: number, most: number, whole: boolean): Bins {
  const at = (step: number): Bins => {
    const first = Math.floor(low / step)
    return { low: first * step, step, count: Math.floor(high / step) - first + 1 }
  }
  let step = roundUp((high - low) / most || 1)
  if (whole) step = Math.max(1, step)
  let bins = at(step)
  while (bins.count > most) {
    step = roundUp(step * 1.01)
    bins = at(step)
  }
  return bins
}

/** The least of 1, 2, 5, 10, 20, ... (any power of ten) that is not below `value`. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const factor = [1, 2, 5, 10].find(f => f * power >= value * (1 - 1e-9)) ?? 10
  return Number((factor * power).toPrecision(1))
}

/** The edge of a bin without the noise of binary fractions. */
export function edge({ low, step }: Bins, bin: number): number {
  return Number((low + bin * step).toPrecision(12))
}

/** For an axis or a legend: `20k` from ten thousand on; Vega's own below that. */
export function axisFormat(values: readonly Json[]): { readonly labelExpr: string } | undefined {
  return largest(values) >= 10_000 ? { labelExpr: "format(datum.value, '~s')" } : undefined
}

/** True for counts of which a few are far above all others, so that even shades would show only those. */
export function isSkewed(values: readonly Json[]): boolean {
  const sorted = values.filter(value => typeof value === "number").sort((a, b) => a - b)
  const middle = sorted[sorted.length >> 1]
  return middle !== undefined && sorted[0]! > 0 && sorted.at(-1)! > 20 * middle
}

/** Thousands separated; two decimals, or four digits for numbers below one. */
export function tooltipFormat(values: readonly Json[]): { readonly format: string } {
  if (values.every(value => value === null || Number.isInteger(value))) return { format: "," }
  return { format: largest(values) < 1 ? ",.4~r" : ",.2~f" }
}

function largest(values: readonly Json[]): number {
  return values.reduce<number>(
    (most, value) => Math.max(most, typeof value === "number" ? Math.abs(value) : 0),
    0,
  )
}

export function plain(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 6 })
}
