// Element types on the host's side: the typed array of each DType, its size and its number in PJRT. Holds no data.

import type { DType, HostArray } from "./Device.js"

interface ElementType {
  readonly array: new (buffer: ArrayBuffer) => HostArray
  readonly bytes: number
  /** `PJRT_Buffer_Type`. */
  readonly pjrt: number
}

export const elementTypes: Readonly<Record<DType, ElementType>> = {
  i1: { array: Uint8Array, bytes: 1, pjrt: 1 },
  i32: { array: Int32Array, bytes: 4, pjrt: 4 },
  i64: { array: BigInt64Array, bytes: 8, pjrt: 5 },
  u8: { array: Uint8Array, bytes: 1, pjrt: 6 },
  f16: { array: Uint16Array, bytes: 2, pjrt: 10 },
  f32: { array: Float32Array, bytes: 4, pjrt: 11 },
  f64: { array: Float64Array, bytes: 8, pjrt: 12 },
  bf16: { array: Uint16Array, bytes: 2, pjrt: 13 },
}

const byPjrt = new Map(Object.entries(elementTypes).map(([dtype, type]) => [type.pjrt, dtype as DType]))

export function dtypeOf(pjrt: number): DType | undefined {
  return byPjrt.get(pjrt)
}

export function byteSize(dtype: DType, shape: readonly number[]): number {
  let bytes = elementTypes[dtype].bytes
  for (const size of shape) bytes *= size
  return bytes
}

/** A zeroed array in memory of its own, which native code may fill. */
export function hostArray(dtype: DType, bytes: number): HostArray {
  return new elementTypes[dtype].array(new ArrayBuffer(bytes))
}

/** What is wrong with `data` as a tensor of this type, or undefined. */
export function mismatch(data: HostArray, dtype: DType, shape: readonly number[]): string | undefined {
  const type = elementTypes[dtype]
  if (!(data instanceof type.array))
    return `${dtype} needs a ${type.array.name}, not a ${data.constructor.name}`
  const expected = byteSize(dtype, shape)
  if (data.byteLength === expected) return undefined
  return `${dtype}[${shape.join(",")}] has ${expected} bytes, the array has ${data.byteLength}`
}
