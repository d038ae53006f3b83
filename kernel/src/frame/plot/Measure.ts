// What a grouped chart shows of each group: its number of rows, or an aggregate of a numeric column. A frame that has one
// row a group already (after `groupBy().agg()`) is drawn as it is, and the title then says only the column's name.

import { didYouMean, fail } from "../../errors.js"
import { type Channel, rowCount } from "./Axis.js"
import { axisFormat, isSkewed, tooltipFormat } from "./numbers.js"
import { field, type Named, type Row } from "./Query.js"

export const measureNames = ["mean", "sum", "median", "min", "max"] as const
export type MeasureName = (typeof measureNames)[number]

export interface Measure {
  /** Columns of a group: `value` and `rows`. */
  readonly values: Named
  /** Parts of a whole: may be stacked. */
  readonly additive: boolean
  /** Words and number formats for the groups that were found. */
  described(groups: readonly Row[]): Described
}
export interface Described {
  readonly title: string
  readonly format: { readonly labelExpr: string } | undefined
  /** For shades: a logarithmic scale, where counts need it. */
  readonly log: boolean
  readonly tooltip: readonly Channel[]
}

export function measure(where: string, column: string | undefined, name: MeasureName = "mean"): Measure {
  if (!measureNames.includes(name)) {
    const fix = `Kinds: ${measureNames.join(", ")}.${didYouMean(name, measureNames)}`
    throw fail("BAD_VALUE", { where, name: "aggregate", value: name, fix })
  }
  if (column === undefined) return rowMeasure
  return {
    values: { value: aggregated(column, name), rows: rowCount },
    additive: name === "sum",
    described: groups => {
      const asItIs = groups.every(({ rows }) => rows === 1)
      const described = words(asItIs ? column : `${name} of ${column}`, groups)
      return asItIs ? described : { ...described, tooltip: [...described.tooltip, rowsTooltip] }
    },
  }
}

export const rowsTooltip = { field: "rows", type: "quantitative", title: "rows", format: "," } as const

const rowMeasure: Measure = {
  values: { value: rowCount, rows: rowCount },
  additive: true,
  described: groups => ({ ...words("rows", groups), log: isSkewed(groups.map(({ rows }) => rows ?? null)) }),
}

function words(title: string, groups: readonly Row[]): Described {
  const values = groups.map(({ value }) => value ?? null)
  const tooltip = { field: "value", type: "quantitative", title, ...tooltipFormat(values) }
  return { title, format: axisFormat(values), log: false, tooltip: [tooltip] }
}

/** The channel that is as long as the value. */
export function lengthChannel({ title, format }: Described): Channel {
  return { field: "value", type: "quantitative", title, ...(format && { axis: format }) }
}

/** The channel that is as bright as the value. */
export function shadeChannel({ title, format, log }: Described): Channel {
  const scale = log ? { scale: { type: "log" } } : {}
  return { field: "value", type: "quantitative", title, ...scale, ...(format && { legend: format }) }
}

function aggregated(name: string, aggregate: MeasureName) {
  const column = field(name)
  switch (aggregate) {
    case "mean":
      return column.mean()
    case "sum":
      return column.sum()
    case "median":
      return column.quantile(0.5)
    case "min":
      return column.min()
    case "max":
      return column.max()
  }
  aggregate satisfies never
}
