// Asks DuckDB which partitions of a hive layout a filter can hold for: a query over the names of the folders, no file.

import { children, type ExprNode, isCall } from "../../frame/ExprNode.js"
import { families } from "../../frame/functions/catalog.js"
import type { PartitionQuestion } from "../../frame/hivePruning.js"
import { exprSql, Parameters } from "./expressions.js"
import type { Statement } from "./planSql.js"
import { quoteName } from "./quote.js"
import { duckdbType } from "./types.js"

/** DuckDB leaves out files only by what cannot fail: arithmetic may overflow, a cast may not fit. */
export function prunesBy(part: ExprNode): boolean {
  return isSafe(part) && !exprSql(part, new Parameters()).includes("error(")
}

function isSafe(node: ExprNode): boolean {
  if (isCall(node) && !safe.some(family => Object.hasOwn(family, node.name))) return false
  if (node.op === "cast" && node.to.kind !== "utf8" && node.to.kind !== "float64") return false
  return children(node).every(isSafe)
}
const safe = [families.comparison, families.text, families.time]

/** Its rows are the numbers of those that can. */
export function partitionStatement({ fields, rows, filter }: PartitionQuestion): Statement {
  const params = new Parameters()
  const text = { kind: "utf8" } as const
  const lines = rows.map((row, i) => {
    const cells = row.map(value => params.add({ op: "literal", type: text, value }))
    return `(${[i, ...cells].join(", ")})`
  })
  const names = fields.map(({ name }) => quoteName(name))
  const typed = fields.map(
    ({ name, type }) => `CAST(${quoteName(name)} AS ${duckdbType(type)}) AS ${quoteName(name)}`,
  )
  const table = `(VALUES ${lines.join(", ")}) AS t(${["shardlab_file", ...names].join(", ")})`
  const inner = `SELECT ${["shardlab_file", ...typed].join(", ")} FROM ${table}`
  const sql = `SELECT shardlab_file AS i FROM (${inner}) WHERE ${exprSql(filter, params)}`
  return { sql, params: params.values }
}
