// Named arrays as a safetensors file and back: 8 bytes of header length, a JSON header, the elements one array after the
// other, little endian (the format's own README at huggingface/safetensors). Arrays of f32, i32 and bool, which is what
// tfjs has. Writes nothing to disk.

import { fail } from "../../errors.js"

export interface NamedArray {
  readonly name: string
  readonly shape: readonly number[]
  /** Float32Array is F32, Int32Array I32, Uint8Array BOOL. */
  readonly values: Float32Array | Int32Array | Uint8Array
}

interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

const dtypeOf = (values: NamedArray["values"]) =>
  values instanceof Float32Array ? "F32" : values instanceof Int32Array ? "I32" : "BOOL"

export function toSafetensors(arrays: readonly NamedArray[]): Uint8Array {
  const header: Record<string, Entry> = {}
  let at = 0
  for (const { name, shape, values } of arrays) {
    if (name in header) throw new TypeError(`two arrays are named ${name}`)
    const end = at + values.byteLength
    header[name] = { dtype: dtypeOf(values), shape: [...shape], data_offsets: [at, end] }
    at = end
  }
  const text = Buffer.from(JSON.stringify(header))
  // Padded so that the elements begin at a multiple of 8 bytes.
  const length = Math.ceil(text.length / 8) * 8
  const file = Buffer.alloc(8 + length + at, " ")
  file.writeBigUInt64LE(BigInt(length))
  text.copy(file, 8)
  for (const { name, values } of arrays) {
    const [start] = header[name]!.data_offsets
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 8 + length + start)
  }
  return file
}

/** A tensor of a file of any writer: its type as the format calls it, its bytes as they lie there. */
export interface SafetensorsEntry {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

/** @throws what `damaged` makes of what is wrong. */
export function safetensorsEntries(
  file: Uint8Array,
  damaged: (problem: string) => Error,
): SafetensorsEntry[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (bytes.length < 8) throw damaged("it is shorter than its header")
  const length = Number(bytes.readBigUInt64LE())
  if (8 + length > bytes.length) throw damaged("it is shorter than its header")
  const header = parse(bytes.toString("utf8", 8, 8 + length))
  if (header === undefined) throw damaged("its header is no JSON")
  const named = Object.entries(header).filter(([name]) => name !== "__metadata__")
  return named.map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [start, end],
      },
    ]) => {
      if (8 + length + end > bytes.length) throw damaged(`\`${name}\` is cut off`)
      return { name, dtype, shape, bytes: bytes.subarray(8 + length + start, 8 + length + end) }
    },
  )
}

/** @throws CHECKPOINT_DAMAGED for what is no such file; `where` names it. */
export function fromSafetensors(file: Uint8Array, where: string): NamedArray[] {
  const damaged = (problem: string) => fail("CHECKPOINT_DAMAGED", { path: where, problem })
  return safetensorsEntries(file, damaged).map(({ name, dtype, shape, bytes }) => {
    const copy = Uint8Array.prototype.slice.call(bytes)
    if (dtype === "F32") return { name, shape, values: new Float32Array(copy.buffer) }
    if (dtype === "I32") return { name, shape, values: new Int32Array(copy.buffer) }
    if (dtype === "BOOL") return { name, shape, values: copy }
    throw damaged(`\`${name}\` is ${dtype}, which is none of F32, I32 and BOOL`)
  })
}

function parse(text: string): Record<string, Entry> | undefined {
  try {
    return JSON.parse(text) as Record<string, Entry>
  } catch {
    return undefined
  }
}
