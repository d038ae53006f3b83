// Decimals between Arrow's 128-bit integers and exact text such as `-1.50`. Never through a float.

import type { Data, Decimal } from "apache-arrow"

const wordsPerValue = 4
const high = 2 ** 32

export function decimalTexts(data: Data): string[] {
  const read = decimalReader(data)
  return Array.from({ length: data.length }, (_, row) => read(row))
}

export function decimalReader(data: Data): (row: number) => string {
  const { scale } = data.type as Decimal
  const words = data.values as Uint32Array
  return row => {
    const at = row * wordsPerValue
    const [w0, w1, w2, w3] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!]
    // Most decimals are small: those need no big integer.
    if (w2 === 0 && w3 === 0 && w1 < 2 ** 21) return scaled(String(w1 * high + w0), scale, false)
    const unsigned = (BigInt(w3) << 96n) | (BigInt(w2) << 64n) | (BigInt(w1) << 32n) | BigInt(w0)
    const negative = w3 >>> 31 === 1
    return scaled(String(negative ? (1n << 128n) - unsigned : unsigned), scale, negative)
  }
}

/** The words of a decimal's text at a scale; digits beyond it must not be there. */
export function decimalWords(text: string, scale: number): Uint32Array {
  const [, sign, whole, fraction = ""] = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text) ?? [text, "", "0", ""]
  const digits = BigInt(whole + fraction.padEnd(scale, "0").slice(0, scale))
  let value = sign === "-" ? (1n << 128n) - digits : digits
  return Uint32Array.from({ length: wordsPerValue }, () => {
    const word = Number(value & 0xffffffffn)
    value >>= 32n
    return word
  })
}

function scaled(digits: string, scale: number, negative: boolean): string {
  const sign = negative ? "-" : ""
  if (scale <= 0) return sign + digits
  const padded = digits.padStart(scale + 1, "0")
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}
