// Arrow's bitmaps, one bit a value from the lowest, and the bytes of 0 and 1 that our batches hold.

export function packBits(bytes: Uint8Array, rows: number): Uint8Array {
  const map = new Uint8Array((rows + 7) >> 3)
  for (let row = 0; row < rows; row++) if (bytes[row] === 1) map[row >> 3]! |= 1 << (row & 7)
  return map
}

export function unpackBits(bitmap: Uint8Array, offset: number, rows: number): Uint8Array {
  const bytes = new Uint8Array(rows)
  for (let row = 0, at = offset; row < rows; row++, at++) bytes[row] = (bitmap[at >> 3]! >> (at & 7)) & 1
  return bytes
}
