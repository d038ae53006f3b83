// LZ4 frames, decoded: how pyarrow compresses Feather files unless told otherwise, and what Node's zlib lacks. Reads the
// frame format of the LZ4 specification 1.6; checksums are passed over, because Arrow's lengths already tell a cut.

const magic = 0x184d2204
const minMatch = 4

/** The content of one frame, or of several after each other. */
export function decodeLz4(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const out = new Output(frame.byteLength * 4)
  for (let at = 0; at < frame.byteLength; ) at = decodeFrame(frame, view, at, out)
  return out.bytes()
}

function decodeFrame(frame: Uint8Array, view: DataView, start: number, out: Output): number {
  if (view.getUint32(start, true) !== magic) throw new Error("not an LZ4 frame")
  const flags = frame[start + 4]!
  const [blockChecksum, contentSize, contentChecksum, dictionary] = [16, 8, 4, 1].map(
    bit => (flags & bit) !== 0,
  )
  let at = start + 6 + (contentSize ? 8 : 0) + (dictionary ? 4 : 0) + 1
  for (;;) {
    const word = view.getUint32(at, true)
    at += 4
    if (word === 0) break
    const length = word & 0x7fff_ffff
    if (word >>> 31 === 1) out.literals(frame, at, length)
    else decodeBlock(frame, at, at + length, out)
    at += length + (blockChecksum ? 4 : 0)
  }
  return at + (contentChecksum ? 4 : 0)
}

/** Sequences of literals and a copy of what came before. The last one has no copy. */
function decodeBlock(frame: Uint8Array, start: number, end: number, out: Output): void {
  let at = start
  const extended = (nibble: number) => {
    let length = nibble
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; length += byte) byte = frame[at++]!
    return length
  }
  while (at < end) {
    const token = frame[at++]!
    const literals = extended(token >> 4)
    out.literals(frame, at, literals)
    at += literals
    if (at >= end) return
    const distance = frame[at]! | (frame[at + 1]! << 8)
    at += 2
    out.copy(distance, extended(token & 15) + minMatch)
  }
}

class Output {
  #buffer: Uint8Array
  #length = 0

  constructor(capacity: number) {
    this.#buffer = new Uint8Array(capacity)
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  literals(source: Uint8Array, start: number, length: number): void {
    this.#reserve(length)
    this.#buffer.set(source.subarray(start, start + length), this.#length)
    this.#length += length
  }

  /** Byte by byte where the copy overlaps what it makes: a short distance repeats a pattern. */
  copy(distance: number, length: number): void {
    if (distance === 0 || distance > this.#length) throw new Error("damaged LZ4 data")
    this.#reserve(length)
    const from = this.#length - distance
    if (distance >= length) this.#buffer.copyWithin(this.#length, from, from + length)
    else for (let i = 0; i < length; i++) this.#buffer[this.#length + i] = this.#buffer[from + i]!
    this.#length += length
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + length))
    grown.set(this.bytes())
    this.#buffer = grown
  }
}
