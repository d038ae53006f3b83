// Coasts and borders from GeoJSON or TopoJSON as plain paths of degrees, for a map without a projection. Reads only
// coordinates; names and properties are dropped. https://datatracker.ietf.org/doc/html/rfc7946, topojson-specification.

import { fail } from "../../errors.js"

export type Position = readonly [longitude: number, latitude: number]
export type Path = readonly Position[]

export interface Bounds {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

interface Topology {
  readonly type: "Topology"
  readonly arcs: readonly (readonly Position[])[]
  readonly transform?: { readonly scale: Position; readonly translate: Position }
}

export function outlinePaths(outline: object): Path[] {
  const paths = isTopology(outline)
    ? outline.arcs.map(arc => decoded(arc, outline.transform))
    : linesOf(outline)
  if (paths.length > 0) return paths
  const fix = "Give GeoJSON or TopoJSON, as JSON.parse of vega-datasets' world-110m.json."
  throw fail("BAD_VALUE", { where: "plot.map", name: "outline", value: "an object without lines", fix })
}

function isTopology(outline: object): outline is Topology {
  return "type" in outline && outline.type === "Topology" && "arcs" in outline && Array.isArray(outline.arcs)
}

/** A quantised arc holds differences: each position is a step from the one before. */
function decoded(arc: readonly Position[], transform: Topology["transform"]): Path {
  if (transform === undefined) return arc
  const [scale, translate] = [transform.scale, transform.translate]
  let [x, y] = [0, 0]
  return arc.map(([dx, dy]) => {
    x += dx
    y += dy
    return [x * scale[0] + translate[0], y * scale[1] + translate[1]] as const
  })
}

/** Every array of positions, however deep in features, polygons and collections. */
function linesOf(part: unknown): Path[] {
  if (isPath(part)) return [part]
  if (Array.isArray(part)) return part.flatMap(linesOf)
  if (typeof part !== "object" || part === null) return []
  return Object.entries(part)
    .filter(([name]) => ["features", "geometry", "geometries", "coordinates"].includes(name))
    .flatMap(([, value]) => linesOf(value))
}

function isPath(part: unknown): part is Path {
  return (
    Array.isArray(part) &&
    part.length > 1 &&
    part.every(position => Array.isArray(position) && typeof position[0] === "number")
  )
}

/** What can be seen of the paths: pieces whose neighbours are inside too, so that lines run to the edge. */
export function within(paths: readonly Path[], { west, east, south, north }: Bounds): Path[] {
  const inside = ([x, y]: Position) => x >= west && x <= east && y >= south && y <= north
  return paths.flatMap(path => {
    const pieces: Position[][] = []
    let open: Position[] | undefined
    path.forEach((position, i) => {
      const near = [path[i - 1], position, path[i + 1]].some(p => p !== undefined && inside(p))
      if (!near) open = undefined
      else if (open !== undefined) open.push(position)
      else {
        open = [position]
        pieces.push(open)
      }
    })
    return pieces
  })
}
