// A map of counts: the engine puts longitude and latitude into a grid of equal degrees, and each cell is as bright as it
// has rows. Degrees are drawn as they are (equirectangular, true to scale in the middle of the picture). No tiles and no
// download: an outline is drawn only when one is given.

import type { NumericType, SchemaShape } from "../../types.js"
import { binnedAxis, finiteNumber } from "../Axis.js"
import type { Drawing } from "../Chart.js"
import type { ChartKind } from "../ChartKind.js"
import { cells } from "../cells.js"
import { type MeasureName, measure, shadeChannel } from "../Measure.js"
import { edge, plain, roundBins } from "../numbers.js"
import { type ChartOptions, checkCount, checkNumeric, type NameOf, type NumericName } from "../options.js"
import { type Bounds, outlinePaths, type Path, within } from "../outline.js"
import { field, type Query } from "../Query.js"

export interface MapOptions<S extends SchemaShape> extends ChartOptions {
  /** In degrees, -180 to 180. */
  readonly longitude: NameOf<S, NumericType>
  /** In degrees, -90 to 90. */
  readonly latitude: NameOf<S, NumericType>
  /** Left out: the number of rows. */
  readonly value?: NumericName<S>
  /** Of the rows of a cell; default `mean`. */
  readonly aggregate?: MeasureName
  /** Most cells along the longer side; default 80. */
  readonly bins?: number
  /** Coasts or borders: GeoJSON or TopoJSON, as `world-110m.json` of the npm package vega-datasets. */
  readonly outline?: object
}

export const map: ChartKind<MapOptions<SchemaShape>> = {
  options: ["longitude", "latitude", "value", "aggregate", "bins", "outline"],
  prepare(query, { longitude, latitude, value, aggregate, bins = 80, outline }) {
    checkNumeric(query, "longitude", longitude)
    checkNumeric(query, "latitude", latitude)
    if (value !== undefined) checkNumeric(query, "value", value)
    checkCount("plot.map", "bins", bins, 360)
    const shown = measure("plot.map", value, aggregate)
    const paths = outline === undefined ? [] : outlinePaths(outline)
    return async () => {
      const placed = onEarth(query, longitude, latitude)
      const grid = await gridOf(placed, longitude, latitude, bins)
      const across = binnedAxis(placed, "x", longitude, grid.across)
      const up = binnedAxis(placed, "y", latitude, grid.up)
      const values = await cells(placed, across, up, shown)
      const described = shown.described(values)
      const area = {
        mark: { type: "rect" },
        encoding: {
          x: { ...across.channel, ...degrees(longitude, grid.west, grid.east) },
          x2: across.end,
          y: { ...up.channel, ...degrees(latitude, grid.south, grid.north) },
          y2: up.end,
          color: shadeChannel(described),
          tooltip: [...across.tooltip, ...up.tooltip, ...described.tooltip],
        },
      }
      const layer = paths.length === 0 ? [area] : [area, outlineLayer(paths, grid, longitude, latitude)]
      return { values, view: { layer }, notes: await elsewhere(query, placed), ...size(grid) }
    }
  },
}

function onEarth(query: Query, longitude: string, latitude: string): Query {
  return query
    .filter(finiteNumber(longitude, query.type(longitude)).and(finiteNumber(latitude, query.type(latitude))))
    .filter(field(longitude).between(-180, 180).and(field(latitude).between(-90, 90)))
}

async function elsewhere(query: Query, placed: Query): Promise<string[]> {
  const missing = (await query.count()) - (await placed.count())
  return missing === 0 ? [] : [`${plain(missing)} rows without a place on earth are left out`]
}

/** Square cells over what there is. */
async function gridOf(query: Query, longitude: string, latitude: string, bins: number) {
  const [x, y] = [field(longitude).cast("float64"), field(latitude).cast("float64")]
  const ends = { west: x.min(), east: x.max(), south: y.min(), north: y.max() }
  const found = await query.group({}, ends).row()
  const [west, east, south, north] = [found.west, found.east, found.south, found.north].map(Number)
  const square = roundBins(0, Math.max(east! - west!, north! - south!), bins, false).step
  const side = (low: number, high: number) => {
    const first = Math.floor(low / square)
    return { low: first * square, step: square, count: Math.floor(high / square) - first + 1 }
  }
  const [across, up] = [side(west!, east!), side(south!, north!)]
  return {
    across,
    up,
    west: edge(across, 0),
    east: edge(across, across.count),
    south: edge(up, 0),
    north: edge(up, up.count),
  }
}

function degrees(title: string, low: number, high: number) {
  const axis = { grid: false, labelExpr: "datum.label + '°'" }
  return { title, scale: { domain: [low, high], nice: false, zero: false }, axis }
}

/** A degree of longitude is shorter away from the equator: the picture is true in its middle. */
function size({ west, east, south, north }: Bounds): Pick<Drawing, "width" | "height"> {
  const width = 560
  const middle = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const height = (width * (north - south)) / ((east - west) * Math.max(middle, 0.2))
  return { width, height: Math.round(Math.min(560, Math.max(160, height))) }
}

function outlineLayer(paths: readonly Path[], bounds: Bounds, longitude: string, latitude: string) {
  const values = within(paths, bounds).flatMap((path, line) =>
    path.map(([x, y], order) => ({ x: short(x), y: short(y), line, order })),
  )
  return {
    data: { values },
    mark: { type: "line", clip: true, color: "#8c8c8c", strokeWidth: 0.8, tooltip: false },
    encoding: {
      x: { field: "x", type: "quantitative", title: longitude },
      y: { field: "y", type: "quantitative", title: latitude },
      detail: { field: "line" },
      order: { field: "order" },
    },
  }
}

function short(degrees: number): number {
  return Math.round(degrees * 100) / 100
}
