// The pure parts of drawing: the axis, the window, scales, numbers as text, where shards lie.
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { pointsOf } from "../../extension/src/charts/canvas.js"
import {
  bytes,
  bytesOf,
  clockSpan,
  count,
  duration,
  figure,
  percent,
} from "../../extension/src/charts/format.js"
import { linear, niceMax, wholeTicks } from "../../extension/src/charts/scale.js"
import { TimeAxis } from "../../extension/src/charts/TimeAxis.js"
import { windowOf } from "../../extension/src/charts/Window.js"
import { cellState, cellUnder, mapLayout, maxCells } from "../../extension/src/shards/mapLayout.js"
import { binFor } from "../../extension/src/shards/ShardsLane.js"
import { drawStage } from "../../extension/src/shards/stageBar.js"
import { shortWorker } from "../../extension/src/shards/workerName.js"
import { reduce } from "../../extension/src/store/reduce.js"
import { Series } from "../../extension/src/store/Series.js"
import { ShardTable, summarise } from "../../extension/src/store/ShardTable.js"
import { emptyState } from "../../extension/src/store/state.js"
import { columnsOf } from "../../kernel/src/telemetry/shardColumns.js"
import { shard } from "../telemetry/events.js"

describe("the axis", () => {
  test("gives pixels and times back and forth, and round ticks with room between them", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 20_000_000 }),
        fc.integer({ min: 200, max: 2000 }),
        (span, width) => {
          const axis = new TimeAxis(1_700_000_000_000, 1_700_000_000_000 + span, 46, 46 + width)
          expect(axis.t(axis.x(axis.from + span / 3))).toBeCloseTo(axis.from + span / 3, 3)
          const ticks = axis.ticks()
          for (const tick of ticks) expect(tick % 1000).toBe(0)
          for (let i = 1; i < ticks.length; i++)
            expect(axis.x(ticks[i]!) - axis.x(ticks[i - 1]!)).toBeGreaterThan(80)
        },
      ),
    )
  })
})

describe("a line over time", () => {
  const points = (times: readonly number[], restMs?: number) => {
    const series = new Series(["v"], 100)
    for (const time of times) series.push(time, { v: 1 })
    const axis = new TimeAxis(0, 100_000, 0, 1000)
    return pointsOf(series, "v", axis, value => value, restMs === undefined ? {} : { restMs }).map(
      ([x, y]) => (Number.isNaN(y) ? "break" : x * 100),
    )
  }

  test("is broken where nothing was measured for long, and not where a long session was thinned", () => {
    const paused = [1000, 2000, 3000, 30_000, 31_000]
    expect(points(paused, 5000)).toEqual([1000, 2000, 3000, "break", 30_000, 31_000])
    expect(points(paused)).toEqual(paused)
    expect(points([10_000, 20_000, 30_000, 41_000], 5000)).not.toContain("break")
  })
})

describe("the window", () => {
  const cell = { kind: "cell.start", t: 100_000, cell: "a", n: 1, head: "" } as const
  const running = reduce(emptyState(), [cell])
  const ended = reduce(emptyState(), [cell, { kind: "cell.end", t: 130_000, cell: "a", n: 1, status: "ok" }])

  test("moves with the time while a cell runs, and stays when none does", () => {
    expect(windowOf(running, { kind: "follow", minutes: 5 }, 200_000)[1]).toBeGreaterThanOrEqual(200_000)
    const still = windowOf(ended, { kind: "follow", minutes: 5 }, 9_000_000)
    expect(still).toEqual(windowOf(ended, { kind: "follow", minutes: 5 }, 99_000_000))
    expect(still[1]).toBeGreaterThan(130_000)
  })

  test("fits the session, a cell, or what was brushed", () => {
    const [from, to] = windowOf(ended, { kind: "fit" }, 200_000)
    expect(from).toBeLessThanOrEqual(100_000)
    expect(to).toBeGreaterThanOrEqual(130_000)
    expect(windowOf(ended, { kind: "fixed", from: 5, to: 6 }, 0)).toEqual([5, 6])
    expect(windowOf(ended, { kind: "cell" }, 200_000)[0]).toBeLessThanOrEqual(100_000)
  })

  test("is never shorter than can be read", () => {
    for (const kind of ["fit", "cell"] as const) {
      const [from, to] = windowOf(emptyState(), { kind }, 50_000)
      expect(to - from).toBeGreaterThanOrEqual(10_000)
    }
  })
})

test("scales end at round numbers that hold the value", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), value => {
      const max = niceMax(value)
      expect(max).toBeGreaterThanOrEqual(value * (1 - 1e-9))
      expect(max).toBeLessThanOrEqual(value * 1.67)
    }),
  )
  expect(linear(0, 0, 100, 0)(0)).toBe(100)
  expect(wholeTicks(7, 4)).toEqual([0, 2, 4, 6, 8])
})

test("numbers are short and never pretend to be known", () => {
  expect([bytes(999), bytes(38.2e9), bytesOf(3.81e10, 8e10)]).toEqual(["999 B", "38.2 GB", "38.1 / 80.0 GB"])
  expect([duration(0.4), duration(47), duration(8420), duration(154_000)]).toEqual([
    "0.40 ms",
    "47 ms",
    "8.4 s",
    "2:34",
  ])
  expect([clockSpan(38_000), clockSpan(3_723_000)]).toEqual(["0:38", "1:02:03"])
  expect([figure(0.2134), figure(0.00032), figure(10_950)]).toEqual(["0.21", "0.00032", "10,950"])
  for (const text of [bytes, duration, figure, count, percent]) expect(text(Number.NaN)).toBe("–")
})

describe("the shard map", () => {
  test("places every shard once, inside its columns, and finds it under its own point", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60_000 }),
        fc.integer({ min: 100, max: 800 }),
        (shards, width) => {
          const layout = mapLayout(shards, width, 190)
          expect(layout.cells).toBeLessThanOrEqual(maxCells)
          expect(layout.cells * layout.group).toBeGreaterThanOrEqual(shards)
          expect(layout.columns * layout.pitch).toBeLessThanOrEqual(Math.max(width, layout.pitch))
          const cell = layout.cells - 1
          const x = (cell % layout.columns) * layout.pitch + layout.pitch / 2
          const y = Math.floor(cell / layout.columns) * layout.pitch + layout.pitch / 2
          expect(cellUnder(layout, x, y)).toBe(cell)
          expect(cellUnder(layout, x, -1)).toBe(-1)
        },
      ),
    )
  })

  test("shows the worst of a group", () => {
    const table = new ShardTable(30_000)
    table.apply(columnsOf([shard(0, { state: 2 }), shard(1, { state: 3 }), shard(2, { state: 2 })]))
    expect(cellState(table, mapLayout(30_000, 300, 200), 0)).toBe(3)
  })
})

test("bins of the heat map are as in the design: 4 s in a window of five minutes", () => {
  expect(binFor(300_000)).toBe(4000)
  expect(binFor(10_000)).toBe(250)
})

test("a worker's name gives way before its number does", () => {
  const within = (most: number) => (text: string) => text.length <= most
  const forms = [11, 7, 6, 5, 3].map(most => shortWorker("executor 12", within(most)))
  expect(forms).toEqual(["executor 12", "exec 12", "ex 12", "ex 12", "…12"])
  expect(shortWorker("w3", within(2))).toBe("w3")
  expect(shortWorker("dask 127.0.0.1:40123", within(9))).toBe("….1:40123")
})

describe("the bar of a stage", () => {
  /** Records where text was written; a letter is six pixels wide. */
  function paper() {
    const texts: { text: string; from: number; to: number }[] = []
    const letter = 6
    const known = {
      measureText: (text: string) => ({ width: text.length * letter }),
      fillText: (text: string, x: number) => texts.push({ text, from: x, to: x + text.length * letter }),
    }
    const ctx = new Proxy(known, {
      get: (target, name) => target[name as keyof typeof target] ?? (() => {}),
      set: () => true,
    })
    return { ctx: ctx as unknown as Parameters<typeof drawStage>[0], texts }
  }
  const palette = {} as Parameters<typeof drawStage>[1]["palette"]

  test("never has its words cut at the edge, nor half over the bar", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 990 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 300, max: 1000 }),
        fc.boolean(),
        fc.boolean(),
        (start, ms, width, wide, skewed) => {
          const state = reduce(emptyState(), [
            {
              kind: "stage.start",
              t: start,
              stage: "s",
              name: "join on customer, group by segment",
              tasks: 5,
            },
            { kind: "stage.end", t: Math.min(1000, start + ms), stage: "s", status: "ok" },
          ])
          const stage = state.stages.get("s")!
          const rows = [1, 2, 3, 4].map(id => shard(id, { state: 2, rows: 10 }))
          stage.shards.apply(
            columnsOf([shard(0, { state: 2, rows: skewed ? 90_000 : 10, spill: 5 }), ...rows]),
          )
          const axis = new TimeAxis(0, 1000, 46, 46 + width)
          const frame = { state, axis, width: width + 50, now: 1000, palette, wide }
          const { ctx, texts } = paper()
          drawStage(ctx, frame, stage, summarise(stage.shards), 0)
          const [x1, x2] = [axis.x(stage.start), axis.x(stage.end!)]
          const [from, to] = [texts[0]!.from, texts.at(-1)!.to]
          expect(from).toBeGreaterThanOrEqual(axis.left)
          expect(to).toBeLessThanOrEqual(axis.right)
          const apart = to <= x1 || from >= Math.max(x2, x1 + 3)
          expect(apart || (from >= x1 && to <= x2)).toBe(true)
          if (skewed) expect(texts.map(({ text }) => text).join(" ")).toMatch(/9000×/)
        },
      ),
    )
  })
})
