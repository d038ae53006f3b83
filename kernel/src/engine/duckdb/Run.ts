// One query on one connection: it can be stopped, and it tells the panel how far it is. Its rows come as batches, and
// whether they were all is asked at the end.

import type { DuckDBConnection } from "@duckdb/node-api"
import { fail } from "../../errors.js"
import type { ColumnBatch } from "../../frame/ColumnBatch.js"
import type { Shard } from "../../frame/Shard.js"
import type { Field } from "../../frame/types.js"
import { BatchBuilder } from "./columns.js"
import type { Mapped } from "./mapped.js"
import type { Statement } from "./planSql.js"
import { Stage } from "./stage.js"
import { bound } from "./statements.js"

export class Run {
  cancelled = false
  ended: "ok" | "error" | "cancelled" | undefined
  /** Temporary tables that go when it ends. */
  readonly tables: Mapped[] = []
  readonly #stage: Stage | undefined
  readonly #onAbort = () => this.cancel()

  constructor(
    readonly connection: DuckDBConnection,
    shards: readonly Shard[],
    name: string,
    private readonly signals: readonly AbortSignal[],
  ) {
    for (const signal of signals) signal.addEventListener("abort", this.#onAbort)
    if (shards.length > 0) this.#stage = new Stage(shards, name, () => connection.progress)
  }

  /** The rows of a statement; whole blocks are copied, nothing is kept but the batch in the making. */
  async *batches(statement: Statement, fields: readonly Field[], rows: number): AsyncGenerator<ColumnBatch> {
    await this.connection.run("BEGIN")
    const result = await this.connection.stream(...bound(statement))
    let builder = new BatchBuilder(fields, rows)
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      for (let at = 0; at < chunk.rowCount; ) {
        at += builder.take(chunk, at)
        if (!builder.full) continue
        yield builder.batch()
        builder = new BatchBuilder(fields, rows)
      }
    }
    if (builder.rows > 0) yield builder.batch()
    await this.#checkComplete(statement)
  }

  cancel(): void {
    this.cancelled = true
    this.connection.interrupt()
  }

  end(status: "ok" | "error" | "cancelled"): void {
    this.ended = status
    for (const signal of this.signals) signal.removeEventListener("abort", this.#onAbort)
    this.#stage?.end(status)
  }

  /**
   * A stream that failed half-way ends just like one that is complete: node-api 1.5.5 drops the error (duckdb-rs#664 and
   * #832 are the same bug). But a failure also aborts the transaction, so that is what is asked here. The message is lost
   * by then; running the statement again without its result (EXPLAIN ANALYZE) brings it back.
   */
  async #checkComplete(statement: Statement): Promise<void> {
    if (this.cancelled) throw fail("QUERY_CANCELLED")
    const alive = await this.connection.run("SELECT 1").then(
      () => true,
      () => false,
    )
    await this.connection.run(alive ? "COMMIT" : "ROLLBACK")
    if (alive) return
    await this.connection.run(...bound({ ...statement, sql: `EXPLAIN ANALYZE ${statement.sql}` }))
    throw fail("QUERY_FAILED", {
      engine: "duckdb",
      problem: "the result ended early",
      fix: "Run it again.",
    })
  }
}
