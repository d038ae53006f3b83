// Fills the templates of the function catalog with SQL. See `Template` in frame/functions/FunctionRow.ts for the marks.

import { fail } from "../../errors.js"
import type { CallNode, ExprNode } from "../../frame/ExprNode.js"
import { isBareName } from "../../frame/functions/FunctionRow.js"
import { quoteText } from "./quote.js"

export interface Filling {
  readonly node: CallNode
  /** The arguments as SQL. */
  readonly args: readonly string[]
  /** The SQL name of the result's type. */
  readonly type: string
  /** ` OVER (...)` in a window, else empty. */
  readonly over: string
}

const marks = /\$type|\$over|\$!(\d)|\$(\d?)\*(?:\{([^}]*)\})?|\$(\d)/g

export function fillTemplate(template: string, { node, args, type, over }: Filling): string {
  if (isBareName(template)) return `${template}(${args.join(", ")})${over}`
  return template.replace(marks, (mark, constant, from, separator, index) => {
    if (mark === "$type") return type
    if (mark === "$over") return over
    if (constant !== undefined) return constantSql(node, Number(constant) - 1)
    if (index !== undefined) return args[Number(index) - 1]!
    return args.slice(from ? Number(from) - 1 : 0).join(separator ?? ", ")
  })
}

/** A constant argument as SQL text, where DuckDB wants to know it before parameters are bound. */
export function constantSql(node: CallNode, index: number): string {
  const value = constantOf(node, index)
  return typeof value === "string" ? quoteText(value) : String(value)
}

export function constantOf(node: CallNode, index: number): string | number | boolean {
  const literal = withoutCast(node.args[index]!)
  if (literal.op === "literal" && literal.value !== null) {
    const numeric = literal.type.kind !== "utf8" && typeof literal.value === "string"
    return numeric ? Number(literal.value) : literal.value
  }
  const problem = `argument ${index + 1} of \`${node.name}\` has to be a constant`
  throw fail("TYPE_MISMATCH", { operation: "duckdb", problem, fix: "Give a plain value." })
}

function withoutCast(node: ExprNode): ExprNode {
  return node.op === "cast" ? withoutCast(node.input) : node
}
