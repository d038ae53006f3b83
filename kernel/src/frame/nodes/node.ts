// What all plan nodes share. Not the nodes: each is a file of its own beside this one.

import { fail } from "../../errors.js"

let made = 0

/** Unique in this process; engines use it to name what belongs to a node (Spark: `plan_id`). */
export function nextPlanId(): number {
  return ++made
}

/** A number of rows that a user gave. */
export function checkRows(where: string, rows: number): void {
  if (Number.isSafeInteger(rows) && rows >= 0) return
  throw fail("BAD_VALUE", { where, name: "rows", value: rows, fix: "Give a whole number from 0 on." })
}
