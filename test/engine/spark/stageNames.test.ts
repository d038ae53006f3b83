// What stages are called, from a plan as a real Spark 4.3 told it (skewedJoinPlan.json, with the metrics that matter).
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { departure } from "../../../kernel/lib/engine/spark/monitor/executors.js"
import { wordsOf } from "../../../kernel/lib/engine/spark/monitor/planWords.js"
import {
  type RestPlan,
  type RestPlanNode,
  stageNames,
} from "../../../kernel/lib/engine/spark/monitor/stageNames.js"

const plan: RestPlan = JSON.parse(readFileSync(join(import.meta.dirname, "skewedJoinPlan.json"), "utf8"))
const begun = (...stages: number[]) => stages.map(stageId => ({ stageId }))
const named = (some: RestPlan, stages: ReturnType<typeof begun>) =>
  Object.fromEntries(stageNames(some, stages))

test("each stage of a skewed join says what it does, the one that samples for a sort included", () => {
  expect(named(plan, begun(0, 1, 4, 8, 12, 17))).toEqual({
    0: "range",
    1: "range",
    4: "join on customer, group by segment",
    8: "group by segment (sample)",
    12: "group by segment",
    17: "sort by orders",
  })
})

describe("stages of one task, which leave no trace in the metrics", () => {
  const untold = ({ name }: { name: string }) => name === "number of output rows"
  const silent = {
    ...plan,
    nodes: plan.nodes.map(node => ({ ...node, metrics: node.metrics.filter(untold) })),
  }

  test("are known by what they read and by what comes before them", () => {
    const read = [
      { stageId: 0, inputRecords: 1_000_000 },
      { stageId: 1, inputRecords: 1_000 },
    ]
    expect(named(silent, [...read, ...begun(4)])).toEqual({
      0: "range",
      1: "range",
      4: "join on customer, group by segment",
    })
    expect(named(silent, [...read, ...begun(4, 8, 12, 17)])).toEqual(named(plan, begun()))
  })

  test("are left without a name while two could be meant", () => {
    expect(named(silent, begun(0, 1))).toEqual({})
  })
})

test("operators are told in the words of people, those that only pass rows on are not", () => {
  const node = (nodeId: number, nodeName: string, desc = ""): RestPlanNode => ({
    nodeId,
    nodeName,
    desc,
    metrics: [],
  })
  const files = (path: string) =>
    `FileScan parquet [a#1L] Batched: true, Location: InMemoryFileIndex(1 paths)[file:${path}], PartitionFilters: []`
  expect(
    wordsOf([
      node(5, "Scan parquet ", files("/data/orders.parquet")),
      node(4, "Filter", "Filter isnotnull(a#1L)"),
      node(
        3,
        "BroadcastHashJoin",
        "BroadcastHashJoin [a#1L, b#2], [c#3L, d#4], LeftOuter, BuildRight, false",
      ),
    ]),
  ).toBe("scan orders.parquet, join on a, b")
  expect(wordsOf([node(1, "Scan parquet ", files("/a/very/long/path/that/Spark/cut/sho..."))])).toBe("scan")
  expect(wordsOf([node(1, "Scan parquet spark_catalog.default.sales")])).toBe(
    "scan spark_catalog.default.sales",
  )
  expect(wordsOf([node(1, "HashAggregate", "HashAggregate(keys=[], functions=[count(1)])")])).toBe(
    "aggregate",
  )
  expect(wordsOf([node(1, "HashAggregate", "HashAggregate(keys=[a#1, b#2L, c#3], functions=[])")])).toBe(
    "group by a, b, …",
  )
  expect(wordsOf([node(1, "Sort", "Sort [a#1 ASC NULLS FIRST], false, 0"), node(0, "Project")])).toBe(
    "shuffle",
  )
})

test("why an executor left, and whether anybody asked for it", () => {
  expect(departure("Command exited with code 137")).toMatchObject({
    cause: expect.stringMatching(/^was killed \(exit code 137/),
    lost: true,
  })
  expect(departure("Executor heartbeat timed out after 130000 ms.\nmore")).toEqual({
    cause: "left: Executor heartbeat timed out after 130000 ms",
    lost: true,
  })
  expect(departure("Executor killed by driver.")).toMatchObject({ lost: false })
  expect(departure()).toEqual({ cause: "left", lost: true })
})
