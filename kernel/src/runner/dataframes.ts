// The frames of this process: `read` and `sql` on DuckDB, made at first use; an interrupt of the cell stops its queries.
// UV_THREADPOOL_SIZE belongs in the kernelspec: queries hold pool threads.

import { duckdbEngine } from "../engine/duckdb/DuckdbEngine.js"
import { DataFrame } from "../frame/DataFrame.js"
import type { Plan } from "../frame/nodes/plan.js"
import { createReader } from "../frame/reader.js"
import { createSql } from "../frame/sql.js"
import "./functionPacker.js"
import { cellSignal } from "../interrupt.js"

export { stores } from "../store/settings.js"

const engine = duckdbEngine({ interrupt: cellSignal })

/** For `connect()`: the engine of this process. */
export const localEngine = engine
export const read = createReader(engine)
export const sql = createSql(engine)

/** A frame that came as its plan from another process. */
export function frameOf(plan: Plan): DataFrame {
  return new DataFrame(plan, engine)
}

/** Stops every query of this process, whichever cell began it; they fail with QUERY_CANCELLED. */
export function cancelFrames(): void {
  engine.cancel()
}

export function closeFrames(): Promise<void> {
  return engine.close()
}
