// Shape rules of the operations that move windows or contract axes. Not their lowering: see stablehloOps.ts.

import type { OpAttrs } from "./ops.js"
import { type TensorType, typeName } from "./types.js"

type Types = readonly TensorType[]

/** Result: batch axes, then the free axes of the left, then those of the right operand. */
export function dotGeneralType(
  [a, b]: Types,
  { batch, contract, result }: OpAttrs["dot_general"],
): TensorType {
  const fits = (pairs: readonly [readonly number[], readonly number[]]) =>
    pairs[0].every((axis, i) => a!.shape[axis] === b!.shape[pairs[1][i]!])
  if (a!.dtype !== b!.dtype || !fits(batch) || !fits(contract))
    throw new RangeError(
      `dot of ${typeName(a!)} and ${typeName(b!)} over [${contract[0]}] and [${contract[1]}]`,
    )
  const free = (type: TensorType, side: 0 | 1) =>
    type.shape.filter((_, axis) => !batch[side].includes(axis) && !contract[side].includes(axis))
  return {
    dtype: result ?? a!.dtype,
    shape: [...batch[0].map(axis => a!.shape[axis]!), ...free(a!, 0), ...free(b!, 1)],
  }
}

/** Axis of each role in a layout part: `[b,0,1,f]` gives `{ b: 0, "0": 1, "1": 2, f: 3 }`. */
export function layoutAxes(part: string): Record<string, number> {
  const roles = part.replace(/[[\]\s]/g, "").split(",")
  return Object.fromEntries(roles.map((role, axis) => [role, axis]))
}

export function convolutionType([x, w]: Types, attrs: OpAttrs["convolution"]): TensorType {
  const [lhs, rhs, out] = attrs.layout.split(/x|->/).map(layoutAxes) as [
    Record<string, number>,
    Record<string, number>,
    Record<string, number>,
  ]
  if (x!.shape[lhs.f!]! / attrs.groups !== w!.shape[rhs.i!])
    throw new RangeError(`convolution of ${typeName(x!)} with ${typeName(w!)} as ${attrs.layout}`)
  const shape = new Array<number>(x!.shape.length)
  shape[out.b!] = x!.shape[lhs.b!]! / attrs.batchGroups
  shape[out.f!] = w!.shape[rhs.o!]!
  for (let axis = 0; axis < attrs.strides.length; axis++) {
    const size = (x!.shape[lhs[axis]!]! - 1) * attrs.lhsDilation[axis]! + 1
    const kernel = (w!.shape[rhs[axis]!]! - 1) * attrs.rhsDilation[axis]! + 1
    const [low, high] = attrs.padding[axis]!
    shape[out[axis]!] = Math.floor((size + low + high - kernel) / attrs.strides[axis]!) + 1
  }
  return { dtype: attrs.result ?? x!.dtype, shape }
}

export function reduceWindowType([x]: Types, attrs: OpAttrs["reduce_window"]): TensorType {
  const shape = x!.shape.map((size, axis) => {
    const [low, high] = attrs.padding[axis]!
    return Math.floor((size + low + high - attrs.window[axis]!) / attrs.strides[axis]!) + 1
  })
  return { dtype: x!.dtype, shape }
}

export function selectAndScatterType([x]: Types): TensorType {
  return x!
}

export function gatherType([x, indices]: Types, { axis }: OpAttrs["gather"]): TensorType {
  if (indices!.dtype !== "i32") throw new RangeError(`gather by ${typeName(indices!)}`)
  return {
    dtype: x!.dtype,
    shape: [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)],
  }
}

export function scatterType([base, indices, updates]: Types): TensorType {
  if (indices!.shape.length !== 1 || updates!.shape[0] !== indices!.shape[0])
    throw new RangeError(`scatter of ${typeName(updates!)} by ${typeName(indices!)}`)
  return base!
}
