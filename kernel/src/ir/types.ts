// Element types and shapes of the tensors in a program. Not tensors: nothing here holds data.

export type DType = "f32" | "i32" | "i1" | "u8" | "f64" | "i64" | "bf16" | "f16"
export type Shape = readonly number[]

export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

const bytesPerElement: Record<DType, number> = {
  f32: 4,
  i32: 4,
  i1: 1,
  u8: 1,
  f64: 8,
  i64: 8,
  bf16: 2,
  f16: 2,
}

export function elements(shape: Shape): number {
  let count = 1
  for (const size of shape) count *= size
  return count
}

export function byteSize(type: TensorType): number {
  return elements(type.shape) * bytesPerElement[type.dtype]
}

export function isFloat(dtype: DType): boolean {
  return dtype === "f32" || dtype === "f64" || dtype === "bf16" || dtype === "f16"
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** `f32[128,10]`, for keys and messages. */
export function typeName(type: TensorType): string {
  return `${type.dtype}[${type.shape.join(",")}]`
}

/** The NumPy rule: align at the last axis; sizes agree, or one of them is 1. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[axis - rank + a.length] ?? 1
    const y = b[axis - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) throw new RangeError(`shapes [${a}] and [${b}] do not broadcast`)
    return x === 1 ? y : x
  })
}
