// `mapRows` and `filterRows` as plan nodes: expressions where the function can be translated, and else a node that runs
// it, which says why.

import { fail } from "../errors.js"
import { Filter } from "./nodes/Filter.js"
import { MapBatches } from "./nodes/MapBatches.js"
import { type NamedExpr, Project } from "./nodes/Project.js"
import type { Plan } from "./nodes/plan.js"
import { type OutputTypes, outputFields, outputType } from "./outputTypes.js"
import { type Translated, translateCondition, translateRow } from "./translate/translate.js"
import { type Field, sameType } from "./types.js"
import { UserFunction } from "./UserFunction.js"

export function filterPlan(plan: Plan, fn: unknown): Plan {
  const user = UserFunction.of(fn, "filterRows")
  const translated = translateCondition(user.live!, plan.schema)
  if ("made" in translated) return new Filter(plan, translated.made, "filterRows")
  return new MapBatches(plan, user, plan.schema.fields, "filter", translated.reason)
}

export function rowsPlan(plan: Plan, fn: unknown, types: OutputTypes | undefined): Plan {
  const user = UserFunction.of(fn, "mapRows")
  const translated = translateRow(user.live!, plan.schema)
  if ("made" in translated) return new Project(plan, cast(plan, translated.made, types), "mapRows")
  return new MapBatches(plan, user, rowFields(plan, translated, types), "row", translated.reason)
}

/** The translated columns in the types that were asked for. */
function cast(plan: Plan, columns: readonly NamedExpr[], types: OutputTypes = {}): readonly NamedExpr[] {
  for (const name of Object.keys(types)) {
    if (columns.some(column => column.name === name)) continue
    const problem = `the function gives no \`${name}\``
    throw fail("FUNCTION_RESULT", { where: "mapRows", problem, fix: "Leave it out of the types." })
  }
  const plain = new Project(plan, columns, "mapRows")
  return columns.map(({ name, expr }) => {
    const asked = types[name] === undefined ? undefined : outputType(name, types[name], "mapRows")
    const same = asked === undefined || sameType(asked, plain.schema.type(name, "mapRows"))
    return same ? { name, expr } : { name, expr: { op: "cast", input: expr, to: asked } }
  })
}

/** Types of what runs in TypeScript: as said, or known from translating the other columns. */
function rowFields(
  plan: Plan,
  { reason, columns }: Extract<Translated<unknown>, { reason: string }>,
  types: OutputTypes | undefined,
): Field[] {
  if (columns === undefined && types !== undefined) return outputFields(types, "mapRows")
  const known = (columns ?? []).filter((column): column is NamedExpr => column.expr !== undefined)
  const schema = known.length > 0 ? new Project(plan, known, "mapRows").schema : undefined
  const fields = (columns ?? []).map(({ name }): Field | string => {
    if (types?.[name] !== undefined) return { name, type: outputType(name, types[name], "mapRows") }
    return schema?.has(name) ? { name, type: schema.type(name, "mapRows") } : name
  })
  const open = fields.filter(field => typeof field === "string")
  if (columns !== undefined && open.length === 0) return fields as Field[]
  const names = open.length > 0 ? open : ["name"]
  throw fail("FUNCTION_SCHEMA", {
    where: "mapRows",
    reason,
    columns: open.length > 0 ? open.map(name => `\`${name}\``).join(", ") : "its columns",
    example: `{ ${names.map(name => `${name}: "float64"`).join(", ")} }`,
  })
}
