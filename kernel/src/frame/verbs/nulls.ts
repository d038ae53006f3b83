// What is done about NULLs and single values: `fillNull`, `dropNull`, `replace`. Each becomes a projection or a filter, so
// every engine has them.

import { didYouMean, fail } from "../../errors.js"
import { nodeOf } from "../Expr.js"
import type { ExprNode, LiteralValue } from "../ExprNode.js"
import { same } from "../namedExprs.js"
import { Filter } from "../nodes/Filter.js"
import { type NamedExpr, Project } from "../nodes/Project.js"
import type { Plan } from "../nodes/plan.js"
import { type DataType, isNumeric } from "../types.js"

/** One value for every column of its kind, or a value a column. */
export function fillNull(plan: Plan, values: LiteralValue | Readonly<Record<string, LiteralValue>>): Plan {
  const perColumn = isPlainObject(values)
  if (perColumn) for (const name of Object.keys(values)) plan.schema.type(name, "fillNull")
  const valueFor = (name: string, type: DataType): LiteralValue | undefined => {
    if (perColumn)
      return Object.hasOwn(values, name) ? (values as Record<string, LiteralValue>)[name] : undefined
    return accepts(type, values as LiteralValue) ? (values as LiteralValue) : undefined
  }
  return each(plan, ({ name, type }) => {
    const value = valueFor(name, type)
    if (value === undefined) return same(name)
    return {
      name,
      expr: { op: "call", name: "coalesce", args: [{ op: "column", name }, fitted(value, type)] },
    }
  })
}

/** Drops rows with a NULL in `any` (default) or `all` of the columns; `atLeast` keeps rows with so many values. */
export function dropNull(
  plan: Plan,
  names: readonly string[],
  { how = "any", atLeast }: { readonly how?: "any" | "all"; readonly atLeast?: number } = {},
): Plan {
  const columns = names.length > 0 ? names : plan.schema.names
  for (const name of columns) plan.schema.type(name, "dropNull")
  const present = columns.map((name): ExprNode => call("isNotNull", { op: "column", name }))
  if (atLeast !== undefined) {
    const counted = present
      .map((when): ExprNode => ({ op: "case", branches: [{ when, value: nodeOf(1) }], otherwise: nodeOf(0) }))
      .reduce((a, b) => call("add", a, b))
    return new Filter(plan, call("gte", counted, nodeOf(atLeast)))
  }
  if (how !== "any" && how !== "all")
    throw fail("BAD_VALUE", {
      where: "dropNull",
      name: "how",
      value: how,
      fix: `Give "any" or "all".${didYouMean(how, ["any", "all"])}`,
    })
  return new Filter(
    plan,
    present.reduce((a, b) => call(how === "any" ? "and" : "or", a, b)),
  )
}

/** Values replaced by others, in the named columns or in all whose kind fits. */
export function replace(
  plan: Plan,
  pairs: ReadonlyMap<LiteralValue, LiteralValue>,
  names: readonly string[],
): Plan {
  for (const name of names) plan.schema.type(name, "replace")
  return each(plan, ({ name, type }) => {
    const fitting = [...pairs].filter(([from]) => from === null || accepts(type, from))
    if ((names.length > 0 && !names.includes(name)) || fitting.length === 0) return same(name)
    const column: ExprNode = { op: "column", name }
    const branches = fitting.map(([from, to]) => ({
      when: from === null ? call("isNull", column) : call("eq", column, nodeOf(from)),
      value: to === null ? ({ ...nodeOf(null), type } as ExprNode) : fitted(to, type),
    }))
    return { name, expr: { op: "case", branches, otherwise: column } }
  })
}

function each(plan: Plan, change: (field: { name: string; type: DataType }) => NamedExpr): Plan {
  return new Project(plan, plan.schema.fields.map(change), "with")
}

function call(
  name: "isNotNull" | "isNull" | "and" | "or" | "add" | "gte" | "eq",
  ...args: ExprNode[]
): ExprNode {
  return { op: "call", name, args }
}

/** The column keeps its type: the value is cast to it. */
function fitted(value: LiteralValue, type: DataType): ExprNode {
  return { op: "cast", input: nodeOf(value), to: type }
}

function accepts(type: DataType, value: LiteralValue): boolean {
  if (typeof value === "number" || typeof value === "bigint") return isNumeric(type)
  if (typeof value === "string") return type.kind === "utf8"
  if (typeof value === "boolean") return type.kind === "boolean"
  if (value instanceof Date) return ["date", "timestamp", "timestamptz"].includes(type.kind)
  return value instanceof Uint8Array && type.kind === "binary"
}

function isPlainObject(value: unknown): value is Readonly<Record<string, LiteralValue>> {
  return (
    typeof value === "object" && value !== null && !(value instanceof Date) && !(value instanceof Uint8Array)
  )
}
