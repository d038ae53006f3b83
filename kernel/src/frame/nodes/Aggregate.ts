// One row a group; without keys one row in all, even of an empty input.

import { children, type ExprNode, exprText } from "../ExprNode.js"
import { type Schema, uniqueSchema } from "../Schema.js"
import { mismatch, typed } from "../typing.js"
import { nextPlanId } from "./node.js"
import type { NamedExpr } from "./Project.js"
import type { Plan } from "./plan.js"

export class Aggregate {
  readonly op = "aggregate"
  readonly planId = nextPlanId()
  readonly schema: Schema
  readonly values: readonly NamedExpr[]
  constructor(
    readonly input: Plan,
    readonly keys: readonly string[],
    values: readonly NamedExpr[],
  ) {
    if (keys.length + values.length === 0)
      throw mismatch("agg", "nothing is asked for", "Give it { n: count() }.")
    const keyFields = keys.map(name => ({ name, type: input.schema.type(name, "groupBy") }))
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
    this.schema = uniqueSchema([...keyFields, ...results.map(({ name, type }) => ({ name, type }))], "agg")
  }

  describe(): string {
    const values = this.values.map(({ name, expr }) => `${name} = ${exprText(expr)}`)
    return `aggregate by ${this.keys.join(", ") || "nothing"}: ${values.join(", ")}`
  }
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
