// Tensors inside lists and records, taken out and put back: what a step is given and what it returns.

import { loadCore } from "../tf.js"

type Tensor = import("@tensorflow/tfjs").Tensor

/** Tensors in their order, and the value with a mark in the place of each. */
export interface Flattened {
  readonly tensors: readonly Tensor[]
  readonly rest: unknown
}

/** The place of a tensor; the type keeps complex numbers apart from pairs. */
class Mark {
  constructor(
    readonly index: number,
    readonly dtype: string,
  ) {}
}

/** Variables and objects that are no plain records count as what they are: they stay in their place. */
export function flattened(value: unknown): Flattened {
  const { Tensor, Variable } = loadCore()
  const tensors: Tensor[] = []
  const visit = (item: unknown): unknown => {
    if (item instanceof Tensor && !(item instanceof Variable)) {
      tensors.push(item as Tensor)
      return new Mark(tensors.length - 1, item.dtype)
    }
    if (Array.isArray(item)) return item.map(visit)
    if (isRecord(item))
      return Object.fromEntries(Object.entries(item).map(([name, inner]) => [name, visit(inner)]))
    return item
  }
  return { rest: visit(value), tensors }
}

export function rebuilt(rest: unknown, tensors: readonly Tensor[]): unknown {
  if (rest instanceof Mark) return tensors[rest.index]
  if (Array.isArray(rest)) return rest.map(item => rebuilt(item, tensors))
  if (!isRecord(rest)) return rest
  return Object.fromEntries(Object.entries(rest).map(([name, inner]) => [name, rebuilt(inner, tensors)]))
}

/** Equal for values that make the same step: by content for plain values, by identity for all others. */
export function keyOf(rest: unknown): string {
  if (rest instanceof Mark) return `<${rest.dtype}>`
  if (Array.isArray(rest)) return `[${rest.map(keyOf).join()}]`
  if (isRecord(rest))
    return `{${Object.entries(rest).map(([name, inner]) => `${JSON.stringify(name)}:${keyOf(inner)}`)}}`
  if ((typeof rest === "object" && rest !== null) || typeof rest === "function") return `#${numberOf(rest)}`
  return Object.is(rest, -0)
    ? "-0"
    : typeof rest === "string"
      ? JSON.stringify(rest)
      : `${typeof rest} ${String(rest)}`
}

const numbers = new WeakMap<object, number>()
let given = 0

function numberOf(thing: object): number {
  const known = numbers.get(thing) ?? ++given
  numbers.set(thing, known)
  return known
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
