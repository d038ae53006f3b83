// A column of text decoded as a whole and cut, which is several times faster than value by value.

import { isAscii, isUtf8 } from "node:buffer"
import type { Data } from "apache-arrow"

/** Longer columns would come near V8's longest string. */
const mostBytes = 2 ** 28

export function texts(data: Data): string[] {
  // A column without rows may come without offsets.
  if (data.length === 0) return []
  const offsets = (data.valueOffsets as Int32Array).subarray(0, data.length + 1)
  const [first, last] = [offsets[0]!, offsets[data.length]!]
  const bytes: Uint8Array = data.values.subarray(first, last)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length <= mostBytes) {
    if (isAscii(bytes))
      return cut(buffer.toString("latin1"), first === 0 ? offsets : offsets.map(at => at - first))
    const places = isUtf8(bytes) ? characterOffsets(bytes, offsets) : undefined
    if (places !== undefined) return cut(buffer.toString("utf8"), places)
  }
  return Array.from({ length: data.length }, (_, row) =>
    buffer.toString("utf8", offsets[row]! - first, offsets[row + 1]! - first),
  )
}

function cut(all: string, places: Int32Array): string[] {
  const found = new Array<string>(places.length - 1)
  for (let row = 0; row < found.length; row++) found[row] = all.slice(places[row], places[row + 1])
  return found
}

/** Offsets in bytes of UTF-8 to those in a JavaScript string; undefined where one lies within a character. */
function characterOffsets(bytes: Uint8Array, offsets: Int32Array): Int32Array | undefined {
  const places = new Int32Array(offsets.length)
  const first = offsets[0]!
  let characters = 0
  for (let row = 1, at = 0; row < offsets.length; row++) {
    for (const end = offsets[row]! - first; at < end; at++) {
      const byte = bytes[at]!
      // Bytes that go on with a character count nothing; one of four bytes is a pair of surrogates.
      if (!goesOn(byte)) characters += byte >= 0xf0 ? 2 : 1
    }
    if (goesOn(bytes[offsets[row]! - first])) return undefined
    places[row] = characters
  }
  return places
}

function goesOn(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
