// How a tensor lies on the devices of a mesh: which of its axes are cut, along which axis of the mesh, and so which part of
// it each device holds. Axes of the mesh that cut nothing hold copies. Pure: no device, no data.

/** Axes of a mesh by name, the last one next to each other: `{ data: 2, model: 2 }` is devices 0 1 and 2 3. */
export type MeshAxes = Readonly<Record<string, number>>

/** For each axis of a tensor, the mesh axis that cuts it, or null. */
export type CutAxes = readonly (string | null)[]

export class Sharding {
  /** Parts along each axis of the tensor; 1 beyond the end of the list. */
  readonly tiles: readonly number[]
  readonly isReplicated: boolean
  /** Equal for shardings that lay any tensor out alike. */
  readonly key: string

  /** Axes of size 1 cut nothing, so that one sharding serves a mesh and a smaller one. */
  constructor(
    readonly mesh: MeshAxes,
    cut: CutAxes = [],
  ) {
    const used = cut.map(name => (name !== null && (mesh[name] ?? 1) > 1 ? name : null))
    this.axes = used
    this.tiles = used.map(name => (name === null ? 1 : mesh[name]!))
    this.isReplicated = used.every(name => name === null)
    this.key = this.text(used.findLastIndex(name => name !== null) + 1)
  }

  /** As XLA spells it for a tensor of so many axes: `{devices=[2,1]<=[2]}`. */
  text(rank: number): string {
    if (this.isReplicated) return "{replicated}"
    const ones = new Array<number>(Math.max(rank - this.tiles.length, 0)).fill(1)
    return tiled(this.mesh, this.axes.slice(0, rank), [...this.tiles.slice(0, rank), ...ones])
  }

  readonly axes: CutAxes

  /** Which part the device has along each axis of the tensor. */
  partOf(device: number): readonly number[] {
    const place = placeOf(this.mesh, device)
    return this.axes.map(name => (name === null ? 0 : place[name]!))
  }

  /** True when every cut gives equal parts of this shape: what memory of a program has to be. */
  fits(shape: readonly number[]): boolean {
    return this.tiles.length <= shape.length && this.tiles.every((parts, axis) => shape[axis]! % parts === 0)
  }

  partShape(shape: readonly number[]): number[] {
    return shape.map((size, axis) => size / (this.tiles[axis] ?? 1))
  }

  wholeShape(part: readonly number[]): number[] {
    return part.map((size, axis) => size * (this.tiles[axis] ?? 1))
  }
}

/** `data 2 x model 2` */
export function meshText(mesh: MeshAxes): string {
  return Object.entries(mesh)
    .map(([name, size]) => `${name} ${size}`)
    .join(" x ")
}

export function deviceCount(mesh: MeshAxes): number {
  return Object.values(mesh).reduce((count, size) => count * size, 1)
}

/** Where a device stands on each axis of the mesh. */
function placeOf(mesh: MeshAxes, device: number): Record<string, number> {
  const place: Record<string, number> = {}
  let rest = device
  for (const [name, size] of Object.entries(mesh).reverse()) {
    place[name] = rest % size
    rest = Math.floor(rest / size)
  }
  return place
}

/** Parts in the order of the tensor's axes, then the copies: XLA's iota form, mesh axes transposed into that order. */
function tiled(mesh: MeshAxes, axes: CutAxes, tiles: readonly number[]): string {
  const names = Object.keys(mesh)
  const cutting = axes.filter(name => name !== null)
  const copying = names.filter(name => !cutting.includes(name))
  const copies = copying.reduce((count, name) => count * mesh[name]!, 1)
  const order = [...cutting, ...copying].map(name => names.indexOf(name))
  const shape = copies === 1 ? tiles : [...tiles, copies]
  const inOrder = order.every((axis, i) => axis === i)
  const source = inOrder ? `[${deviceCount(mesh)}]` : `[${Object.values(mesh)}]T(${order})`
  return `{devices=[${shape}]<=${source}${copies === 1 ? "" : " last_tile_dim_replicate"}}`
}
