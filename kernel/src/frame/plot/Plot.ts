// `frame.plot`: one method a chart. Aggregates run in the engine; what reaches the notebook is some hundred marks (5,000
// for `point`, which says when there were more). Wrong names and types do not compile, and fail before anything runs.

import type { Engine } from "../Engine.js"
import type { Plan } from "../nodes/plan.js"
import type { SchemaShape } from "../types.js"
import { Chart } from "./Chart.js"
import type { ChartKind } from "./ChartKind.js"
import type { BarOptions } from "./charts/bar.js"
import type { BoxOptions } from "./charts/box.js"
import type { HeatmapOptions } from "./charts/heatmap.js"
import type { HistogramOptions } from "./charts/histogram.js"
import type { LineOptions } from "./charts/line.js"
import type { MapOptions } from "./charts/map.js"
import type { PointOptions } from "./charts/point.js"
import { type ChartOptions, checkOptions } from "./options.js"
import { Query } from "./Query.js"
import { charts } from "./registry.js"

export class Plot<S extends SchemaShape> {
  readonly #query: Query

  constructor(plan: Plan, engine: Engine) {
    this.#query = new Query(plan, engine)
  }

  /** A bar a value of `x`: its rows, or the mean of `y`. `flights.plot.bar({ x: "origin", y: "delay" })` */
  bar(options: BarOptions<S>): Chart {
    return this.#chart("bar", charts.bar, options)
  }
  /** `y` along time or a number. `flights.plot.line({ x: "date", y: "delay", color: "carrier" })` */
  line(options: LineOptions<S>): Chart {
    return this.#chart("line", charts.line, options)
  }
  /** Rows as points, at most 5,000. `flights.plot.point({ x: "distance", y: "delay" })` */
  point(options: PointOptions<S>): Chart {
    return this.#chart("point", charts.point, options)
  }
  /** How often each value comes. `flights.plot.histogram({ x: "delay" })` */
  histogram(options: HistogramOptions<S>): Chart {
    return this.#chart("histogram", charts.histogram, options)
  }
  /** Quartiles and extremes of `y`, a box a value of `x`. `flights.plot.box({ x: "origin", y: "delay" })` */
  box(options: BoxOptions<S>): Chart {
    return this.#chart("box", charts.box, options)
  }
  /** A grid of counts or means. `flights.plot.heatmap({ x: "hour", y: "weekday", value: "delay" })` */
  heatmap(options: HeatmapOptions<S>): Chart {
    return this.#chart("heatmap", charts.heatmap, options)
  }
  /** Rows a cell of longitude and latitude. `airports.plot.map({ longitude: "lon", latitude: "lat" })` */
  map(options: MapOptions<S>): Chart {
    return this.#chart("map", charts.map, options)
  }

  #chart<Options extends ChartOptions>(
    kind: string,
    { options: own, prepare }: ChartKind<Options>,
    options: ChartOptions,
  ): Chart {
    checkOptions(`plot.${kind}`, options, own)
    return new Chart(kind, options, prepare(this.#query, options as Options))
  }
}
