// The verbs that give columns by name or anew: all of them one `Project`, which says by which verb it was made.

import type { CastTarget } from "../Column.js"
import { column } from "../Expr.js"
import { namedExprs, same } from "../namedExprs.js"
import { type NamedExpr, Project } from "../nodes/Project.js"
import type { Plan } from "../nodes/plan.js"
import { type Field, isNumeric, typeOf } from "../types.js"

/** All columns; a new one stands where the old one of its name was, or at the end. */
export function withColumns(plan: Plan, columns: readonly NamedExpr[]): Plan {
  const added = new Map(columns.map(one => [one.name, one]))
  const kept = plan.schema.names.map(name => added.get(name) ?? same(name))
  const fresh = [...added.values()].filter(({ name }) => !plan.schema.has(name))
  return new Project(plan, [...kept, ...fresh], "with")
}

export function drop(plan: Plan, names: readonly string[]): Plan {
  check(plan, names, "drop")
  const kept = plan.schema.names.filter(name => !names.includes(name))
  return new Project(plan, kept.map(same), "drop")
}

export function rename(plan: Plan, names: Readonly<Record<string, string>>): Plan {
  check(plan, Object.keys(names), "rename")
  const map = new Map(Object.entries(names))
  const columns = plan.schema.names.map(name => ({ ...same(name), name: map.get(name) ?? name }))
  return new Project(plan, columns, "rename")
}

export function cast(plan: Plan, types: Readonly<Record<string, CastTarget>>): Plan {
  check(plan, Object.keys(types), "cast")
  const made = Object.entries(types).map(([name, to]) => [name, column({ op: "column", name }).cast(to)])
  return withColumns(plan, namedExprs(Object.fromEntries(made)))
}

/** Columns as Float32; without names the numeric and Boolean ones. */
export function numbers(plan: Plan, names: readonly string[]): Plan {
  const chosen = names.length > 0 ? names : plan.schema.fields.filter(isFeature).map(field => field.name)
  const columns = chosen.map(
    (name): NamedExpr => ({ name, expr: { op: "cast", input: same(name).expr, to: typeOf("float32") } }),
  )
  return new Project(plan, columns, "select")
}

function check(plan: Plan, names: readonly string[], operation: string): void {
  for (const name of names) plan.schema.type(name, operation)
}

function isFeature({ type }: Field): boolean {
  return isNumeric(type) || type.kind === "boolean"
}
