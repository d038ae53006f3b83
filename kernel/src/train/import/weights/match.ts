// Which tensors of a file are which weights of a model: as the map says, then by name, then by shapes, where only one way is
// left. Never by order: files keep none.

import { converted, torchKinds, type Wanted } from "./conventions.js"
import type { Stored } from "./stored.js"

type Layer = import("@tensorflow/tfjs").layers.Layer

/** By the model's weight (`conv1/kernel`) or layer (`conv1`): the name of the tensor or module in the file. */
export type WeightMap = Readonly<Record<string, string>>

export interface Match {
  readonly wanted: Wanted
  readonly stored: Stored
  readonly values: () => Float32Array
}
export interface Miss {
  readonly wanted: Wanted
  readonly reason: string
}
export interface Matched {
  readonly matches: readonly Match[]
  readonly misses: readonly Miss[]
}

type Module = readonly Stored[]

export function matchWeights(wanted: readonly Wanted[], stored: readonly Stored[], map: WeightMap): Matched {
  const [matches, misses]: [Match[], Miss[]] = [[], []]
  const taken = new Set<Stored>()
  const take = (one: Wanted, from: Stored, values: () => Float32Array) => {
    matches.push({ wanted: one, stored: from, values })
    taken.add(from)
  }
  const open: Wanted[] = []
  for (const one of wanted) {
    const named = namedBy(map, one, stored)
    if (named === undefined) open.push(one)
    else if (typeof named === "string") misses.push({ wanted: one, reason: named })
    else {
      const values = converted(one, named, true)
      if (values === undefined) misses.push({ wanted: one, reason: shapeReason(named) })
      else take(one, named, values)
    }
  }
  const layers = grouped(open, one => one.layer)
  const modules = grouped(
    stored.filter(one => !taken.has(one)),
    one => one.module,
  )
  for (const [layer, module] of pairs(layers, modules)) {
    for (const one of layers.get(layer)!) {
      const [from, values] = sourceOf(one, modules.get(module)!)!
      take(one, from, values)
    }
    layers.delete(layer)
    modules.delete(module)
  }
  for (const [layer, ones] of layers) misses.push(...missesOf(layer, ones, modules))
  return { matches, misses }
}

function namedBy(
  map: WeightMap,
  { name, layer, kind }: Wanted,
  stored: readonly Stored[],
): Stored | string | undefined {
  const own = map[name]
  if (own !== undefined)
    return stored.find(one => one.name === own) ?? `\`map\` says ${own}, which is not in the file`
  const module = map[layer.name]
  if (module === undefined) return undefined
  const inModule = stored.filter(one => one.module === module)
  return (
    inModule.find(one => sameKind(one, kind)) ?? `\`map\` says ${module}, which has no ${kind} in the file`
  )
}

const sameKind = (stored: Stored, kind: string) => stored.kind === kind || stored.kind === torchKinds[kind]

const shapeReason = ({ name, shape }: Stored) => `${name} is [${shape.join(", ")}]`

/** Layers with the modules that are theirs. */
function* pairs(layers: Map<Layer, Wanted[]>, modules: Map<string, Module>): Generator<[Layer, string]> {
  const left = new Map(layers)
  const free = new Map(modules)
  const fitting = (layer: Layer) =>
    [...free].flatMap(([name, module]) => (fits(left.get(layer)!, module) ? [name] : []))
  const settle = function* (choose: (layer: Layer) => string | undefined): Generator<[Layer, string]> {
    for (let found = true; found; ) {
      found = false
      for (const layer of [...left.keys()]) {
        const module = choose(layer)
        if (module === undefined) continue
        left.delete(layer)
        free.delete(module)
        found = true
        yield [layer, module]
      }
    }
  }
  yield* settle(layer => fitting(layer).find(module => plain(module) === plain(layer.name)))
  yield* settle(layer => byPart(layer.name, fitting(layer)))
  yield* settle(layer => {
    const [one, ...others] = fitting(layer)
    if (one === undefined || others.length > 0) return undefined
    const rivals = [...left.keys()].filter(other => fits(left.get(other)!, free.get(one)!))
    return rivals.length === 1 ? one : undefined
  })
}

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "")

/** The longest of those that are part of the name, or have it as a part; undefined where two are as long. */
function byPart(name: string, modules: readonly string[]): string | undefined {
  const own = plain(name)
  const parts = modules
    .filter(module => plain(module) !== "" && (own.includes(plain(module)) || plain(module).includes(own)))
    .sort((a, b) => Math.min(plain(b).length, own.length) - Math.min(plain(a).length, own.length))
  const [first, second] = parts
  const length = (module: string) => Math.min(plain(module).length, own.length)
  return second !== undefined && length(second) === length(first!) ? undefined : first
}

function fits(wanted: readonly Wanted[], module: Module): boolean {
  return wanted.every(one => sourceOf(one, module) !== undefined)
}

function sourceOf(wanted: Wanted, module: Module): [Stored, () => Float32Array] | undefined {
  for (const stored of module) {
    const values = converted(wanted, stored)
    if (values !== undefined) return [stored, values]
  }
  return undefined
}

/** Why the weights of a layer found no place: other shapes, nothing, or too much. */
function missesOf(layer: Layer, wanted: readonly Wanted[], modules: ReadonlyMap<string, Module>): Miss[] {
  const fitting = [...modules].filter(([, module]) => fits(wanted, module)).map(([name]) => name)
  const named =
    [...modules.keys()].find(name => plain(name) === plain(layer.name)) ??
    byPart(layer.name, [...modules.keys()])
  return wanted.map(one => {
    if (fitting.length > 0)
      return {
        wanted: one,
        reason: `fits ${fitting.slice(0, 4).join(", ")}${fitting.length > 4 ? " ..." : ""}: which?`,
      }
    const other =
      named === undefined ? undefined : modules.get(named)!.find(stored => sameKind(stored, one.kind))
    return { wanted: one, reason: other === undefined ? "nothing has its shape" : shapeReason(other) }
  })
}

function grouped<T, K>(values: readonly T[], key: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value])
  return groups
}
