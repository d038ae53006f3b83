// Plots over DuckDB: their data against aggregates computed here in plain JavaScript, specifications against goldens
// (golden/plot), what does not compile, and that no chart pulls its rows.
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import type { TopLevelSpec } from "vega-lite"
import { compile } from "vega-lite"
import { afterAll, describe, expect, test } from "vitest"
import { displaySymbol } from "../../kernel/src/display.js"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import type { Engine } from "../../kernel/src/frame/Engine.js"
import { count, mean } from "../../kernel/src/frame/free.js"
import type { Chart } from "../../kernel/src/frame/plot/Chart.js"
import { edge, isSkewed, roundBins } from "../../kernel/src/frame/plot/numbers.js"
import { outlinePaths, within } from "../../kernel/src/frame/plot/outline.js"
import { charts } from "../../kernel/src/frame/plot/registry.js"
import { timeUnit } from "../../kernel/src/frame/plot/times.js"
import { createReader } from "../../kernel/src/frame/reader.js"

const data = resolve(import.meta.dirname, "../../node_modules/vega-datasets/data")
const engine = duckdbEngine()
const read = createReader(engine)
afterAll(() => engine.close())

interface Flight {
  readonly date: Date
  readonly delay: number
  readonly distance: number
  readonly origin: string
  readonly gap: number | null
}
const rows: readonly Flight[] = JSON.parse(readFileSync(join(data, "flights-2k.json"), "utf8")).map(
  (row: { date: string; delay: number; distance: number; origin: string }, i: number) => ({
    date: new Date(`${row.date.replace(/\//g, "-").replace(" ", "T")}Z`),
    delay: row.delay,
    distance: row.distance,
    origin: row.origin,
    gap: i % 7 === 0 ? null : i % 500 === 1 ? 100_000 : row.delay,
  }),
)
const types = {
  date: "timestamp",
  delay: "float64",
  distance: "int64",
  origin: "utf8",
  gap: "float64",
} as const
const flights = read.rows(rows, types)
const airports = await read.csv<{
  latitude: { kind: "float64" }
  longitude: { kind: "float64" }
  state: { kind: "utf8" }
}>(join(data, "airports.csv"))
const world = JSON.parse(readFileSync(join(data, "world-110m.json"), "utf8")) as object

type Mark = Record<string, string | number | null>
const marks = async (chart: Chart): Promise<Mark[]> =>
  ((await chart.spec()).data as { values: Mark[] }).values
const notes = async (chart: Chart) =>
  String((await chart[displaySymbol]())["text/plain"])
    .split("\n")
    .slice(1)

function groups<K>(key: (row: Flight) => K): Map<K, Flight[]> {
  const found = new Map<K, Flight[]>()
  for (const row of rows) found.set(key(row), [...(found.get(key(row)) ?? []), row])
  return found
}
const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
/** Of sorted values, interpolated. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
  return low + (at - Math.floor(at)) * (high - low)
}

describe("data equals what JavaScript computes from the rows", () => {
  const byOrigin = [...groups(row => row.origin)].map(([origin, of]) => ({
    origin,
    n: of.length,
    delay: meanOf(of.map(row => row.delay)),
  }))

  test("bar: the largest groups first, by what is drawn", async () => {
    const expected = byOrigin.sort((a, b) => b.delay - a.delay).slice(0, 50)
    const chart = flights.plot.bar({ x: "origin", y: "delay" })
    const found = await marks(chart)
    expect(new Set(found.map(bar => bar.x))).toEqual(new Set(expected.map(group => group.origin)))
    for (const bar of found) {
      const group = expected.find(({ origin }) => origin === bar.x)!
      expect(bar.rows).toBe(group.n)
      expect(bar.value).toBeCloseTo(group.delay, 9)
    }
    const { encoding } = (await chart.spec()) as {
      encoding: Record<string, { sort: string[]; title: string }>
    }
    expect(encoding.x!.sort).toEqual(expected.map(group => group.origin))
    expect(encoding.y!.title).toBe("mean of delay")
    expect(await notes(chart)).toEqual([`the largest 50 of ${byOrigin.length} values of origin`])
  })

  test("bar: rows, colours and the group of the others", async () => {
    const found = await marks(flights.plot.bar({ x: "origin", color: "distance", sort: "name" }))
    const shown = new Set(
      byOrigin
        .map(group => group.origin)
        .sort()
        .slice(0, 50),
    )
    expect(new Set(found.map(bar => bar.x))).toEqual(shown)
    expect(found.reduce((sum, bar) => sum + Number(bar.value), 0)).toBe(
      rows.filter(row => shown.has(row.origin)).length,
    )
    expect(new Set(found.map(bar => bar.color)).size).toBe(11)
    expect(found.some(bar => bar.color === "(others)")).toBe(true)
  })

  test("bar: a frame that is aggregated already is drawn as it is", async () => {
    const chart = flights
      .groupBy("origin")
      .agg({ n: count(), m: mean("delay") })
      .plot.bar({ x: "origin", y: "n" })
    const { encoding } = (await chart.spec()) as { encoding: Record<string, { title: string }> }
    expect(encoding.y!.title).toBe("n")
    for (const bar of await marks(chart))
      expect(bar.value).toBe(byOrigin.find(({ origin }) => origin === bar.x)!.n)
  })

  test("line: one point a moment, or a span of time when there are too many", async () => {
    const daily = flights.with(f => ({ day: f.date.cast("date") }))
    const days = groups(row => row.date.toISOString().slice(0, 10))
    const found = await marks(daily.plot.line({ x: "day", y: "delay", aggregate: "median" }))
    expect(found.map(({ x, value }) => [x, value])).toEqual(
      [...days]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([day, of]) => [
          `${day}T00:00:00.000Z`,
          quantile(
            of.map(row => row.delay),
            0.5,
          ),
        ]),
    )
    expect(await marks(flights.plot.line({ x: "date", y: "delay", aggregate: "median" }))).toEqual(found)
  })

  test("histogram: counts of round bins; far values and NULL are counted in words", async () => {
    const found = await marks(flights.plot.histogram({ x: "distance", bins: 30 }))
    expect(found.reduce((sum, bin) => sum + Number(bin.rows), 0)).toBe(rows.length)
    for (const { x, x_end, rows: n } of found) {
      expect(n).toBe(rows.filter(row => row.distance >= Number(x) && row.distance < Number(x_end)).length)
    }
    const gap = flights.plot.histogram({ x: "gap" })
    const bins = await marks(gap)
    const [low, high] = [
      Math.min(...bins.map(bin => Number(bin.x))),
      Math.max(...bins.map(bin => Number(bin.x_end))),
    ]
    const known = rows.flatMap(row => row.gap ?? [])
    const outside = known.filter(value => value < low || value >= high).length
    expect(outside).toBeGreaterThan(0)
    expect(await notes(gap)).toEqual([
      `${outside} rows with gap below ${low} or from ${high} on are not drawn`,
      `${rows.length - known.length} rows without a finite value are left out`,
    ])
    expect(bins.reduce((sum, bin) => sum + Number(bin.rows), 0)).toBe(known.length - outside)
  })

  test("box: quartiles, whiskers and the rows beyond", async () => {
    const top = [...groups(row => row.origin)].sort((a, b) => b[1].length - a[1].length)
    const found = await marks(flights.plot.box({ x: "origin", y: "delay" }))
    expect(found).toHaveLength(30)
    for (const { x, q1, median, q3, low, high, outside, rows: n, min, max } of found) {
      const values = top.find(([origin]) => origin === x)![1].map(row => row.delay)
      const [a, b, c] = [0.25, 0.5, 0.75].map(share => quantile(values, share))
      const inside = values.filter(value => value >= a! - 1.5 * (c! - a!) && value <= c! + 1.5 * (c! - a!))
      expect([q1, median, q3]).toEqual([a, b, c])
      expect([min, low, high, max]).toEqual([
        Math.min(...values),
        Math.min(...inside),
        Math.max(...inside),
        Math.max(...values),
      ])
      expect([n, outside]).toEqual([values.length, values.length - inside.length])
    }
  })

  test("heatmap: cells of bins and categories", async () => {
    const hourly = flights.with(f => ({ hour: f.date.hour() }))
    const found = await marks(
      hourly.plot.heatmap({ x: "hour", y: "distance", value: "delay", aggregate: "max" }),
    )
    for (const { x, y, y_end, value, rows: n } of found) {
      const of = rows.filter(
        row => row.date.getUTCHours() === x && row.distance >= Number(y) && row.distance < Number(y_end),
      )
      expect([n, value]).toEqual([of.length, Math.max(...of.map(row => row.delay))])
    }
    expect(found.reduce((sum, cell) => sum + Number(cell.rows), 0)).toBe(rows.length)
  })

  test("map: square cells that hold every airport", async () => {
    const places = await airports.select("longitude", "latitude").collect()
    const found = await marks(airports.plot.map({ longitude: "longitude", latitude: "latitude", bins: 60 }))
    for (const { x, x_end, y, y_end, rows: n } of found) {
      const inside = places.filter(
        ({ longitude, latitude }) =>
          longitude >= Number(x) &&
          longitude < Number(x_end) &&
          latitude >= Number(y) &&
          latitude < Number(y_end),
      )
      expect(n).toBe(inside.length)
      expect(Number(x_end) - Number(x)).toBeCloseTo(Number(y_end) - Number(y), 9)
    }
    expect(found.reduce((sum, cell) => sum + Number(cell.rows), 0)).toBe(places.length)
    const odd = read.rows([
      { lon: 10, lat: 50 },
      { lon: 1000, lat: 50 },
      { lon: Number.NaN, lat: 50 },
    ])
    const chart = odd.plot.map({ longitude: "lon", latitude: "lat" })
    expect(await notes(chart)).toEqual(["2 rows without a place on earth are left out"])
  })

  test("time: each unit's groups are the ones of JavaScript, weeks from Monday", async () => {
    const from = Date.UTC(2024, 0, 31, 23, 59, 50)
    const starts: readonly (readonly [unit: string, seconds: number, start: (at: Date) => number])[] = [
      ["second", 20, at => at.setUTCMilliseconds(0)],
      ["minute", 1_500, at => at.setUTCSeconds(0, 0)],
      ["hour", 90_000, at => at.setUTCMinutes(0, 0, 0)],
      ["day", 20 * 86_400, at => at.setUTCHours(0, 0, 0, 0)],
      ["week", 200 * 86_400, at => at.setUTCHours(0, 0, 0, 0) - ((at.getUTCDay() + 6) % 7) * 86_400_000],
      ["month", 1_000 * 86_400, at => Date.UTC(at.getUTCFullYear(), at.getUTCMonth())],
      [
        "quarter",
        3_000 * 86_400,
        at => Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - (at.getUTCMonth() % 3)),
      ],
      ["year", 9_000 * 86_400, at => Date.UTC(at.getUTCFullYear(), 0)],
    ]
    for (const [unit, seconds, start] of starts) {
      const times = Array.from(
        { length: 300 },
        (_, i) => new Date(from + Math.floor((i / 299) * seconds * 1000)),
      )
      const chart = read.rows(times.map(t => ({ t }))).plot.histogram({ x: "t", bins: 40 })
      const expected = new Map<string, number>()
      for (const time of times) {
        const at = new Date(start(new Date(time))).toISOString()
        expected.set(at, (expected.get(at) ?? 0) + 1)
      }
      expect(await marks(chart).then(found => found.map(({ x, rows: n }) => [x, n])), unit).toEqual([
        ...expected,
      ])
      const spec = await chart.spec()
      const { encoding } = spec as { encoding: Record<string, { title: string }> }
      expect(encoding.x!.title).toBe(`t (${unit})`)
      compile(spec as unknown as TopLevelSpec)
    }
  })

  test("point: rows as they are, of more than 5,000 a sample of all of them, the same each time", async () => {
    const found = await marks(flights.plot.point({ x: "distance", y: "delay", color: "origin" }))
    expect(found.map(({ x, y }) => [x, y]).sort()).toEqual(rows.map(row => [row.distance, row.delay]).sort())
    const many = read.range(50_000).with(f => ({ y: f.id.mul(2) }))
    const chart = many.plot.point({ x: "id", y: "y" })
    const drawn = await marks(chart)
    expect(drawn.length).toBeGreaterThan(4_500)
    expect(drawn.length).toBeLessThanOrEqual(5_000)
    expect(await marks(chart)).toEqual(drawn)
    const lateHalf = drawn.filter(({ x }) => Number(x) >= 25_000).length
    expect(Math.abs(lateHalf / drawn.length - 0.5)).toBeLessThan(0.05)
    expect(drawn.every(({ x, y }) => y === 2 * Number(x))).toBe(true)
    const said = `a sample of ${drawn.length.toLocaleString("en-US")} of 50,000 points`
    expect(await notes(chart)).toEqual([said])
  })
})

const everyChart: Record<keyof typeof charts, (frame: typeof flights) => Chart> = {
  bar: frame => frame.plot.bar({ x: "origin", y: "delay", title: "Delay by airport" }),
  line: frame => frame.plot.line({ x: "date", y: "delay" }),
  point: frame => frame.plot.point({ x: "distance", y: "delay", color: "origin" }),
  histogram: frame => frame.plot.histogram({ x: "delay", color: "origin" }),
  box: frame => frame.plot.box({ x: "origin", y: "delay" }),
  heatmap: frame => frame.plot.heatmap({ x: "distance", y: "delay" }),
  map: () => airports.plot.map({ longitude: "longitude", latitude: "latitude", outline: world }),
}

describe.each(Object.keys(charts) as (keyof typeof charts)[])("%s", kind => {
  test("golden: the specification of ten rows, which Vega-Lite compiles", async () => {
    const spec = await everyChart[kind](flights.limit(10)).spec()
    compile(spec as unknown as TopLevelSpec)
    const { config: _, data: values, ...rest } = spec
    const short =
      kind === "map" ? { ...rest, layer: (rest.layer as unknown[])[0] } : { ...rest, data: values }
    await expect(`${JSON.stringify(short, null, 2)}\n`).toMatchFileSnapshot(`../golden/plot/${kind}.json`)
  })

  test("draws an empty frame", async () => {
    const empty =
      kind === "map" ? airports.filter(f => f.latitude.gt(90)) : flights.filter(f => f.delay.gt(1e6))
    const chart =
      kind === "map"
        ? (empty as typeof airports).plot.map({ longitude: "longitude", latitude: "latitude" })
        : everyChart[kind](empty as typeof flights)
    const spec = await chart.spec()
    expect((spec.data as { values: unknown[] }).values).toEqual([])
    compile(spec as unknown as TopLevelSpec)
  })
})

test("no chart pulls rows out of the engine, except the points that it draws", async () => {
  let pulled = 0
  const counting: Engine = Object.assign(Object.create(engine) as Engine, {
    async *stream(...args: Parameters<Engine["stream"]>) {
      for await (const batch of engine.stream(...args)) {
        pulled += batch.rows
        yield batch
      }
    },
  })
  const big = await read.parquet(join(data, "flights-3m.parquet"))
  const frame = new DataFrame(big.limit(200_000).plan, counting) as unknown as typeof flights
  for (const [kind, draw] of Object.entries(everyChart)) {
    pulled = 0
    await draw(frame).spec()
    // The first 5,001 tell that there are more; then a sample is drawn.
    expect(pulled, kind).toBeLessThan(kind === "point" ? 10_020 : 1_500)
  }
}, 60_000)

test("wrong names and options fail before anything runs, with the nearest name", () => {
  const loose = flights as unknown as DataFrame
  expect(() => loose.plot.bar({ x: "orign" })).toThrow(
    /plot: there is no column `orign`. Did you mean `origin`/,
  )
  expect(() => loose.plot.bar({ x: "origin", y: "date" })).toThrow(
    /`y` needs a number, and `date` is Timestamp/,
  )
  expect(() => loose.plot.line({ x: "origin" })).toThrow(/`x` needs a number or a time, and `origin` is Utf8/)
  expect(() => loose.plot.histogram({ x: "delay", bins: 0 })).toThrow(/plot.histogram: `bins` is 0/)
  expect(() => loose.plot.bar({ x: "origin", colour: "delay" } as never)).toThrow(
    /plot.bar.*colour.*Did you mean `color`/s,
  )
  expect(() => loose.plot.bar({ x: "origin", y: "delay", aggregate: "men" as never })).toThrow(
    /`aggregate` is men(.|\n)*Did you mean `mean`/,
  )
  expect(() => loose.plot.map({ longitude: "delay", latitude: "distance", outline: {} })).toThrow(/outline/)
})

test("wrong columns do not compile", async () => {
  const { messagesByLine } = await import("./compile.js")
  const mistakes: readonly (readonly [code: string, says: RegExp])[] = [
    ['flights.plot.bar({ x: "orign" })', /"orign".*"origin"/s],
    ['flights.plot.bar({ x: "origin", y: "origin" })', /"origin".*"delay"/s],
    ['flights.plot.line({ x: "origin", y: "delay" })', /"origin".*"date"/s],
    ['flights.plot.histogram({ x: "origin" })', /"origin"/],
    ['flights.plot.box({ y: "date" })', /"date".*"delay"/s],
    ['flights.plot.map({ longitude: "origin", latitude: "delay" })', /"origin"/],
    ['flights.plot.heatmap({ x: "origin", y: "date", value: "origin" })', /"origin"/],
    ['flights.plot.point({ x: "origin", y: "delay", colour: "date" })', /colour/],
  ]
  const messages = messagesByLine([
    'import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"',
    'import type { Int64, Timestamp, Utf8 } from "../../kernel/src/frame/types.js"',
    "declare const flights: DataFrame<{ date: Timestamp; delay: Int64; origin: Utf8 }>",
    "declare const loose: DataFrame",
    'flights.plot.line({ x: "date", y: "delay", color: "origin" }); loose.plot.box({ x: "any", y: "thing" })',
    ...mistakes.map(([code]) => code),
  ])
  expect(messages.slice(0, 5)).toEqual(["", "", "", "", ""])
  mistakes.forEach(([code, says], index) => {
    expect(messages[index + 5], code).toMatch(says)
  })
}, 60_000)

test("round bins, units of time, skew and outlines", () => {
  expect(roundBins(0, 100, 10, false)).toEqual({ low: 0, step: 20, count: 6 })
  expect(roundBins(-3, 4, 40, true)).toEqual({ low: -3, step: 1, count: 8 })
  expect(roundBins(5, 5, 40, false)).toEqual({ low: 5, step: 1, count: 1 })
  expect(edge({ low: 0, step: 0.1, count: 4 }, 3)).toBe(0.3)
  const day = 86_400_000
  const units = (...days: number[]) => days.map(days => timeUnit(0, days * day, 40))
  expect(units(1 / 4_320, 1 / 48, 1, 30, 200)).toEqual(["second", "minute", "hour", "day", "week"])
  expect(units(300, 1_000, 3_000, 9_000)).toEqual(["month", "month", "quarter", "year"])
  expect(timeUnit(0, day, 40, true)).toBe("day")
  expect([isSkewed([1, 2, 3, 4]), isSkewed([1, 2, 3, 400])]).toEqual([false, true])
  const square = {
    type: "Polygon",
    coordinates: [
      [
        [0, 0],
        [0, 9],
        [9, 9],
        [9, 0],
        [0, 0],
      ],
    ],
  }
  const collection = { type: "FeatureCollection", features: [{ type: "Feature", geometry: square }] }
  expect(outlinePaths(collection)).toEqual(square.coordinates)
  expect(within(outlinePaths(square), { west: 5, east: 10, south: 5, north: 10 })).toEqual([
    [
      [0, 9],
      [9, 9],
      [9, 0],
    ],
  ])
  const topology = {
    type: "Topology",
    transform: { scale: [2, 1], translate: [10, 20] },
    arcs: [
      [
        [0, 0],
        [1, 1],
        [1, -1],
      ],
    ],
  }
  expect(outlinePaths(topology)).toEqual([
    [
      [10, 20],
      [12, 21],
      [14, 20],
    ],
  ])
})
