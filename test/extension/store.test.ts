// The tables under the store: numbers over time, shards, busy shares.
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { ratio, share, skewOf } from "../../extension/src/shards/skewWords.js"
import { busyRows } from "../../extension/src/store/busy.js"
import { reduce } from "../../extension/src/store/reduce.js"
import { Series } from "../../extension/src/store/Series.js"
import { isSkewed, maxShards, ShardTable, summarise } from "../../extension/src/store/ShardTable.js"
import { emptyState } from "../../extension/src/store/state.js"
import { columnsOf } from "../../kernel/src/telemetry/shardColumns.js"
import { batch, shard } from "../telemetry/events.js"

describe("a series", () => {
  test("stays sorted, whatever order rows come in, and answers as a linear search does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 })),
        fc.integer({ min: -1, max: 51 }),
        (times, asked) => {
          const series = new Series(["v"], 100)
          for (const time of times) series.push(time, { v: time * 2 })
          const sorted = [...times].sort((a, b) => a - b)
          expect(Array.from({ length: series.length }, (_, i) => series.t(i))).toEqual(sorted)
          const last = sorted.findLast(time => time <= asked)
          expect(series.valueAt("v", asked)).toBe(last === undefined ? Number.NaN : last * 2)
        },
      ),
    )
  })

  test("forgets the oldest rows first", () => {
    const series = new Series(["v"], 100)
    for (let i = 0; i < 1000; i++) series.push(i, { v: i })
    expect(series.length).toBeLessThanOrEqual(112)
    expect(series.last("v")).toBe(999)
  })
})

describe("a shard table", () => {
  test("lays later rows over earlier ones and grows to what it hears of", () => {
    const table = new ShardTable(2)
    table.apply(columnsOf([shard(0, { state: 1, ms: 5 }), shard(70, { state: 2, ms: 8 })]))
    table.apply(columnsOf([shard(0, { state: 2, ms: 9 })]))
    expect(table.size).toBe(71)
    expect(table.row(0)).toMatchObject({ state: "done", ms: 9 })
    expect(table.row(70)).toMatchObject({ state: "done", ms: 8 })
    expect(table.row(1)).toMatchObject({ state: "queued" })
  })

  test("drops a shard number that no kernel can mean", () => {
    const table = new ShardTable(1)
    table.apply(columnsOf([shard(maxShards)]))
    expect(table.size).toBe(1)
  })

  test("is summed up by state, with the skew of what finished", () => {
    const table = new ShardTable(6)
    const done = [10, 10, 10, 40].map((ms, id) => shard(id, { state: id === 3 ? 5 : 2, ms }))
    table.apply(
      columnsOf([...done, shard(4, { state: 1, attempt: 2 }), shard(5, { state: 4, ms: 10, spill: 7 })]),
    )
    expect(summarise(table)).toMatchObject({
      counts: { done: 3, slow: 1, running: 1, spilled: 1, queued: 0, failed: 0 },
      done: 5,
      retrying: 1,
      spill: 7,
      median: 10,
      skew: 4,
    })
  })
})

test("a shard is skewed when it is much longer or larger than the median, also while it runs", () => {
  const rows = [900, 1000, 1100, 1000, 90_000]
  const table = new ShardTable(6)
  table.apply(columnsOf(rows.map((many, id) => shard(id, { state: 2, ms: 300, rows: many }))))
  table.apply(columnsOf([shard(5, { state: 1, ms: 700, rows: 500 })]))
  const summary = summarise(table)
  expect(summary).toMatchObject({ done: 5, skewed: 2, median: 300, medianRows: 1000 })
  expect(summary.skew).toBeCloseTo(700 / 300)
  expect(rows.concat(0).map((_, id) => isSkewed(table, summary, id))).toEqual([
    ...[false, false, false, false],
    ...[true, true],
  ])
})

test("what is uneven is told in rows where rows are, else in time", () => {
  const words = (...shards: Parameters<typeof shard>[1][]) => {
    const table = new ShardTable()
    table.apply(columnsOf(shards.map((values, id) => shard(id, { state: 2, ms: 300, rows: 100, ...values }))))
    return skewOf(summarise(table))
  }
  expect(words({}, {}, {}, {}, { rows: 21_900 })).toEqual({ by: "rows", figure: "219×" })
  expect(words({}, {}, {}, {}, { ms: 900 })).toEqual({ by: "time", figure: "3.0×" })
  expect(words({}, {}, {}, {}, {})).toBeUndefined()
  const none = { rows: 0 }
  expect(words(none, none, none, none, { rows: 90_000 })).toEqual({ by: "rows", figure: "100 %" })
  expect([ratio(7, 0), ratio(50, 20), share(1, 3)]).toEqual([undefined, "2.5×", "33 %"])
})

test("a shard that only took long is slow, not skewed: nothing is wrong with its rows", () => {
  const table = new ShardTable()
  const rows = [300, 300, 300, 300, 2000].map((ms, id) =>
    shard(id, { state: id === 4 ? 5 : 2, ms, rows: 70 }),
  )
  table.apply(columnsOf(rows))
  expect(summarise(table)).toMatchObject({ skewed: 0, skewedRows: 0, counts: { slow: 1 } })
})

test("of few or short shards none is skewed", () => {
  const table = new ShardTable()
  table.apply(columnsOf([1, 1, 199].map((ms, id) => shard(id, { state: 2, ms }))))
  expect(summarise(table)).toMatchObject({ skewed: 0, skew: 1 })
  table.apply(columnsOf([3, 4].map(id => shard(id, { state: 2, ms: 1, rows: 9 }))))
  expect(summarise(table)).toMatchObject({ skewed: 0, skew: 199 })
})

test("what a lost worker did before its shards ran elsewhere stays to be seen", () => {
  const t = 10_000
  const row = { state: 1, start: t, ms: 800 }
  const state = reduce(emptyState(), [
    { kind: "worker.up", t, id: 1, name: "w1", host: "here", cause: "" },
    { kind: "stage.start", t, stage: "s", name: "map", tasks: 1 },
    batch("s", [shard(0, { ...row, worker: 1 })], t + 800),
    { kind: "worker.down", t: t + 1000, id: 1, cause: "was killed", lost: true },
    batch("s", [shard(0, { state: 2, worker: 2, attempt: 2, start: t + 2000, ms: 500 })], t + 2500),
  ])
  const rows = busyRows(state, t, t + 3000, 1000).map(({ shares }) => [...shares])
  expect(rows).toEqual([
    [0.8, Number.NaN, Number.NaN],
    [0, 0, 0.5],
  ])
})

test("busy shares add up to the time that shards took, and a worker that is not there is blank", () => {
  const t = 10_000
  const state = reduce(emptyState(), [
    { kind: "worker.up", t, id: 1, name: "w1", host: "here", cause: "" },
    { kind: "worker.up", t: t + 2000, id: 2, name: "w2", host: "here", cause: "" },
    { kind: "stage.start", t, stage: "s", name: "map", tasks: 2 },
    batch("s", [shard(0, { state: 2, worker: 1, start: t + 500, ms: 1000 })], t + 1500),
  ])
  const [first, second] = busyRows(state, t, t + 4000, 1000)
  expect([...first!.shares]).toEqual([0.5, 0.5, 0, 0])
  expect([...second!.shares]).toEqual([Number.NaN, Number.NaN, 0, 0])
})
