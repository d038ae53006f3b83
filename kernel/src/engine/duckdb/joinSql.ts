// Joins to SQL. A join on keys whose left side is a join becomes one FROM of all their tables, because DuckDB orders
// joins and picks the side to hash only within one: with a SELECT around each, TPC-H's query 5 took twice the time.

import type { Plan, PlanNode } from "../../frame/nodes/plan.js"
import { sameType } from "../../frame/types.js"
import { exprSql, type Parameters } from "./expressions.js"
import { quoteName } from "./quote.js"
import { duckdbType } from "./types.js"

type Select = (plan: Plan, params: Parameters) => string

/** A FROM, and where in it each column of the result is. */
interface Tables {
  readonly from: string
  readonly columns: ReadonlyMap<string, string>
  readonly count: number
}

export function joinSql(plan: PlanNode<"join">, params: Parameters, select: Select): string {
  const { from, columns } = tablesOf(plan, params, select)
  const list = [...columns].map(([name, value]) => `${value} AS ${quoteName(name)}`)
  return `SELECT ${list.join(", ")} FROM ${from}`
}

function tablesOf(plan: PlanNode<"join">, params: Parameters, select: Select): Tables {
  // A condition names its sides `l` and `r`, so its left side stays one table.
  const chained = plan.left.op === "join" && plan.condition === undefined
  const left = chained
    ? tablesOf(plan.left as PlanNode<"join">, params, select)
    : firstTable(plan.left, params, select)
  const alias = left.count === 1 ? "r" : `r${left.count}`
  const right = `(${select(plan.right, params)}) AS ${alias}`
  return {
    from: `${left.from} ${plan.how.toUpperCase()} JOIN ${right}${onSql(plan, left, alias, params)}`,
    columns: columnsOf(plan, left, alias),
    count: left.count + 1,
  }
}

function firstTable(plan: Plan, params: Parameters, select: Select): Tables {
  const columns = new Map(plan.schema.names.map(name => [name, `l.${quoteName(name)}`]))
  return { from: `(${select(plan, params)}) AS l`, columns, count: 1 }
}

function onSql(
  { on, how, condition }: PlanNode<"join">,
  left: Tables,
  alias: string,
  params: Parameters,
): string {
  if (how === "cross") return ""
  const keys = on.map(key => `${left.columns.get(key.left)} = ${alias}.${quoteName(key.right)}`)
  return ` ON ${[...keys, ...(condition ? [exprSql(condition, params)] : [])].join(" AND ")}`
}

function columnsOf(plan: PlanNode<"join">, left: Tables, alias: string): Map<string, string> {
  const { how, merged } = plan
  const own = plan.left.schema.fields.map(({ name, type }): [string, string] => {
    const value = left.columns.get(name)!
    const result = plan.schema.type(name, "join")
    const kept = merged.has(name) && how !== "semi" && how !== "anti"
    const key = kept ? mergedKey(value, `${alias}.${quoteName(name)}`, how) : value
    return [name, sameType(type, result) ? key : `CAST(${key} AS ${duckdbType(result)})`]
  })
  const other = plan.rightColumns.map(({ from, name }): [string, string] => [
    name,
    `${alias}.${quoteName(from)}`,
  ])
  return new Map([...own, ...other])
}

/** The side that has the key in every row of the result. */
function mergedKey(left: string, right: string, how: string): string {
  if (how === "full") return `coalesce(${left}, ${right})`
  return how === "right" ? right : left
}
