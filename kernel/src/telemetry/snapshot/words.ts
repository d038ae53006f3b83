// Numbers, times and durations in the words that the snapshot uses. English, kernel's time zone, no locale of the machine,
// so that the same run reads the same everywhere.

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** `0.8 s`, `34 s`, `3 min 34 s`, `1 h 5 min`. */
export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 0.0995) return `${Math.round(ms)} ms`
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return join(Math.floor(whole / 60), "min", whole % 60, "s")
  const minutes = Math.round(whole / 60)
  return join(Math.floor(minutes / 60), "h", minutes % 60, "min")
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

/** `5,406`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",")
}

/** `1 shard`, `5,406 shards`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`
}

/** `512 B`, `3.4 MB`, `38 GB`: powers of 1000, two digits below ten. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"]
  let unit = 0
  let left = value
  while (left >= 999.5 && unit < units.length - 1) {
    left /= 1000
    unit++
  }
  return `${unit > 0 && left < 9.95 ? left.toFixed(1) : Math.round(left)} ${units[unit]}`
}

/** `76 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** Three significant digits, without an exponent where that is readable: `0.21`, `12.3`, `1,430`, `3.2e-7`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size >= 1000) return value < 0 ? `-${count(size)}` : count(size)
  if (size !== 0 && size < 1e-4) return value.toExponential(1)
  return String(Number(value.toPrecision(3)))
}

/** `10:43:06`. */
export function clock(t: number): string {
  const date = new Date(t)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(part => pad(part)).join(":")
}

/** `24 Nov 2026`. */
export function day(t: number): string {
  const date = new Date(t)
  return `${date.getDate()} ${months[date.getMonth()]} ${date.getFullYear()}`
}

function pad(part: number): string {
  return String(part).padStart(2, "0")
}

/** `text`, or as much of it as fits in `length` characters, ending in an ellipsis. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`
}
