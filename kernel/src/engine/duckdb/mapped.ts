// The parts of a plan that run TypeScript functions. At the top of a plan their batches are handed on as they come. Below
// other operations they go into a temporary table of the query's connection (which spills to disk like any other), and
// the rest of the plan reads that.

import type { DuckDBConnection } from "@duckdb/node-api"
import { type Applied, mapBatch, mapGroup } from "../../frame/applyFunction.js"
import type { ColumnBatch } from "../../frame/ColumnBatch.js"
import type { RunOptions } from "../../frame/Engine.js"
import { children, type ExprNode } from "../../frame/ExprNode.js"
import { joinBatches, sliceBatch } from "../../frame/joinBatches.js"
import type { MapBatches } from "../../frame/nodes/MapBatches.js"
import type { MapGroups } from "../../frame/nodes/MapGroups.js"
import { inputs, type Plan } from "../../frame/nodes/plan.js"
import { Sort } from "../../frame/nodes/Sort.js"
import { appendBatch } from "./appendBatch.js"
import { liveFunction } from "./liveFunction.js"
import { quoteName } from "./quote.js"
import { duckdbType } from "./types.js"

export type Mapped = MapBatches | MapGroups
type Stream = (plan: Plan, options: RunOptions) => AsyncIterable<ColumnBatch>
type Module = typeof import("@duckdb/node-api")

/** Rows of a batch that a function gets. */
const batchRows = 8192

export function isMapped(plan: Plan): plan is Mapped {
  return plan.op === "mapBatches" || plan.op === "mapGroups"
}

/** The table from which the rest of a plan reads what the functions gave. */
export function mappedTable(planId: number): string {
  return `shardlab_mapped_${planId}`
}

/** What the function gives for its input, batch by batch. `stream` runs the input. */
export async function* mappedBatches(
  plan: Mapped,
  stream: Stream,
  { signal }: RunOptions,
): AsyncGenerator<ColumnBatch> {
  const { input, fn, fields } = plan
  const applied: Applied = { fn: liveFunction(fn), name: fn.name, input: input.schema, fields }
  if (plan.op === "mapBatches") {
    for await (const batch of stream(input, { signal, rows: batchRows }))
      yield* mapBatch(applied, plan.unit, batch)
    return
  }
  for await (const group of groups(plan, stream(sorted(plan), { signal, rows: batchRows })))
    yield* mapGroup(applied, plan.keys, group)
}

/** DuckDB sorts (and spills if it must), so that each group's rows come together and only one group is held here. */
function sorted({ input, keys }: MapGroups): Plan {
  return new Sort(
    input,
    keys.map(name => ({ expr: { op: "column", name }, direction: "asc" })),
  )
}

async function* groups(
  { keys }: MapGroups,
  batches: AsyncIterable<ColumnBatch>,
): AsyncGenerator<ColumnBatch> {
  let open: ColumnBatch[] = []
  for await (const batch of batches) {
    let start = 0
    for (let row = 0; row < batch.rows; row++) {
      const before = row > 0 ? { batch, row: row - 1 } : lastRow(open)
      if (before === undefined || keys.every(key => sameKey(key, before, { batch, row }))) continue
      if (row > start) open.push(sliceBatch(batch, start, row))
      yield joinBatches(open)
      open = []
      start = row
    }
    open.push(sliceBatch(batch, start, batch.rows))
  }
  if (open.length > 0) yield joinBatches(open)
}

interface Place {
  readonly batch: ColumnBatch
  readonly row: number
}

function lastRow(open: readonly ColumnBatch[]): Place | undefined {
  const batch = open.at(-1)
  return batch === undefined ? undefined : { batch, row: batch.rows - 1 }
}

/** NULL is a key like any other, and so is NaN, as in GROUP BY. */
function sameKey(name: string, a: Place, b: Place): boolean {
  const [nullA, nullB] = [isNull(name, a), isNull(name, b)]
  if (nullA || nullB) return nullA && nullB
  const [x, y] = [a.batch.columns[name]![a.row], b.batch.columns[name]![b.row]]
  if (x === y || (Number.isNaN(x) && Number.isNaN(y))) return true
  return typeof x === "object" && typeof y === "object" && text(x) === text(y)
}

function isNull(name: string, { batch, row }: Place): boolean {
  return batch.valid[name]?.[row] === 0
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? `${inner}n` : inner))
}

/** The map nodes of a plan that have to be in a table before its SQL runs; not those below other map nodes or
 *  below a cache, whose rows are in a table already. */
export function mappedNodes(plan: Plan): readonly Mapped[] {
  if (isMapped(plan)) return [plan]
  if (plan.op === "cache") return []
  return [...new Set(inputs(plan).flatMap(mappedNodes))]
}

/** Only so many rows of what a map node gives are needed: it stands below limits and row-by-row operations alone. */
export function rowsNeeded(plan: Plan, node: Mapped, limit = Number.POSITIVE_INFINITY): number {
  if (plan === node) return limit
  if (plan.op === "limit") {
    const here = plan.rows === null ? Number.POSITIVE_INFINITY : plan.rows
    return rowsNeeded(plan.input, node, Math.min(limit, here) + plan.offset)
  }
  const rowByRow = plan.op === "project" && !plan.columns.some(({ expr }) => hasWindow(expr))
  if (rowByRow) return rowsNeeded(plan.input, node, limit)
  return Number.POSITIVE_INFINITY
}

/** A window looks at rows beyond those that a limit leaves. */
function hasWindow(expr: ExprNode): boolean {
  return expr.op === "window" || children(expr).some(hasWindow)
}

/** Makes the table and fills it. */
export async function fillTable(
  connection: DuckDBConnection,
  plan: Mapped,
  batches: AsyncIterable<ColumnBatch>,
  rows: number,
  duckdb: Module,
): Promise<void> {
  await createTable(connection, plan)
  const appender = await connection.createAppender(mappedTable(plan.planId))
  let made = 0
  try {
    for await (const batch of batches) {
      appendBatch(appender, batch, plan.schema.fields, duckdb)
      made += batch.rows
      if (made >= rows) break
    }
  } finally {
    appender.closeSync()
  }
}

export async function createTable(connection: DuckDBConnection, { planId, schema }: Mapped): Promise<void> {
  const columns = schema.fields.map(({ name, type }) => `${quoteName(name)} ${duckdbType(type)}`)
  await connection.run(`CREATE TEMP TABLE ${mappedTable(planId)} (${columns.join(", ")})`)
}

export async function dropTable(connection: DuckDBConnection, { planId }: Mapped): Promise<void> {
  await connection.run(`DROP TABLE IF EXISTS ${mappedTable(planId)}`)
}
