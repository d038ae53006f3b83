// Memory that native code reads or writes: blocks of 64-bit words at a fixed address. Always an ArrayBuffer of its own,
// because V8 keeps small typed arrays inside its heap and moves them. A block must stay referenced while C may use it.

import type koffi from "koffi"

export type Koffi = typeof koffi

export interface Block {
  readonly words: BigUint64Array
  readonly address: number
}

export function allocate(koffi: Koffi, bytes: number): Block {
  const words = new BigUint64Array(new ArrayBuffer(Math.max(1, Math.ceil(bytes / 8)) * 8))
  return { words, address: addressOf(koffi, words) }
}

/** A copy of `text` in UTF-8, not terminated: PJRT takes lengths. */
export function allocateText(
  koffi: Koffi,
  text: string,
): { readonly bytes: Uint8Array; readonly address: number } {
  const encoded = new TextEncoder().encode(text)
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(8, encoded.length))).subarray(0, encoded.length)
  bytes.set(encoded)
  return { bytes, address: addressOf(koffi, bytes) }
}

export function addressOf(koffi: Koffi, array: ArrayBufferView): number {
  return Number(koffi.address(array))
}

/** Words behind a pointer of C's, copied. */
export function readWords(koffi: Koffi, address: bigint, count: number): BigUint64Array {
  if (count === 0) return new BigUint64Array(0)
  return BigUint64Array.from(koffi.decode(address, "uint64_t", count) as Iterable<number | bigint>, BigInt)
}

export function readText(koffi: Koffi, address: bigint, size: number): string {
  if (size === 0) return ""
  const bytes = koffi.decode(address, "uint8_t", size) as Uint8Array
  return new TextDecoder().decode(Uint8Array.from(bytes))
}

/** Bytes behind a pointer of C's, copied. */
export function readBytes(koffi: Koffi, address: bigint, size: number): Uint8Array {
  return new Uint8Array(koffi.view(address, size)).slice()
}
