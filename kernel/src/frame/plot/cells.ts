// The cells of a grid of two axes, for heat maps and maps.

import type { Axis } from "./Axis.js"
import type { Measure } from "./Measure.js"
import { picked, type Query, type Row } from "./Query.js"

export async function cells(query: Query, across: Axis, up: Axis, shown: Measure): Promise<Row[]> {
  const found = await query.groups({ ...across.keys, ...up.keys }, shown.values)
  return found.flatMap((row): Row[] => {
    const [column, line] = [across.place(row), up.place(row)]
    if (column === undefined || line === undefined) return []
    return [{ ...column, ...line, ...picked(row, ["value", "rows"]) }]
  })
}
