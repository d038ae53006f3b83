// Weights as they come out of a layer, and put into another order.

export interface Weight {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** The weight with its axes in another order: axis `i` of the result is axis `order[i]` of the weight. */
export function permuted({ shape, data }: Weight, order: readonly number[]): Weight {
  const target = order.map(axis => shape[axis]!)
  const steps = strides(shape)
  const walk = order.map(axis => steps[axis]!)
  const result = new Float32Array(data.length)
  const at = new Array<number>(order.length).fill(0)
  let from = 0
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]!
    for (let axis = order.length - 1; axis >= 0; axis--) {
      from += walk[axis]!
      if (++at[axis]! < target[axis]!) break
      from -= walk[axis]! * target[axis]!
      at[axis] = 0
    }
  }
  return { shape: target, data: result }
}

/** The same numbers under another shape. */
export function reshaped({ data }: Weight, shape: readonly number[]): Weight {
  return { shape, data }
}

/** How far apart neighbours along each axis lie. */
export function strides(shape: readonly number[]): number[] {
  const steps = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--) steps[axis] = steps[axis + 1]! * shape[axis + 1]!
  return steps
}
