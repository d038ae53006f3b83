// The colour channel of a grouped chart: at most ten categories, the largest; the rest are computed as one group, because
// more colours than that cannot be told apart.

import { when } from "../free.js"
import { type Channel, label, topValues } from "./Axis.js"
import { plain } from "./numbers.js"
import type { Named, Query } from "./Query.js"
import { categories } from "./theme.js"

const mostColours = 10
const others = "(others)"

export interface Colour {
  readonly keys: Named
  readonly channel: Channel
  readonly tooltip: readonly Channel[]
  readonly notes: readonly string[]
}

const noColour: Colour = { keys: {}, channel: {}, tooltip: [], notes: [] }

export async function groupedColour(query: Query, name: string | undefined): Promise<Colour> {
  if (name === undefined) return noColour
  const { values, total } = await topValues(query, name, mostColours)
  const folded = total > values.length
  const key = folded ? when(label(name).isIn(...values), label(name)).otherwise(others) : label(name)
  const domain = folded ? [...values, others] : values
  const range = domain.map((value, index) => (value === others ? categories.at(-1) : categories[index]))
  return {
    keys: { color: key },
    channel: { color: { field: "color", type: "nominal", title: name, scale: { domain, range } } },
    tooltip: [{ field: "color", type: "nominal", title: name }],
    notes: folded ? [`${others}: the ${plain(total - values.length)} less frequent values of ${name}`] : [],
  }
}
