// Numbers and times as text, the same in every lane. `–` stands for what is not known. Pure.

const group = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 })
const none = "–"

export function count(value: number): string {
  return Number.isFinite(value) ? group.format(value) : none
}

export function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : none
}

/** Three significant digits, without exponents where they can be avoided. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return none
  const size = Math.abs(value)
  if (size >= 1000) return group.format(value)
  if (size >= 100 || value === 0) return value.toFixed(0)
  if (size >= 10) return value.toFixed(1)
  return size >= 0.01 ? value.toFixed(2) : value.toPrecision(2)
}

export function bytes(value: number): string {
  if (!Number.isFinite(value)) return none
  const units = ["B", "KB", "MB", "GB", "TB"]
  let unit = 0
  let size = value
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  return `${size >= 100 || unit === 0 ? size.toFixed(0) : size.toFixed(1)} ${units[unit]}`
}

/** `38 / 80 GB`: a part and its whole in the whole's unit. */
export function bytesOf(part: number, whole: number): string {
  const [value, unit] = bytes(whole).split(" ")
  const scale = whole / Number(value)
  return Number.isFinite(part / scale) ? `${figure(part / scale)} / ${value} ${unit}` : none
}

export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return none
  if (ms < 1) return `${ms.toFixed(2)} ms`
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
  if (ms < 60_000) return `${ms < 10_000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`
  return clockSpan(ms)
}

/** 0:38, 12:05 or 1:02:03. */
export function clockSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const tail = String(s).padStart(2, "0")
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`
}

/** Local time of day, hh:mm:ss. */
export function clock(t: number): string {
  const date = new Date(t)
  return Number.isFinite(t)
    ? [date.getHours(), date.getMinutes(), date.getSeconds()].map(n => String(n).padStart(2, "0")).join(":")
    : none
}

/** 13k, 1.2M: for axis ends, where room is short. */
export function short(value: number): string {
  if (Math.abs(value) >= 1e6) return `${trim(value / 1e6)}M`
  if (Math.abs(value) >= 1e3) return `${trim(value / 1e3)}k`
  return trim(value)
}

function trim(value: number): string {
  return String(Number(value.toPrecision(2)))
}
