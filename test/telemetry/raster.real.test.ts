// SVG and Vega to PNG, in the real worker thread: it draws, with text, and survives what cannot be drawn.
import { afterAll, expect, test } from "vitest"
import { closeRaster, svgToPng, vegaToPng } from "../../kernel/lib/telemetry/raster.js"

afterAll(closeRaster)
const signature = [0x89, 0x50, 0x4e, 0x47]
const svg = (inside: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20">${inside}</svg>`

test("draws SVG at the asked scale, text included, the same each time", async () => {
  const text = '<text x="2" y="14" font-family="sans-serif">shard</text>'
  const [blank, drawn, again] = await Promise.all([
    svgToPng(svg("")),
    svgToPng(svg(text)),
    svgToPng(svg(text)),
  ])
  expect([...drawn.slice(0, 4)]).toEqual(signature)
  expect(widthOf(drawn)).toBe(120)
  expect(widthOf(await svgToPng(svg(text), { scale: 1 }))).toBe(60)
  expect(drawn.length).toBeGreaterThan(blank.length + 200)
  expect(Buffer.compare(drawn, again)).toBe(0)
})

test("draws a Vega-Lite chart, and refuses to load what it links to", async () => {
  const spec = (data: object) => ({
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    mark: "bar",
    encoding: { x: { field: "a", type: "nominal" }, y: { field: "b", type: "quantitative" } },
    data,
  })
  const chart = await vegaToPng(
    spec({
      values: [
        { a: "x", b: 3 },
        { a: "y", b: 5 },
      ],
    }),
  )
  expect([...chart.slice(0, 4)]).toEqual(signature)
  const empty = await vegaToPng(spec({ url: "http://127.0.0.1:9/data.json" }))
  expect(empty.length).toBeLessThan(chart.length)
})

test("what cannot be drawn is rejected, and the next picture is drawn", async () => {
  await expect(svgToPng("<svg")).rejects.toThrow()
  await expect(vegaToPng({ mark: "no such mark" })).rejects.toThrow()
  expect((await svgToPng(svg(""))).length).toBeGreaterThan(0)
})

function widthOf(png: Uint8Array): number {
  return Buffer.from(png).readUInt32BE(16)
}
