// NOT, AND and OR of conditions, without those that are known.

import type { ExprNode } from "../ExprNode.js"
import { and, no, not, or, yes } from "./sql.js"

export function negated(node: ExprNode): ExprNode {
  return node === yes ? no : node === no ? yes : not(node)
}

export function both(a: ExprNode, b: ExprNode): ExprNode {
  return a === yes ? b : b === yes ? a : and(a, b)
}

export function either(a: ExprNode, b: ExprNode): ExprNode {
  return a === no ? b : b === no ? a : or(a, b)
}
