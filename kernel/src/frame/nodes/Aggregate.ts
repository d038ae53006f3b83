// One row a group; without keys one row in all, even of an empty input. `rollup` and `cube` add rows that sum over some
// keys, which are then NULL there.

import { children, type ExprNode, exprText } from "../ExprNode.js"
import { type Schema, uniqueSchema } from "../Schema.js"
import type { Field } from "../types.js"
import { mismatch, typed } from "../typing.js"
import { nextPlanId } from "./node.js"
import type { NamedExpr } from "./Project.js"
import type { Plan } from "./plan.js"

export type Grouping = "groupBy" | "rollup" | "cube"

export class Aggregate {
  readonly op = "aggregate"
  readonly planId = nextPlanId()
  readonly schema: Schema
  readonly values: readonly NamedExpr[]
  constructor(
    readonly input: Plan,
    readonly keys: readonly string[],
    values: readonly NamedExpr[],
    readonly grouping: Grouping = "groupBy",
  ) {
    if (keys.length + values.length === 0)
      throw mismatch("agg", "nothing is asked for", "Give it { n: count() }.")
    const keyFields = keys.map((name): Field => {
      const field = input.schema.field(name, grouping)
      return grouping === "groupBy" ? field : { ...field, nullable: true }
    })
    const results = values.map(({ name, expr }) => {
      const loose = ungrouped(expr, keys)
      if (loose)
        throw mismatch(
          "agg",
          `\`${loose}\` is neither grouped nor aggregated`,
          "Wrap it, as in mean(f.delay).",
        )
      return { name, ...typed(expr, input.schema, "agg") }
    })
    this.values = results.map(({ name, node }) => ({ name, expr: node }))
    this.schema = uniqueSchema([...keyFields, ...results.map(fieldOf)], "agg")
  }

  describe(): string {
    const values = this.values.map(({ name, expr }) => `${name} = ${exprText(expr)}`)
    const verb = this.grouping === "groupBy" ? "aggregate by" : `${this.grouping} of`
    return `${verb} ${this.keys.join(", ") || "nothing"}: ${values.join(", ")}`
  }
}

/** A result as a column. */
export function fieldOf({
  name,
  type,
  nullable,
}: Omit<Field, "nullable"> & { nullable?: boolean | undefined }): Field {
  return nullable === undefined ? { name, type } : { name, type, nullable }
}

/** The first column that stands outside every aggregation and is no key. */
function ungrouped(node: ExprNode, keys: readonly string[]): string | undefined {
  if (node.op === "aggregate") return undefined
  if (node.op === "column") return keys.includes(node.name) ? undefined : node.name
  for (const child of children(node)) {
    const found = ungrouped(child, keys)
    if (found !== undefined) return found
  }
  return undefined
}
