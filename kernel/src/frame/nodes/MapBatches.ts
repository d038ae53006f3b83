// Rows through a user's function: a batch of columns at a time, or row by row (what `mapRows` and `filterRows` become when
// they cannot be translated to expressions). Batches have no meaning of their own: how many rows one has is the engine's.

import { type Schema, uniqueSchema } from "../Schema.js"
import { type Field, typeName } from "../types.js"
import type { UserFunction } from "../UserFunction.js"
import { nextPlanId } from "./node.js"
import type { Plan } from "./plan.js"

/** What the function gets and gives: a batch for rows or columns, a row for a row, a row for keep or drop. */
export type MapUnit = "batch" | "row" | "filter"

export const mapVerbs = { batch: "mapBatches", row: "mapRows", filter: "filterRows" } as const

export class MapBatches {
  readonly op = "mapBatches"
  readonly planId = nextPlanId()
  readonly schema: Schema
  constructor(
    readonly input: Plan,
    readonly fn: UserFunction,
    /** The columns that the function gives; the input's for a filter. */
    readonly fields: readonly Field[],
    readonly unit: MapUnit,
    /** Why it runs in TypeScript and was not translated. */
    readonly reason?: string,
  ) {
    this.schema = uniqueSchema(fields, mapVerbs[unit])
  }

  describe(): string {
    const gives = this.fields.map(({ name, type }) => `${name}: ${typeName(type)}`).join(", ")
    const made = this.unit === "filter" ? "" : ` gives ${gives};`
    const why = this.reason === undefined ? "" : ` because ${this.reason}`
    return `${mapVerbs[this.unit]} ${this.fn.name}:${made} runs in TypeScript${why}`
  }
}
