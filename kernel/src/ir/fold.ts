// Operations on constants, computed here instead of by each run: only those whose result is the same to the bit on every
// device. A constant is one value in every element, so folding never makes a table.

import { constant } from "./build.js"
import { is, type Node } from "./node.js"
import type { Direction, OpName } from "./ops.js"
import type { DType } from "./types.js"

/** The constant that a node on constants stands for; undefined when it is none, or devices may differ. */
export function folded(node: Node): Node | undefined {
  const values = node.inputs.map(constantValue)
  if (values.length === 0 || values.some(value => value === undefined)) return undefined
  const value = computed(node, values as number[])
  return value === undefined || isSubnormal(value, node.type.dtype) ? undefined : constant(value, node.type)
}

/** The value of a constant as its type has it. */
export function constantValue(node: Node): number | undefined {
  if (!is(node, "constant")) return undefined
  const { value, type } = node.attrs
  switch (type.dtype) {
    case "f32":
      return Math.fround(value)
    case "i32":
      return Math.trunc(value)
    case "i1":
      return value === 0 ? 0 : 1
    default:
      return undefined
  }
}

function computed(node: Node, [a, b, c]: number[]): number | undefined {
  const inner = node.inputs[0]!.type.dtype
  if (is(node, "compare")) return Number(compared(node.attrs.direction, a!, b!))
  if (is(node, "select")) return a === 0 ? c : b
  if (is(node, "convert")) return converted(a!, inner, node.type.dtype)
  if (sameEverywhere.has(node.op)) return a
  if (node.op === "pad" || node.op === "concatenate") {
    const rest = node.inputs.slice(1).map(constantValue)
    return rest.every(value => Object.is(value, a)) ? a : undefined
  }
  const row = arithmetic[inner as "f32" | "i32" | "i1"]?.[node.op]
  return row?.(a!, b!)
}

/** They move elements, which are all the same. */
const sameEverywhere: ReadonlySet<OpName> = new Set<OpName>([
  "reshape",
  "broadcast_in_dim",
  "transpose",
  "reverse",
  "slice",
])

type Rows = Readonly<Partial<Record<OpName, (a: number, b: number) => number | undefined>>>

/** IEEE sums, products and quotients of two f32, computed in f64 and rounded once more, are those of f32. */
const arithmetic: Readonly<Record<"f32" | "i32" | "i1", Rows>> = {
  f32: {
    add: (a, b) => Math.fround(a + b),
    subtract: (a, b) => Math.fround(a - b),
    multiply: (a, b) => Math.fround(a * b),
    divide: (a, b) => Math.fround(a / b),
    maximum: (a, b) => (a === 0 && b === 0 ? undefined : Math.max(a, b)),
    minimum: (a, b) => (a === 0 && b === 0 ? undefined : Math.min(a, b)),
    negate: a => -a,
    abs: a => Math.abs(a),
    floor: a => Math.floor(a),
    ceil: a => Math.ceil(a),
    is_finite: a => Number(Number.isFinite(a)),
  },
  i32: {
    add: (a, b) => (a + b) | 0,
    subtract: (a, b) => (a - b) | 0,
    multiply: (a, b) => Math.imul(a, b),
    maximum: Math.max,
    minimum: Math.min,
    and: (a, b) => a & b,
    or: (a, b) => a | b,
    xor: (a, b) => a ^ b,
    not: a => ~a,
    negate: a => (0 - a) | 0,
  },
  i1: {
    and: (a, b) => a & b,
    or: (a, b) => a | b,
    xor: (a, b) => a ^ b,
    not: a => 1 - a,
  },
}

function compared(direction: Direction, a: number, b: number): boolean {
  switch (direction) {
    case "EQ":
      return a === b
    case "NE":
      return a !== b
    case "GE":
      return a >= b
    case "GT":
      return a > b
    case "LE":
      return a <= b
    case "LT":
      return a < b
    default:
      return direction satisfies never
  }
}

function converted(value: number, from: DType, to: DType): number | undefined {
  if (to === "f32") return Math.fround(value)
  if (to !== "i32") return undefined
  // Beyond the integers each device has its own answer.
  return from === "f32" && !(Math.abs(value) < 2 ** 31) ? undefined : Math.trunc(value)
}

/** Some devices take these for zero. */
function isSubnormal(value: number, dtype: DType): boolean {
  return dtype === "f32" && value !== 0 && Math.abs(value) < 2 ** -126
}
