// What a row of the kernel tables is. A kernel is a pure function from graph nodes and tfjs attributes to a graph node;
// the few that need a value's elements are in hostKernels.ts instead.

import { reshape } from "../../ir/build.js"
import type { Node } from "../../ir/node.js"

/** The method form makes parameters bivariant, so that each kernel may name exactly the inputs and attributes it has. */
export type Kernel = { run(inputs: object, attrs: object): Node | readonly Node[] }["run"]
export type KernelTable = Readonly<Record<string, Kernel>>

export interface X {
  readonly x: Node
}
export interface AB {
  readonly a: Node
  readonly b: Node
}
export type Pair = number | readonly [number, number]

/** tfjs axis attributes: one or many, negative from the end, all when absent. */
export function axesOf(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, i) => i)
  const list = typeof axis === "number" ? [axis] : axis
  return list.map(a => {
    if (!Number.isInteger(a) || a < -rank || a >= rank)
      throw new RangeError(`axis ${a} is not one of a tensor with ${rank} axes`)
    return a < 0 ? a + rank : a
  })
}

export function scalarShape(x: Node): Node {
  return reshape(x, [])
}
