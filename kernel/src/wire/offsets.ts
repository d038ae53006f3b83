// Cursor positions: Jupyter counts Unicode code points, JavaScript counts UTF-16 units.

/** The UTF-16 offset of code point number `points` in `text`; past the end it is the end. */
export function toUtf16(text: string, points: number): number {
  let offset = 0
  for (let left = points; left > 0 && offset < text.length; left--) {
    offset += text.codePointAt(offset)! > 0xffff ? 2 : 1
  }
  return offset
}

/** The number of code points before the UTF-16 offset `offset`. */
export function toCodePoints(text: string, offset: number): number {
  let points = 0
  for (let at = 0; at < Math.min(offset, text.length); points++) {
    at += text.codePointAt(at)! > 0xffff ? 2 : 1
  }
  return points
}
