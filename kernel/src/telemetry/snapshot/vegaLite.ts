// The snapshot as a Vega-Lite v5 specification, for JupyterLab without our extension (its own Vega-Lite is 5): the same
// lanes on one time axis, data inline, nothing loaded. The v6 of our panel compiles it too.

import { busyShares, groupWorkers, heatBins } from "./heat.js"
import { lanesOf } from "./lanes.js"
import { subtitleOf, titleOf } from "./sentences.js"
import { type Story, sizesOf } from "./story.js"
import { colours, type Point, thinLine } from "./svg.js"

/** A plain JSON value; the shape is Vega-Lite's and checked by compiling it in the tests. */
export type VegaLiteSpec = Record<string, unknown>

const plotWidth = 620

/** A specification of at most `budget` bytes of JSON; each try keeps half the points of the one before. */
export function vegaLiteOf(story: Story, budget: number): VegaLiteSpec {
  for (let points = 400; points > 2; points = Math.floor(points / 2)) {
    const spec = specOf(story, points)
    if (Buffer.byteLength(JSON.stringify(spec)) <= budget) return spec
  }
  return specOf(story, 2)
}

function specOf(story: Story, points: number): VegaLiteSpec {
  const views = [
    story.shards && shardView(story),
    lanesOf(story).some(lane => lane.title === "Devices") && deviceView(story, points),
    story.training && trainingView(story, points),
    story.pool && policyView(story, points),
  ]
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    title: { text: titleOf(story), subtitle: subtitleOf(story), anchor: "start" },
    config: { view: { stroke: colours.rule }, axis: { grid: true, gridColor: colours.grid } },
    resolve: { scale: { x: "shared", y: "independent", color: "independent", strokeDash: "independent" } },
    spacing: 6,
    vconcat: views.filter(Boolean),
  }
}

function time(story: Story, labels: boolean): VegaLiteSpec {
  const short = story.end - story.start < 20_000
  return {
    field: "t",
    type: "temporal",
    scale: { domain: [story.start, story.end], nice: false },
    axis: labels ? { title: null, orient: "top", format: short ? "%S.%L" : "%H:%M:%S", tickCount: 6 } : null,
  }
}

/** Busy share of each worker in spans of time, as in the picture. */
function shardView(story: Story): VegaLiteSpec {
  const shards = story.shards!
  const rows = groupWorkers(shards.workers)
  const span = (story.end - story.start) / heatBins
  const values = rows.flatMap(({ name, ids }) =>
    busyShares(shards, ids, story).flatMap((busy, bin) => {
      if (busy === undefined) return []
      const t = Math.round(story.start + bin * span)
      return [{ t, end: Math.round(t + span), worker: name, busy: round(busy) }]
    }),
  )
  return {
    width: plotWidth,
    height: 14 * Math.max(2, rows.length),
    data: { values },
    mark: { type: "rect", color: colours.blue },
    encoding: {
      x: time(story, true),
      x2: { field: "end" },
      y: { field: "worker", type: "nominal", title: "Shards", sort: rows.map(({ name }) => name) },
      opacity: {
        field: "busy",
        type: "quantitative",
        legend: null,
        scale: { domain: [0, 1], range: [0.1, 1] },
      },
      tooltip: [{ field: "worker" }, { field: "busy", format: ".0%" }],
    },
  }
}

function deviceView(story: Story, points: number): VegaLiteSpec {
  const values = story.devices.flatMap(({ label, samples }) => {
    const series = (measure: string, share: (sample: (typeof samples)[number]) => number) =>
      thinLine(
        samples.map(sample => [sample.t, share(sample)] as const),
        points,
      ).map(([t, value]) => ({ t, value: round(value), series: `${label} ${measure}` }))
    return [
      ...series("used", sample => sample.util),
      ...series("memory", sample => sample.mem / sample.memMax),
    ]
  })
  return {
    width: plotWidth,
    height: 70,
    data: { values },
    mark: { type: "line", strokeWidth: 1.5, clip: true },
    encoding: {
      x: time(story, !story.shards),
      y: {
        field: "value",
        type: "quantitative",
        title: "Devices",
        scale: { domain: [0, 1] },
        axis: { format: "%", tickCount: 3 },
      },
      color: {
        field: "series",
        type: "nominal",
        title: null,
        scale: { range: [colours.blue, colours.green] },
      },
      strokeDash: { field: "series", type: "nominal", title: null },
    },
  }
}

function trainingView(story: Story, points: number): VegaLiteSpec {
  const { steps, ends } = story.training!
  const curve: Point[] = (steps.length > 1 ? steps : ends).map(({ t, loss }) => [t, loss])
  const values = thinLine(curve, points).map(([t, loss]) => ({ t, loss: round(loss) }))
  const validation = ends.flatMap(({ t, val }) => (val === undefined ? [] : [{ t, loss: round(val) }]))
  const y = { field: "loss", type: "quantitative", title: "Loss" }
  const x = time(story, !story.shards && story.devices.length === 0)
  return {
    width: plotWidth,
    height: 80,
    layer: [
      { data: { values }, mark: { type: "line", color: colours.blue, strokeWidth: 1.5 }, encoding: { x, y } },
      {
        data: { values: ends.slice(0, points).map(({ t }) => ({ t })) },
        mark: { type: "rule", color: "#BDBDBD", strokeDash: [2, 2] },
        encoding: { x },
      },
      {
        data: { values: validation.slice(-points) },
        mark: { type: "point", color: colours.green },
        encoding: { x, y },
      },
    ],
  }
}

function policyView(story: Story, points: number): VegaLiteSpec {
  const { counts, decisions } = story.pool!
  const last = counts.at(-1)
  const held = last ? [...counts, { ...last, t: story.end }] : counts
  const values = held.slice(-points).map(({ t, desired, actual }) => ({ t, desired, actual }))
  const marks = decisions
    .filter(({ from, to }) => from !== to)
    .slice(-Math.floor(points / 4))
    .map(({ t, from, to, reason }) => ({ t, to, change: `${from} → ${to}`, reason: reason.slice(0, 160) }))
  const x = time(story, false)
  const y = (field: string) => ({ field, type: "quantitative", title: "Workers" })
  return {
    width: plotWidth,
    height: 90,
    description: `workers ${sizesOf(story.pool!).join(", ")}`,
    layer: [
      {
        data: { values },
        mark: { type: "area", interpolate: "step-after", color: colours.green, opacity: 0.24 },
        encoding: { x, y: y("actual") },
      },
      {
        data: { values },
        mark: { type: "line", interpolate: "step-after", color: colours.blue, strokeWidth: 2 },
        encoding: { x, y: y("desired") },
      },
      {
        data: { values: marks },
        mark: { type: "point", shape: "triangle", filled: true, size: 60, color: colours.text },
        encoding: { x, y: y("to"), tooltip: [{ field: "change" }, { field: "reason" }] },
      },
    ],
  }
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}
