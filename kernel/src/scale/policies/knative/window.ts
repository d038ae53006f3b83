// Averages over a sliding window of one-second buckets, as Knative's autoscaler keeps them. Plain data in and out.
// Equal to knative.dev/serving v0.51.0 pkg/autoscaler/aggregation on 249 recorded sequences
// (test/vectors/kpa_windows.json.gz). A bucket that was not written counts as 0, except before the first write.

const granularity = 1000

/**
 * `buckets` is a ring indexed by second; `first` and `last` are the starts (ms) of the oldest and newest written. `total`
 * is kept by adding and taking away, as upstream does: summing afresh differs in the last bit, and so when rounded.
 */
export interface Window {
  readonly buckets: readonly number[]
  readonly total: number
  readonly first: number | undefined
  readonly last: number | undefined
}

/** An empty window of `ms` milliseconds. */
export function emptyWindow(ms: number): Window {
  return {
    buckets: Array(Math.max(1, Math.ceil(ms / granularity))).fill(0),
    total: 0,
    first: undefined,
    last: undefined,
  }
}

/** Adds `value` to the bucket of `now`. Values must come in time order. */
export function record(window: Window, now: number, value: number): Window {
  const time = truncate(now)
  const { last } = window
  const size = window.buckets.length
  const index = secondOf(time) % size
  if (last === undefined || time - last >= size * granularity) {
    const buckets: number[] = Array(size).fill(0)
    buckets[index] = value
    return { buckets, total: value, first: time, last: time }
  }
  const buckets = [...window.buckets]
  let { total } = window
  for (let second = secondOf(last) + 1; second <= secondOf(time); second++) {
    total -= buckets[second % size]!
    buckets[second % size] = 0
  }
  buckets[index]! += value
  total += value
  return { buckets, total, first: window.first, last: Math.max(time, last) }
}

/** True when nothing was written within the window before `now`. */
export function isEmpty(window: Window, now: number): boolean {
  return window.last === undefined || truncate(now) - window.last > (window.buckets.length - 1) * granularity
}

/** The plain mean over the buckets that can hold data, rounded to six decimals. */
export function average(window: Window, now: number): number {
  if (isEmpty(window, now)) return 0
  const { buckets, first, last } = window
  const stale = staleBuckets(window, now)
  let { total } = window
  for (let i = 1; i <= stale; i++) total -= buckets[(secondOf(last!) + i) % buckets.length]!
  const written = secondOf(last!) - secondOf(first!) + 1
  return round6(total / Math.min(written, buckets.length - stale))
}

/** The exponentially weighted mean, newest bucket heaviest; 99.99 % of the weight lies within the window. */
export function weightedAverage(window: Window, now: number): number {
  if (isEmpty(window, now)) return 0
  const { buckets, last } = window
  const size = buckets.length
  const weight = Math.max(1 - (1 - 0.9999) ** (1 / size), 0.2)
  const stale = staleBuckets(window, now)
  let multiplier = weight * (1 - weight) ** stale
  let result = 0
  for (let i = 0; i < size - stale; i++) {
    result += buckets[(secondOf(last!) + size - i) % size]! * multiplier
    multiplier *= 1 - weight
  }
  return result
}

/** Seconds since the last write: that many of the oldest buckets have left the window. */
function staleBuckets({ last }: Window, now: number): number {
  return Math.max(0, secondOf(truncate(now)) - secondOf(last!))
}

function truncate(now: number): number {
  return Math.floor(now / granularity) * granularity
}

function secondOf(time: number): number {
  return Math.floor(time / granularity)
}

function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
