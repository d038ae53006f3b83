// Short ways to write expression nodes. Functions are named as in the catalog; one that it lacks is a reason not to
// translate, so that this works with any catalog.

import type { ExprNode } from "../ExprNode.js"
import { functions } from "../functions/catalog.js"
import { type DataType, typeOf } from "../types.js"
import { refuse } from "./refuse.js"

export function call(name: string, ...args: readonly ExprNode[]): ExprNode {
  if (!hasFunction(name)) throw refuse(`there is no function \`${name}\` for columns`)
  return { op: "call", name: name as keyof typeof functions, args }
}

export function hasFunction(name: string): boolean {
  return Object.hasOwn(functions, name)
}

export function cast(input: ExprNode, to: DataType): ExprNode {
  return { op: "cast", input, to }
}

export function when(condition: ExprNode, value: ExprNode, otherwise: ExprNode): ExprNode {
  return { op: "case", branches: [{ when: condition, value }], otherwise }
}

export const isNull = (node: ExprNode): ExprNode => call("isNull", node)
export const isNotNull = (node: ExprNode): ExprNode => call("isNotNull", node)
export const and = (a: ExprNode, b: ExprNode): ExprNode => call("and", a, b)
export const or = (a: ExprNode, b: ExprNode): ExprNode => call("or", a, b)
export const not = (node: ExprNode): ExprNode => call("not", node)

export const yes: ExprNode = { op: "literal", type: typeOf("boolean"), value: true }
export const no: ExprNode = { op: "literal", type: typeOf("boolean"), value: false }
