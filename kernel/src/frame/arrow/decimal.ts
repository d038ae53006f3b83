// Decimals between Arrow's 128-bit integers, four words from the lowest, and exact text such as `-1.50`.

import type { Data, Decimal } from "apache-arrow"
import { scaled, unscaled } from "../decimalText.js"

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

/** A column of decimals' texts; NULLs are zero there. */
export function packDecimals(texts: readonly unknown[], scale: number): Uint32Array {
  const words = new Uint32Array(texts.length * wordsPerValue)
  texts.forEach((text, row) => {
    if (text !== null && text !== undefined) words.set(decimalWords(String(text), scale), row * wordsPerValue)
  })
  return words
}

/** The words of one decimal at a scale. */
export function decimalWords(text: string, scale: number): Uint32Array {
  const value = BigInt.asUintN(128, unscaled(text, scale))
  return Uint32Array.from({ length: wordsPerValue }, (_, i) =>
    Number((value >> BigInt(32 * i)) & 0xffff_ffffn),
  )
}
