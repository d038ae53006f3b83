// Decimals are exact text in JavaScript, `-1.50`; engines and Arrow keep the whole number of their last digit. Never
// through a float.

/** `"12.5"` at scale 2 is 1250n. Digits beyond the scale are rounded half away from zero. */
export function unscaled(text: string, scale: number): bigint {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".")
  const digits = BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"))
  const rounded = (fraction[scale] ?? "0") >= "5" ? digits + 1n : digits
  return text.startsWith("-") ? -rounded : rounded
}

/** The digits of a whole number with the point where the scale puts it. */
export function scaled(digits: string, scale: number, negative: boolean): string {
  const sign = negative ? "-" : ""
  if (scale <= 0) return sign + digits
  const padded = digits.padStart(scale + 1, "0")
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}
