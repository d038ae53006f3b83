// Cuts a host array into the parts that a sharding gives its devices, and puts such parts together again. Row-major.

import type { DType, HostArray } from "../Device.js"
import { byteSize, hostArray } from "../hostArrays.js"
import type { Sharding } from "../sharding.js"

interface Whole {
  readonly data: HostArray
  readonly dtype: DType
  readonly shape: readonly number[]
}

/** The part of `whole` that lies on `device`. */
export function partOf(whole: Whole, sharding: Sharding, device: number): HostArray {
  if (sharding.isReplicated) return whole.data
  const shape = sharding.partShape(whole.shape)
  const part = hostArray(whole.dtype, byteSize(whole.dtype, shape))
  const at = sharding.partOf(device)
  eachRun(whole.shape, shape, at, (from, to, length) => {
    part.set(whole.data.subarray(from, from + length) as never, to)
  })
  return part
}

/** The whole again, from the part of each device. */
export function joined(
  parts: readonly HostArray[],
  { dtype, shape }: Omit<Whole, "data">,
  sharding: Sharding,
): HostArray {
  const whole = hostArray(dtype, byteSize(dtype, shape))
  const partShape = sharding.partShape(shape)
  for (const [device, part] of parts.entries())
    eachRun(shape, partShape, sharding.partOf(device), (to, from, length) => {
      whole.set(part.subarray(from, from + length) as never, to)
    })
  return whole
}

/** The stretches of memory that whole and part have in common: place in the whole, place in the part, length. */
function eachRun(
  shape: readonly number[],
  part: readonly number[],
  at: readonly number[],
  visit: (whole: number, part: number, length: number) => void,
): void {
  // From this axis on, the part is as wide as the whole, so its elements are one stretch.
  let split = shape.length
  while (split > 0 && shape[split - 1] === part[split - 1]) split--
  const inner = split === 0 ? 1 : part.slice(split - 1).reduce((size, length) => size * length, 1)
  const outer = part.slice(0, Math.max(split - 1, 0))
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, length) => size * length, 1))
  const runs = outer.reduce((count, size) => count * size, 1)
  for (let run = 0; run < runs; run++) {
    let [rest, place] = [run, split === 0 ? 0 : (at[split - 1] ?? 0) * part[split - 1]! * strides[split - 1]!]
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const index = rest % outer[axis]!
      rest = Math.floor(rest / outer[axis]!)
      place += ((at[axis] ?? 0) * part[axis]! + index) * strides[axis]!
    }
    visit(place, run * inner, inner)
  }
}
