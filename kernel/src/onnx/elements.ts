// Elements of stored tensors (ONNX, safetensors) as numbers: whole ones exact up to 2^53, broken ones as 32-bit floats, which
// is what TensorFlow.js computes with. Bytes are little endian, as both formats have them and every platform we run on.

export type StoredType =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "I64"
  | "I32"
  | "I16"
  | "I8"
  | "U64"
  | "U32"
  | "U16"
  | "U8"
  | "BOOL"
  | "I4"
  | "U4"

/** Floats as Float32Array, booleans as 0 and 1, whole numbers as doubles. */
export type Elements = Float32Array | Float64Array | Uint8Array

export const bytesOf: Readonly<Record<StoredType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
  I4: 0.5,
  U4: 0.5,
}

export function isFloat(type: StoredType): boolean {
  return type.includes("F")
}

export function decodeElements(type: StoredType, bytes: Uint8Array): Elements {
  // A copy of its own: typed arrays want aligned memory, and files are let go.
  const { buffer } = Uint8Array.prototype.slice.call(bytes)
  switch (type) {
    case "F32":
      return new Float32Array(buffer)
    case "F64":
      return Float32Array.from(new Float64Array(buffer))
    case "F16":
      return Float32Array.from(new Uint16Array(buffer), halfToFloat)
    case "BF16":
      return brainToFloat(new Uint16Array(buffer))
    case "I64":
      return Float64Array.from(new BigInt64Array(buffer), Number)
    case "U64":
      return Float64Array.from(new BigUint64Array(buffer), Number)
    case "I32":
      return Float64Array.from(new Int32Array(buffer))
    case "U32":
      return Float64Array.from(new Uint32Array(buffer))
    case "I16":
      return Float64Array.from(new Int16Array(buffer))
    case "U16":
      return Float64Array.from(new Uint16Array(buffer))
    case "I8":
      return Float64Array.from(new Int8Array(buffer))
    case "U8":
      return Float64Array.from(new Uint8Array(buffer))
    case "BOOL":
      return new Uint8Array(buffer)
    case "I4":
      return nibbles(bytes, half => (half > 7 ? half - 16 : half))
    case "U4":
      return nibbles(bytes, half => half)
    default:
      return type satisfies never
  }
}

/** Two a byte, the lower four bits first. */
function nibbles(bytes: Uint8Array, number: (half: number) => number): Float64Array {
  return Float64Array.from({ length: bytes.length * 2 }, (_, i) =>
    number((bytes[i >> 1]! >> (i & 1 ? 4 : 0)) & 15),
  )
}

/** IEEE 754 binary16 by its bits. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff]
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The upper half of a 32-bit float. */
export function brainToFloat(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, half => half << 16).buffer)
}
