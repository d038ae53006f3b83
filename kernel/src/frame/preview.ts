// What showing a frame costs: its first rows and its number of rows, and nothing more. A plan that has to see all its
// input anyway (a group-by, a join) runs once and is counted while it streams; one that only filters or projects gives
// its first rows at once, and the count is a query of its own, which a Parquet file's metadata answers when no row is filtered.

import type { Engine } from "./Engine.js"
import { Aggregate } from "./nodes/Aggregate.js"
import { Limit } from "./nodes/Limit.js"
import type { Plan } from "./nodes/plan.js"
import { cellText, plural, type Table, tableColumn } from "./table.js"
import { getters } from "./values.js"

export const shownRows = 20

export async function preview(plan: Plan, engine: Engine): Promise<Table> {
  const { rows, total } = seesAll(plan) ? await onePass(plan, engine) : await twoPasses(plan, engine)
  const shards = (await engine.shards(plan)).length
  const shape = `${plural(total, "row")} × ${plural(plan.schema.fields.length, "column")}`
  return {
    caption: shards === 0 ? shape : `${shape} · ${plural(shards, "shard")}${seesAll(plan) ? " read" : ""}`,
    columns: plan.schema.fields.map(({ name, type }) => tableColumn(name, type)),
    rows,
  }
}

interface Rows {
  readonly rows: (string | null)[][]
  readonly total: number
}

async function onePass(plan: Plan, engine: Engine): Promise<Rows> {
  const rows: (string | null)[][] = []
  let total = 0
  for await (const batch of engine.stream(plan)) {
    total += batch.rows
    if (rows.length === shownRows) continue
    const columns = getters(batch, plan.schema)
    for (let row = 0; row < batch.rows && rows.length < shownRows; row++) {
      rows.push(plan.schema.fields.map(({ type }, c) => cellText(columns[c]!(row), type)))
    }
  }
  return { rows, total }
}

async function twoPasses(plan: Plan, engine: Engine): Promise<Rows> {
  const { rows } = await onePass(new Limit(plan, shownRows), engine)
  const total = rows.length < shownRows ? rows.length : await countRows(plan, engine)
  return { rows, total }
}

/** Rows of a plan without its values: what only reorders or renames is left out of the query. */
export async function countRows(plan: Plan, engine: Engine): Promise<number> {
  const counted = new Aggregate(
    sameRows(plan),
    [],
    [{ name: "n", expr: { op: "aggregate", name: "count", args: [] } }],
  )
  let rows = 0
  // To the end, though one row is all there is: a stream that is left early counts as cancelled.
  for await (const batch of engine.stream(counted)) if (batch.rows > 0) rows = Number(batch.columns.n![0])
  return rows
}

/** The lowest node with the same number of rows. */
function sameRows(plan: Plan): Plan {
  switch (plan.op) {
    case "sort":
    case "project":
    case "hint":
    case "repartition":
      return sameRows(plan.input)
    default:
      return plan
  }
}

/** True when no row comes out before (nearly) all input was read. A sort alone is top-N here, so it does not count. */
function seesAll(plan: Plan): boolean {
  switch (plan.op) {
    case "limit":
      return seesAll(plan.input) || plan.input.op === "sort"
    case "sort":
    case "project":
    case "filter":
    case "mapBatches":
    case "sample":
    case "explode":
    case "unpivot":
    case "hint":
    case "observe":
    case "repartition":
      return seesAll(plan.input)
    case "scan":
    case "local":
    case "range":
    case "stored":
    case "cache":
      return false
    case "setOperation":
      return plan.kind !== "union"
    case "aggregate":
    case "distinct":
    case "tail":
    case "join":
    case "asOfJoin":
    case "sql":
    case "mapGroups":
      return true
  }
  plan satisfies never
}
