// Arithmetic on known whole numbers: what files compute shapes with. Small arrays, no broadcasting but that of one element.

import type { Folding } from "../Operator.js"
import type { Known } from "../Value.js"

export function known(type: Known["type"], shape: readonly number[], data: ArrayLike<number>): Known {
  const elements =
    type === "float32"
      ? Float32Array.from(data)
      : type === "bool"
        ? Uint8Array.from(data)
        : Float64Array.from(data)
  return { kind: "known", type, shape, data: elements }
}

export function mapKnown({ x }: Folding, each: (value: number) => number): Known {
  return known(x.type, x.shape, Float64Array.from(x.data, each))
}

/** Undefined where shapes would have to be broadcast along axes. */
export function combine(call: Folding, each: (a: number, b: number) => number): Known | undefined {
  let result = call.x
  for (let i = 1; i < call.inputs.length; i++) {
    const next = pair(result, call.known(i)!, each)
    if (next === undefined) return undefined
    result = next
  }
  return result
}

function pair(a: Known, b: Known, each: (a: number, b: number) => number): Known | undefined {
  const [one, other] = [a.data.length === 1, b.data.length === 1]
  if (!one && !other && String(a.shape) !== String(b.shape)) return undefined
  const shape =
    a.data.length === b.data.length
      ? a.shape.length >= b.shape.length
        ? a.shape
        : b.shape
      : one
        ? b.shape
        : a.shape
  const longer = one ? b : a
  const data = Float64Array.from(longer.data, (_, i) => each(a.data[one ? 0 : i]!, b.data[other ? 0 : i]!))
  return known(a.type, shape, data)
}
