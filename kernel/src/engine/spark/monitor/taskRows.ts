// Spark's tasks as the panel's shards. What is measured is the task's own: a running task's numbers are as old as the last
// heartbeat of its executor.

import { type ShardState, shardStates } from "../../../telemetry/events.js"
import type { ShardRow } from "../../../telemetry/shardColumns.js"
import { type RestTask, restTime } from "./rest.js"

/** A task is slow when it takes longer than this times the median of those that are done, once there are a few. */
const slowFactor = 2
const slowAfter = 4
const slowMs = 200

/** One row a partition: of several attempts the latest. */
export function taskRows(tasks: readonly RestTask[], worker: (executor: string) => number): ShardRow[] {
  const latest = new Map<number, RestTask>()
  for (const task of tasks) {
    const known = latest.get(task.index)
    if (known === undefined || known.attempt < task.attempt) latest.set(task.index, task)
  }
  const times = tasks.filter(task => task.status === "SUCCESS").map(task => task.duration ?? 0)
  const median = times.sort((a, b) => a - b)[times.length >> 1] ?? 0
  const limit = times.length >= slowAfter ? Math.max(slowMs, median * slowFactor) : Number.POSITIVE_INFINITY
  return [...latest.values()].map(task => rowOf(task, limit, worker))
}

function rowOf(task: RestTask, limit: number, worker: (executor: string) => number): ShardRow {
  const {
    inputMetrics,
    shuffleReadMetrics,
    outputMetrics,
    memoryBytesSpilled = 0,
    diskBytesSpilled = 0,
  } = task.taskMetrics ?? {}
  const start = restTime(task.launchTime)
  const ms = task.duration ?? Math.max(0, Date.now() - start)
  const spill = diskBytesSpilled || memoryBytesSpilled
  const shuffled = (shuffleReadMetrics?.localBytesRead ?? 0) + (shuffleReadMetrics?.remoteBytesRead ?? 0)
  return {
    id: task.index,
    state: shardStates.indexOf(stateOf(task, spill, ms > limit)),
    worker: worker(task.executorId),
    attempt: task.attempt + 1,
    start,
    ms,
    rows:
      (inputMetrics?.recordsRead ?? 0) + (shuffleReadMetrics?.recordsRead ?? 0) ||
      (outputMetrics?.recordsWritten ?? 0),
    bytes: (inputMetrics?.bytesRead ?? 0) + shuffled || (outputMetrics?.bytesWritten ?? 0),
    spill,
  }
}

function stateOf({ status }: RestTask, spill: number, slow: boolean): ShardState {
  if (status === "FAILED" || status === "KILLED") return "failed"
  // Spilled and slow count as done for the panel, which sees for itself that a running one takes long.
  if (status !== "SUCCESS") return "running"
  if (spill > 0) return "spilled"
  return slow ? "slow" : "done"
}
