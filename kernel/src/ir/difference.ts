// Where one program first differs from another, in words: why it had to be compiled although it looks the same. Compares
// outlines, which hold no nodes and so keep no memory alive.

import { is, type Node } from "./node.js"
import { attrsKey, type Program, reachable } from "./program.js"
import { typeName } from "./types.js"

/** A program as texts. */
export interface Outline {
  readonly parameters: readonly string[]
  readonly operations: readonly Operation[]
  readonly outputs: number
}

interface Operation {
  readonly op: string
  readonly type: string
  /** Of a constant. */
  readonly value: number | undefined
  readonly attrs: string
}

export interface Difference {
  readonly kind: "shape" | "constant" | "setting" | "operation" | "wiring"
  /** `input 3 was f32[8,4] and is f32[9,4].` */
  readonly text: string
  /** How many operations are equal before it. */
  readonly after: number
}

export function outlineOf(program: Program): Outline {
  return {
    parameters: program.parameters.map(({ type }) => typeName(type)),
    operations: reachable(program.outputs)
      .filter(node => node.op !== "parameter")
      .map(operationOf),
    outputs: program.outputs.length,
  }
}

function operationOf(node: Node): Operation {
  const value = is(node, "constant") ? node.attrs.value : undefined
  return { op: node.op, type: typeName(node.type), value, attrs: attrsKey(node) }
}

/** Undefined where outlines agree: then operations read one another in another way. */
export function differenceOf(before: Outline, now: Outline): Difference | undefined {
  for (const [i, type] of now.parameters.entries()) {
    const other = before.parameters[i]
    if (other !== undefined && other !== type)
      return { kind: "shape", text: changed(`input ${i}`, other, type), after: 0 }
  }
  for (let i = 0; i < Math.max(before.operations.length, now.operations.length); i++) {
    const difference = differenceOfOperations(before.operations[i], now.operations[i])
    if (difference !== undefined) return { ...difference, after: i }
  }
  if (before.outputs === now.outputs) return undefined
  const text = changed("the number of results", String(before.outputs), String(now.outputs))
  return { kind: "wiring", text, after: now.operations.length }
}

function differenceOfOperations(
  a: Operation | undefined,
  b: Operation | undefined,
): Omit<Difference, "after"> | undefined {
  if (a === undefined || b === undefined || a.op !== b.op)
    return { kind: "operation", text: changed("an operation", described(a), described(b)) }
  if (a.type !== b.type) return { kind: "shape", text: changed(`the result of ${b.op}`, a.type, b.type) }
  if (!Object.is(a.value, b.value))
    return { kind: "constant", text: changed(`a constant ${b.type}`, String(a.value), String(b.value)) }
  if (a.attrs !== b.attrs)
    return { kind: "setting", text: changed(`a setting of ${b.op}`, short(a.attrs), short(b.attrs)) }
  return undefined
}

const described = (one: Operation | undefined) => (one === undefined ? "nothing" : `${one.op} to ${one.type}`)
const changed = (what: string, from: string, to: string) => `${what} was ${from} and is ${to}.`
const short = (text: string) => (text.length > 80 ? `${text.slice(0, 79)}…` : text)
