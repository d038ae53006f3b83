// `describe` and `summary`: statistics of columns, one row a statistic, as text (PySpark's form). One pass: an aggregation
// to one row, crossed with the names of the statistics.

import { didYouMean, fail } from "../../errors.js"
import { nodeOf } from "../Expr.js"
import type { ExprNode } from "../ExprNode.js"
import type { AggregateName } from "../functions/catalog.js"
import { Aggregate } from "../nodes/Aggregate.js"
import { Join } from "../nodes/Join.js"
import { Local } from "../nodes/Local.js"
import { type NamedExpr, Project } from "../nodes/Project.js"
import type { Plan } from "../nodes/plan.js"
import { Sort } from "../nodes/Sort.js"
import { type Field, isNumeric, typeOf } from "../types.js"

type Statistic = (column: ExprNode, field: Field) => ExprNode | undefined

const aggregate =
  (name: AggregateName, ...rest: ExprNode[]): Statistic =>
  column => ({ op: "aggregate", name, args: [column, ...rest] })
const numeric =
  (statistic: Statistic): Statistic =>
  (column, field) =>
    isNumeric(field.type) ? statistic(column, field) : undefined

const statistics: Readonly<Record<string, Statistic>> = {
  count: aggregate("count"),
  mean: numeric(aggregate("mean")),
  stddev: numeric(aggregate("stddev")),
  min: aggregate("min"),
  max: aggregate("max"),
  countDistinct: aggregate("countDistinct"),
}

export const describeStatistics = ["count", "mean", "stddev", "min", "max"]
export const summaryStatistics = ["count", "mean", "stddev", "min", "25%", "50%", "75%", "max"]
const describable = new Set(["utf8", "boolean", "date", "timestamp", "timestamptz"])

export function describe(
  plan: Plan,
  names: readonly string[],
  wanted: readonly string[],
  verb: string,
): Plan {
  const fields = names.length > 0 ? names.map(name => plan.schema.field(name, verb)) : plan.schema.fields
  const shown = fields.filter(({ type }) => isNumeric(type) || describable.has(type.kind))
  if (shown.length === 0)
    throw fail("TYPE_MISMATCH", {
      operation: verb,
      problem: "no column has numbers, text or times",
      fix: "Select such columns.",
    })
  const cells = wanted.flatMap((name, row) =>
    shown.flatMap(field => {
      const expr = statisticOf(name, verb)({ op: "column", name: field.name }, field)
      return expr === undefined ? [] : [{ row, field: field.name, name: `${row} ${field.name}`, expr }]
    }),
  )
  const one = new Aggregate(
    plan,
    [],
    cells.map(({ name, expr }): NamedExpr => ({ name, expr })),
  )
  const rows = wanted.map((_, row) => row)
  const labels = new Local(
    [
      { name: "summary", type: typeOf("utf8"), nullable: false },
      { name: "#", type: typeOf("int32"), nullable: false },
    ],
    [[...wanted], rows],
  )
  const crossed = new Join(labels, one, [], "cross", "_right")
  const columns = shown.map((field): NamedExpr => {
    const branches = cells
      .filter(cell => cell.field === field.name)
      .map(cell => ({ when: equals("#", cell.row), value: text(cell.name) }))
    return { name: field.name, expr: { op: "case", branches } }
  })
  const sorted = new Sort(crossed, [{ expr: { op: "column", name: "#" }, direction: "asc" }])
  return new Project(
    sorted,
    [{ name: "summary", expr: { op: "column", name: "summary" } }, ...columns],
    "select",
  )
}

function statisticOf(name: string, verb: string): Statistic {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(name)?.[1]
  if (share !== undefined && Number(share) <= 100)
    return numeric(aggregate("quantile", nodeOf(Number(share) / 100)))
  const known = statistics[name]
  if (known !== undefined) return known
  const names = [...Object.keys(statistics), "25%"]
  throw fail("BAD_VALUE", {
    where: verb,
    name: "statistic",
    value: name,
    fix: `Known: ${names.join(", ")} or any share.${didYouMean(name, names)}`,
  })
}

function equals(column: string, value: number): ExprNode {
  return { op: "call", name: "eq", args: [{ op: "column", name: column }, nodeOf(value)] }
}

function text(column: string): ExprNode {
  return { op: "cast", input: { op: "column", name: column }, to: typeOf("utf8") }
}
