// The stages of one operation by counts, from the progress that comes with its results: how many tasks a stage has and how
// many are done. Which ones is not known, so the first so many count as done (`counted` says so to the panel).

import { emit } from "../../../telemetry/bus.js"
import { type ShardState, shardStates } from "../../../telemetry/events.js"
import { columnsOf, type ShardRow } from "../../../telemetry/shardColumns.js"
import type { ExecutePlanResponse_ExecutionProgress } from "../gen/spark/connect/base_pb.js"

type Progress = Pick<ExecutePlanResponse_ExecutionProgress, "stages">

export class CountedStages {
  readonly #done = new Map<bigint, number>()
  readonly #ended = new Set<bigint>()

  constructor(
    private readonly operationId: string,
    private readonly what: string,
  ) {}

  take({ stages }: Progress): void {
    for (const { stageId, numTasks, numCompletedTasks, done } of stages) {
      if (this.#ended.has(stageId)) continue
      if (!this.#done.has(stageId)) {
        const name = `stage ${stageId}: ${this.what}`
        emit({
          kind: "stage.start",
          stage: this.#name(stageId),
          name,
          tasks: Number(numTasks),
          counted: true,
        })
        this.#done.set(stageId, 0)
      }
      const before = this.#done.get(stageId)!
      const now = Number(numCompletedTasks)
      if (now > before) this.#tell(stageId, before, now)
      if (done) this.#end(stageId, "ok")
    }
  }

  end(status: "ok" | "error" | "cancelled"): void {
    for (const stageId of this.#done.keys()) if (!this.#ended.has(stageId)) this.#end(stageId, status)
  }

  #tell(stageId: bigint, from: number, to: number): void {
    const rows = Array.from({ length: to - from }, (_, i) => rowOf(from + i, "done"))
    emit({ kind: "shard.batch", stage: this.#name(stageId), columns: columnsOf(rows) })
    this.#done.set(stageId, to)
  }

  #end(stageId: bigint, status: "ok" | "error" | "cancelled"): void {
    this.#ended.add(stageId)
    emit({ kind: "stage.end", stage: this.#name(stageId), status })
  }

  #name(stageId: bigint): string {
    return `spark-${this.operationId}-${stageId}`
  }
}

/** Nothing but its state is known of a single task. */
function rowOf(id: number, state: ShardState): ShardRow {
  return {
    id,
    state: shardStates.indexOf(state),
    worker: 0,
    attempt: 0,
    start: 0,
    ms: 0,
    rows: 0,
    bytes: 0,
    spill: 0,
  }
}
