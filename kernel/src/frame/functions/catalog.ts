// The catalog: every function by name. Adding one is a row in the file of its family; gen/ is made from it
// (`npm run gen:functions`), and the conformance tests run its example on every engine.

import { fail } from "../../errors.js"
import type { CallNode } from "../ExprNode.js"
import { aggregation, ranking } from "./aggregation.js"
import { comparison } from "./comparison.js"
import type { FunctionRow } from "./FunctionRow.js"
import { math } from "./math.js"
import { nested } from "./nested.js"
import { text } from "./text.js"
import { time } from "./time.js"

export const families = { comparison, math, text, time, nested, aggregation, ranking } as const

export const functions = { ...comparison, ...math, ...text, ...time, ...nested } as const
export const aggregates = aggregation
export const rankings = ranking

export type FunctionName = keyof typeof functions
export type AggregateName = keyof typeof aggregates
export type WindowName = keyof typeof rankings

const rows: Readonly<Record<CallNode["op"], Readonly<Record<string, FunctionRow>>>> = {
  call: functions,
  aggregate: aggregates,
  ranking: rankings,
}

export function rowOf({ op, name }: CallNode): FunctionRow {
  const row = rows[op][name]
  if (row !== undefined) return row
  throw fail("BAD_VALUE", {
    where: "plan",
    name,
    value: "no function",
    fix: "Was it made by a newer shardlab?",
  })
}

/** Every name with its kind of node and its row. */
export function* allFunctions(): Generator<{ op: CallNode["op"]; name: string; row: FunctionRow }> {
  for (const [op, table] of Object.entries(rows) as [CallNode["op"], Record<string, FunctionRow>][]) {
    for (const [name, row] of Object.entries(table)) yield { op, name, row }
  }
}
