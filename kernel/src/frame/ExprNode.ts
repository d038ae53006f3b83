// Expressions as data: what a plan node holds and what travels as JSON. Not the fluent surface (Expr.ts) and not SQL.
// `type` is there once a plan node took the expression (typing.ts), so an engine never has to infer it again.

import type { AggregateName, FunctionName, WindowName } from "./functions/catalog.js"
import { type DataType, typeName, typeOf } from "./types.js"

export type ExprNode =
  | ColumnNode
  | Literal
  | CallNode
  | (Resolved & {
      readonly op: "cast"
      readonly input: ExprNode
      readonly to: DataType
      readonly try?: boolean
    })
  | (Resolved & {
      readonly op: "case"
      readonly branches: readonly CaseBranch[]
      readonly otherwise?: ExprNode
    })
  | (Resolved & { readonly op: "fromJson"; readonly input: ExprNode; readonly to: DataType })
  | (Resolved & { readonly op: "alias"; readonly input: ExprNode; readonly name: string })
  | OrderNode
  | WindowNode
  | (Resolved & { readonly op: "field"; readonly input: ExprNode; readonly name: string })
  | (Resolved & {
      readonly op: "struct"
      readonly fields: readonly { readonly name: string; readonly expr: ExprNode }[]
    })
  | LambdaNode
  | (Resolved & { readonly op: "variable"; readonly name: string })

interface Resolved {
  /** Filled by typing.ts. */
  readonly type?: DataType
}

/** `side` is set in the condition of a join only, where both inputs have columns. */
export interface ColumnNode extends Resolved {
  readonly op: "column"
  readonly name: string
  readonly side?: "left" | "right"
}

/** A function of the catalog: row by row (`call`), over a group (`aggregate`) or over a window's order (`ranking`). */
export type CallNode =
  | (Resolved & { readonly op: "call"; readonly name: FunctionName; readonly args: readonly ExprNode[] })
  | (Resolved & {
      readonly op: "aggregate"
      readonly name: AggregateName
      readonly args: readonly ExprNode[]
    })
  | (Resolved & { readonly op: "ranking"; readonly name: WindowName; readonly args: readonly ExprNode[] })

export interface OrderNode extends Resolved {
  readonly op: "order"
  readonly input: ExprNode
  readonly direction: "asc" | "desc"
  /** Default: first when ascending, last when descending. */
  readonly nulls?: "first" | "last"
}

export interface WindowNode extends Resolved {
  readonly op: "window"
  /** An aggregation or a ranking. */
  readonly input: ExprNode
  readonly partitionBy: readonly ExprNode[]
  readonly orderBy: readonly OrderNode[]
  readonly frame?: WindowFrame
}

/** Offsets from the current row, in rows or in the unit of the one order key; null is unbounded. Both ends included. */
export interface WindowFrame {
  readonly unit: "rows" | "range"
  readonly start: number | null
  readonly end: number | null
}

/** A function over the elements of a list or map. Its parameters are `variable` nodes of these names. */
export interface LambdaNode extends Resolved {
  readonly op: "lambda"
  readonly params: readonly string[]
  readonly body: ExprNode
}

export interface CaseBranch {
  readonly when: ExprNode
  readonly value: ExprNode
}

/**
 * A constant. `value` survives JSON: 64-bit integers, decimals, days, microseconds and floats that JSON lacks (NaN,
 * Infinity) are text, bytes are base64. `open` marks a number written in code, which takes the type of what it meets.
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
    return { op: "literal", type: typeOf("timestamp"), value: String(value.getTime() * 1000), open: true }
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
  const type = typeOf("float64")
  return { op: "literal", type, value: Number.isFinite(value) ? value : String(value), open: true }
}

/** The name a column gets when no `alias` is given: the column's own, or the call as text. */
export function exprName(node: ExprNode): string {
  switch (node.op) {
    case "column":
    case "alias":
    case "field":
    case "variable":
      return node.name
    case "literal":
      return String(node.value)
    case "cast":
    case "order":
    case "window":
      return exprName(node.input)
    case "case":
    case "struct":
    case "lambda":
      return node.op
    case "fromJson":
      return `fromJson(${exprName(node.input)})`
    case "call":
    case "aggregate":
    case "ranking":
      return `${node.name}(${node.args.map(exprName).join(", ")})`
  }
  node satisfies never
}

/** True when an aggregation of the frame's rows stands anywhere in the expression; one over a window does not count. */
export function hasAggregate(node: ExprNode): boolean {
  if (node.op === "window") {
    const inner = isCall(node.input) ? node.input.args : [node.input]
    return [...inner, ...node.partitionBy, ...node.orderBy].some(hasAggregate)
  }
  return node.op === "aggregate" || children(node).some(hasAggregate)
}

export function isCall(node: ExprNode): node is CallNode {
  return node.op === "call" || node.op === "aggregate" || node.op === "ranking"
}

export function children(node: ExprNode): readonly ExprNode[] {
  switch (node.op) {
    case "column":
    case "literal":
    case "variable":
      return []
    case "call":
    case "aggregate":
    case "ranking":
      return node.args
    case "case": {
      const branches = node.branches.flatMap(branch => [branch.when, branch.value])
      return node.otherwise ? [...branches, node.otherwise] : branches
    }
    case "struct":
      return node.fields.map(field => field.expr)
    case "window":
      return [node.input, ...node.partitionBy, ...node.orderBy]
    case "lambda":
      return [node.body]
    case "cast":
    case "fromJson":
    case "alias":
    case "order":
    case "field":
      return [node.input]
  }
  node satisfies never
}

/** The same expression with every child replaced. The result is not typed: `type` stays only where nothing changed. */
export function mapChildren(node: ExprNode, change: (child: ExprNode) => ExprNode): ExprNode {
  switch (node.op) {
    case "column":
    case "literal":
    case "variable":
      return node
    case "call":
    case "aggregate":
    case "ranking":
      return { ...node, args: node.args.map(change) } as ExprNode
    case "case": {
      const branches = node.branches.map(({ when, value }) => ({ when: change(when), value: change(value) }))
      return { ...node, branches, ...(node.otherwise ? { otherwise: change(node.otherwise) } : {}) }
    }
    case "struct":
      return { ...node, fields: node.fields.map(({ name, expr }) => ({ name, expr: change(expr) })) }
    case "window":
      return {
        ...node,
        input: change(node.input),
        partitionBy: node.partitionBy.map(change),
        orderBy: node.orderBy.map(order => ({ ...order, input: change(order.input) })),
      }
    case "lambda":
      return { ...node, body: change(node.body) }
    case "cast":
    case "fromJson":
    case "alias":
    case "order":
    case "field":
      return { ...node, input: change(node.input) }
  }
  node satisfies never
}

/** The expression as a reader would write it, for `explain` and messages. */
export function exprText(node: ExprNode): string {
  switch (node.op) {
    case "column":
      return node.side === undefined ? node.name : `${node.side}.${node.name}`
    case "variable":
      return node.name
    case "literal":
      return node.type.kind === "utf8" ? JSON.stringify(node.value) : String(node.value)
    case "alias":
      return `${exprText(node.input)} as ${node.name}`
    case "order":
      return `${exprText(node.input)} ${node.direction}${node.nulls ? ` nulls ${node.nulls}` : ""}`
    case "cast":
      return `${node.try ? "tryCast" : "cast"}(${exprText(node.input)}, ${typeName(node.to)})`
    case "fromJson":
      return `fromJson(${exprText(node.input)}, ${typeName(node.to)})`
    case "case": {
      const branches = node.branches.map(
        ({ when, value }) => `when ${exprText(when)} then ${exprText(value)}`,
      )
      return `case ${branches.join(" ")}${node.otherwise ? ` else ${exprText(node.otherwise)}` : ""}`
    }
    case "field":
      return `${exprText(node.input)}.${node.name}`
    case "struct":
      return `{ ${node.fields.map(({ name, expr }) => `${name}: ${exprText(expr)}`).join(", ")} }`
    case "lambda":
      return `${node.params.length === 1 ? node.params[0] : `(${node.params.join(", ")})`} => ${exprText(node.body)}`
    case "window":
      return `${exprText(node.input)} over (${windowText(node)})`
    case "call":
    case "aggregate":
    case "ranking":
      return `${node.name}(${node.args.map(exprText).join(", ")})`
  }
  node satisfies never
}

function windowText({ partitionBy, orderBy, frame }: WindowNode): string {
  const edge = (offset: number | null) => (offset === null ? "unbounded" : String(offset))
  return [
    partitionBy.length > 0 ? `by ${partitionBy.map(exprText).join(", ")}` : "",
    orderBy.length > 0 ? `order ${orderBy.map(exprText).join(", ")}` : "",
    frame ? `${frame.unit} ${edge(frame.start)} to ${edge(frame.end)}` : "",
  ]
    .filter(part => part !== "")
    .join(" ")
}
