// Values to pixels, and round upper bounds for them. Pure.

/** A linear scale from [low, high] to [bottom, top] pixels; a flat domain maps to the bottom. */
export function linear(low: number, high: number, bottom: number, top: number): (value: number) => number {
  const span = high - low
  return value => (span > 0 ? bottom + ((value - low) / span) * (top - bottom) : bottom)
}

/** The smallest of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten that is at least `value`; 1 for nothing. */
export function niceMax(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const digit = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find(d => d * power >= value * (1 - 1e-9)) ?? 10
  return digit * power
}

/** Whole numbers from 0 to `max`, at most `count` apart evenly; always ends at or above `max`. */
export function wholeTicks(max: number, count = 4): number[] {
  const step = Math.max(1, Math.ceil(max / count))
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, i) => i * step)
}
