// A task as Spark's REST address tells it, and the row that the panel gets.
import { expect, test } from "vitest"
import type { RestTask } from "../../../kernel/lib/engine/spark/monitor/rest.js"
import { taskRows } from "../../../kernel/lib/engine/spark/monitor/taskRows.js"
import { shardStates } from "../../../kernel/lib/telemetry/events.js"

const launchTime = "2026-11-26T08:09:51.123GMT"
const base = { attempt: 0, executorId: "1", launchTime }

function task(index: number, status: RestTask["status"], duration: number, spill = 0, rows = 10): RestTask {
  const taskMetrics = {
    memoryBytesSpilled: spill,
    diskBytesSpilled: 0,
    inputMetrics: { recordsRead: rows, bytesRead: 1 },
    shuffleReadMetrics: { recordsRead: rows, localBytesRead: 2, remoteBytesRead: 3 },
    outputMetrics: {},
  }
  return { ...base, index, status, duration, taskMetrics }
}
const statesOf = (tasks: RestTask[]) => taskRows(tasks, Number).map(({ state }) => shardStates[state])

test("a running task stays running, however long or spilled: it has not counted as done", () => {
  const done = [0, 1, 2, 3].map(index => task(index, "SUCCESS", 100))
  const tasks = [...done, task(4, "RUNNING", 9000), task(5, "RUNNING", 10, 77), task(6, "SUCCESS", 9000)]
  expect(statesOf(tasks)).toEqual(["done", "done", "done", "done", "running", "running", "slow"])
  expect(statesOf([task(0, "SUCCESS", 10, 77)])).toEqual(["spilled"])
})

test("of several attempts the latest counts, with what it read from files and from shuffles", () => {
  const again = { ...task(0, "SUCCESS", 50), attempt: 1, executorId: "2" }
  expect(taskRows([task(0, "FAILED", 5), again], Number)).toMatchObject([
    {
      id: 0,
      attempt: 2,
      worker: 2,
      start: Date.parse("2026-11-26T08:09:51.123Z"),
      ms: 50,
      rows: 20,
      bytes: 6,
    },
  ])
})
