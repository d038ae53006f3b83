// Every kind of chart as the runner shows it: a PNG beside the specification, drawn by the real worker thread from three
// million flights, and different from the same chart without its data.
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { count, fn, lit, read } from "shardlab"
import { afterAll, expect, test } from "vitest"
import { bundleOf } from "../../kernel/lib/runner/child/values.js"
import { cancelFrames, closeFrames } from "../../kernel/lib/runner/dataframes.js"
import { closeRaster, vegaToPng } from "../../kernel/lib/telemetry/raster.js"

afterAll(async () => {
  cancelFrames()
  await Promise.all([closeFrames(), closeRaster()])
})
const data = resolve(import.meta.dirname, "../../node_modules/vega-datasets/data")
const flights = await read.parquet(join(data, "flights-3m.parquet"))
const airports = await read.csv(join(data, "airports.csv"))
const outline = JSON.parse(readFileSync(join(data, "world-110m.json"), "utf8")) as object

/** Half a year: 27 weeks. */
const minutes = read
  .range(260_000)
  .select(f => ({ t: fn.timestampAdd(lit(new Date("2024-01-31")), "MINUTE", f.id) }))

test.each([
  ["bar", flights.plot.bar({ x: "origin", y: "delay" })],
  ["bar with colours", flights.limit(50_000).plot.bar({ x: "origin", color: "destination" })],
  [
    "bar of a small frame",
    flights.groupBy("origin").agg({ n: count() }).limit(9).plot.bar({ x: "origin", y: "n" }),
  ],
  ["line", flights.plot.line({ x: "date", y: "delay" })],
  ["point", flights.plot.point({ x: "distance", y: "delay" })],
  ["histogram of weeks", minutes.plot.histogram({ x: "t" })],
  ["histogram", flights.plot.histogram({ x: "delay" })],
  ["box", flights.plot.box({ x: "origin", y: "delay" })],
  ["heatmap", flights.plot.heatmap({ x: "distance", y: "delay" })],
  ["map", airports.plot.map({ longitude: "longitude", latitude: "latitude", outline })],
])("%s", async (_, chart) => {
  const bundle = await bundleOf(chart)
  const png = bundle["image/png"] as Uint8Array
  const spec = bundle["application/vnd.vegalite.v5+json"] as { data: { values: unknown[] }; layer?: object[] }
  expect([...png.slice(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
  const layer = spec.layer?.filter(part => !("data" in part))
  const blank = await vegaToPng({ ...spec, data: { values: [] }, ...(layer && { layer }) })
  expect(png.length).toBeGreaterThan(blank.length + 1_000)
  expect(bundle["text/plain"]).toContain(`${spec.data.values.length.toLocaleString("en-US")} mark`)
})
