// Boxes: quartiles of `y` for each value of `x`, whiskers to the last row within 1.5 times their distance, and the extreme
// rows beyond. The rest of the rows outside are counted and not drawn: a column of millions has thousands of them.

import { when } from "../../free.js"
import { Join } from "../../nodes/Join.js"
import type { SchemaShape } from "../../types.js"
import { finiteNumber, label, rowCount, topValues, upright } from "../Axis.js"
import type { ChartKind } from "../ChartKind.js"
import { axisFormat, plain, tooltipFormat } from "../numbers.js"
import { type ChartOptions, checkNumeric, type Name, type NumericName } from "../options.js"
import { field, Query, type Row } from "../Query.js"

const mostBoxes = 30

export interface BoxOptions<S extends SchemaShape> extends ChartOptions {
  readonly y: NumericName<S>
  /** One box a value; left out: one box. */
  readonly x?: Name<S>
}

export const box: ChartKind<BoxOptions<SchemaShape>> = {
  options: ["x", "y"],
  prepare(query, { x, y }) {
    checkNumeric(query, "y", y)
    if (x !== undefined) query.type(x)
    return async () => {
      const known = query.filter(finiteNumber(y, query.type(y)))
      const { values: names, total } =
        x === undefined ? { values: [""], total: 1 } : await topValues(known, x, mostBoxes)
      const cut = x !== undefined && total > names.length
      const kept = cut ? known.filter(label(x).isIn(...names)) : known
      const values = await boxes(kept, x, y)
      const notes = cut ? [`the ${mostBoxes} most frequent of ${plain(total)} values of ${x}`] : []
      const far = hasFarExtremes(values)
      return { values, view: view(values, x, y, names, far), notes: [...notes, ...outsideNote(values, far)] }
    }
  },
}

const quartiles = {
  q1: field("y").quantile(0.25),
  median: field("y").quantile(0.5),
  q3: field("y").quantile(0.75),
  min: field("y").min(),
  max: field("y").max(),
  rows: rowCount,
}

/** Two passes in one plan: quartiles a group, joined back to the rows for the whiskers. */
async function boxes(query: Query, x: string | undefined, y: string): Promise<Row[]> {
  const key = x === undefined ? when(field(y).isNotNull(), "").otherwise("") : label(x)
  const rows = query.select({ x: key, y: field(y).cast("float64") })
  const groups = rows.group({ x: field("x") }, quartiles)
  const joined = new Query(
    new Join(rows.plan, groups.plan, [{ left: "x", right: "x" }], "inner", "_"),
    query.engine,
  )
  const reach = field("q3").sub(field("q1")).mul(1.5)
  const [value, low, high] = [field("y"), field("q1").sub(reach), field("q3").add(reach)]
  const same = (name: string) => field(name).min()
  return joined
    .group(
      { x: field("x") },
      {
        ...Object.fromEntries(Object.keys(quartiles).map(name => [name, same(name)])),
        low: when(value.gte(low), value).min(),
        high: when(value.lte(high), value).max(),
        outside: when(value.lt(low).or(value.gt(high)), 1).count(),
      },
    )
    .sort(["x", "asc"])
    .rows()
}

/** True when drawing the extremes would press the boxes flat. */
function hasFarExtremes(values: readonly Row[]): boolean {
  const spread = (low: string, high: string) =>
    Math.max(...values.map(row => Number(row[high]))) - Math.min(...values.map(row => Number(row[low])))
  return spread("min", "max") > 4 * spread("low", "high")
}

function outsideNote(values: readonly Row[], far: boolean): string[] {
  const outside = values.reduce((sum, row) => sum + Number(row.outside ?? 0), 0)
  if (outside === 0) return []
  const drawn = far ? "they are not drawn" : "only the extremes are drawn"
  return [`${plain(outside)} rows lie beyond the whiskers (1.5 times the box): ${drawn}`]
}

function view(
  values: readonly Row[],
  x: string | undefined,
  y: string,
  names: readonly string[],
  far: boolean,
) {
  const numbers = values.flatMap(row => [row.min ?? null, row.max ?? null])
  const axis = axisFormat(numbers)
  const place = (name: string, title: string | null) => ({
    field: name,
    type: "quantitative",
    ...(title === null ? {} : { title }),
    scale: { zero: false },
    ...(axis && { axis }),
  })
  const fields = { median: "median", q1: "quarter below", q3: "quarter above", low: "whisker from" }
  const tooltip = Object.entries({ ...fields, high: "whisker to", min: "least", max: "greatest" }).map(
    ([name, title]) => ({ field: name, type: "quantitative", title, ...tooltipFormat(numbers) }),
  )
  const counts = ["rows", "outside"].map(name => ({
    field: name,
    type: "quantitative",
    title: name === "rows" ? "rows" : "rows beyond the whiskers",
    format: ",",
  }))
  const category = { field: "x", type: "nominal", title: x, sort: [...names], ...upright("x", names) }
  const encoding = {
    ...(x === undefined ? {} : { x: category }),
    tooltip: [...(x === undefined ? [] : [{ field: "x", type: "nominal", title: x }]), ...tooltip, ...counts],
  }
  const extreme = (name: "min" | "max", beyond: string) => ({
    transform: [{ filter: beyond }],
    mark: { type: "point", size: 18, strokeWidth: 1 },
    encoding: { y: place(name, y) },
  })
  return {
    encoding,
    layer: [
      { mark: { type: "rule" }, encoding: { y: place("low", y), y2: { field: "high" } } },
      {
        mark: { type: "bar", width: { band: 0.6 } },
        encoding: { y: place("q1", y), y2: { field: "q3" } },
      },
      {
        mark: { type: "tick", color: "white", thickness: 2, width: { band: 0.6 } },
        encoding: { y: place("median", y) },
      },
      ...(far ? [] : [extreme("min", "datum.min < datum.low"), extreme("max", "datum.max > datum.high")]),
    ],
  }
}
