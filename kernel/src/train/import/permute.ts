// An array with its axes in another order, on the host: weights are turned once, which is not worth a program to compile.

/** `axes[i]` is the axis of the input that becomes axis `i`. */
export function permuted<T extends Float32Array | Float64Array | Uint8Array>(
  data: T,
  shape: readonly number[],
  axes: readonly number[],
): T {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, length) => size * length, 1))
  const lengths = axes.map(axis => shape[axis]!)
  const steps = axes.map(axis => strides[axis]!)
  const result = data.slice() as T
  const at = new Array<number>(axes.length).fill(0)
  let from = 0
  for (let i = 0; i < data.length; i++) {
    result[i] = data[from]!
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      from += steps[axis]!
      if (++at[axis]! < lengths[axis]!) break
      from -= steps[axis]! * lengths[axis]!
      at[axis] = 0
    }
  }
  return result
}
