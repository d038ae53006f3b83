// Expressions as data: what a plan node holds and what travels as JSON. Not the fluent surface (Expr.ts) and not SQL.

import type { AggregateName, FunctionName } from "./functions.js"
import { type DataType, typeOf } from "./types.js"

export type ExprNode =
  | { readonly op: "column"; readonly name: string }
  | Literal
  | { readonly op: "call"; readonly name: FunctionName; readonly args: readonly ExprNode[] }
  | { readonly op: "aggregate"; readonly name: AggregateName; readonly args: readonly ExprNode[] }
  | { readonly op: "cast"; readonly input: ExprNode; readonly to: DataType }
  | { readonly op: "case"; readonly branches: readonly CaseBranch[]; readonly otherwise?: ExprNode }
  | { readonly op: "alias"; readonly input: ExprNode; readonly name: string }
  | { readonly op: "order"; readonly input: ExprNode; readonly direction: "asc" | "desc" }

export interface CaseBranch {
  readonly when: ExprNode
  readonly value: ExprNode
}

/**
 * A constant. `value` survives JSON: 64-bit integers, days, microseconds and floats that JSON lacks (NaN, Infinity) are
 * text, bytes are base64. `open` marks a whole number written in code, which takes the type of the column it meets.
 */
export interface Literal {
  readonly op: "literal"
  readonly type: DataType
  readonly value: string | number | boolean | null
  readonly open?: boolean
}

/** JavaScript values that can stand where an expression is expected. */
export type LiteralValue = string | number | bigint | boolean | Date | Uint8Array | null

/** Whole numbers become Int32 when they fit and Int64 otherwise; other numbers Float64; `Date` a Timestamp. */
export function literal(value: LiteralValue): Literal {
  if (value === null) return { op: "literal", type: typeOf("int32"), value, open: true }
  if (typeof value === "string") return { op: "literal", type: typeOf("utf8"), value }
  if (typeof value === "boolean") return { op: "literal", type: typeOf("boolean"), value }
  if (typeof value === "bigint")
    return { op: "literal", type: typeOf("int64"), value: String(value), open: true }
  if (value instanceof Date)
    return { op: "literal", type: typeOf("timestamp"), value: String(value.getTime() * 1000) }
  if (value instanceof Uint8Array) {
    return { op: "literal", type: typeOf("binary"), value: Buffer.from(value).toString("base64") }
  }
  return numberLiteral(value)
}

function numberLiteral(value: number): Literal {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    const small = value === (value | 0)
    const type = typeOf(small ? "int32" : "int64")
    return { op: "literal", type, value: small ? value : String(value), open: true }
  }
  return { op: "literal", type: typeOf("float64"), value: Number.isFinite(value) ? value : String(value) }
}

/** The name a column gets when no `alias` is given: the column's own, or the call as text. */
export function exprName(node: ExprNode): string {
  switch (node.op) {
    case "column":
    case "alias":
      return node.name
    case "literal":
      return String(node.value)
    case "cast":
    case "order":
      return exprName(node.input)
    case "case":
      return "case"
    case "call":
    case "aggregate":
      return `${node.name}(${node.args.map(exprName).join(", ")})`
  }
  node satisfies never
}

/** True when an aggregation stands anywhere in the expression. */
export function hasAggregate(node: ExprNode): boolean {
  return node.op === "aggregate" || children(node).some(hasAggregate)
}

export function children(node: ExprNode): readonly ExprNode[] {
  switch (node.op) {
    case "column":
    case "literal":
      return []
    case "call":
    case "aggregate":
      return node.args
    case "case": {
      const branches = node.branches.flatMap(branch => [branch.when, branch.value])
      return node.otherwise ? [...branches, node.otherwise] : branches
    }
    case "cast":
    case "alias":
    case "order":
      return [node.input]
  }
  node satisfies never
}

/** The expression as a reader would write it, for `explain` and messages. */
export function exprText(node: ExprNode): string {
  switch (node.op) {
    case "column":
      return node.name
    case "literal":
      return node.type.kind === "utf8" ? JSON.stringify(node.value) : String(node.value)
    case "alias":
      return `${exprText(node.input)} as ${node.name}`
    case "order":
      return `${exprText(node.input)} ${node.direction}`
    case "cast":
      return `cast(${exprText(node.input)}, ${node.to.kind})`
    case "case": {
      const branches = node.branches.map(
        ({ when, value }) => `when ${exprText(when)} then ${exprText(value)}`,
      )
      return `case ${branches.join(" ")}${node.otherwise ? ` else ${exprText(node.otherwise)}` : ""}`
    }
    case "call":
    case "aggregate":
      return `${node.name}(${node.args.map(exprText).join(", ")})`
  }
  node satisfies never
}
