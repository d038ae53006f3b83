// Where the weights of a model lie on a mesh, and with each weight what its optimizer keeps of it. Pure bookkeeping: names,
// shapes and shardings, no memory.

import { type CutAxes, type MeshAxes, Sharding } from "../../device/sharding.js"
import { variablesOf } from "../checkpoint/trainState.js"
import type { Tf } from "../tf.js"

type Variable = import("@tensorflow/tfjs").Variable
type LayersModel = import("@tensorflow/tfjs").LayersModel

/** The parts of a model that has variables on a mesh. */
export interface PlacedModel {
  readonly layers: LayersModel["layers"]
  readonly optimizer_?: object
}

export interface PlaceOptions {
  /** ZeRO-1: what the optimizer keeps of each weight is cut over `data`. */
  readonly shardOptimizer: boolean
  /** Cuts of weights by the weight's name. */
  readonly cuts: ReadonlyMap<string, CutAxes>
}

/** The variables that do not lie whole on each device. */
export function placesOf(
  tf: Tf,
  model: PlacedModel,
  axes: MeshAxes,
  options: PlaceOptions,
): [Variable, Sharding][] {
  const places: [Variable, Sharding][] = []
  const put = (variable: Variable, cut: CutAxes) => {
    const sharding = new Sharding(axes, cut)
    if (!sharding.isReplicated && sharding.fits(variable.shape)) places.push([variable, sharding])
  }
  for (const [name, cut] of options.cuts) {
    const variable = tf.engine().registeredVariables[name]
    if (variable !== undefined) put(variable, cut)
  }
  const kept = model.optimizer_ === undefined ? [] : variablesOf(tf, model.optimizer_ as never)
  for (const [name, variable] of kept) {
    if (variable.isDisposed) continue
    // Averages of weights change places with them, so they lie as those do.
    if (name.startsWith("averages/")) {
      put(variable, options.cuts.get(name.split("/").slice(2).join("/")) ?? [])
      continue
    }
    const cut = options.cuts.get(weightOf(name)) ?? []
    put(variable, options.shardOptimizer ? withData(variable.shape, cut, axes) : cut)
  }
  return places
}

/** `accumulatedFirstMoment/3/dense_Dense1/kernel/m` belongs to `dense_Dense1/kernel`. */
function weightOf(slot: string): string {
  return slot.split("/").slice(2, -1).join("/")
}

/** The cut of a weight, and over `data` along the first axis that is free and divides. */
function withData(shape: readonly number[], cut: CutAxes, axes: MeshAxes): CutAxes {
  const data = axes.data ?? 1
  const axis = shape.findIndex((size, i) => (cut[i] ?? null) === null && size % data === 0)
  return axis < 0 ? cut : shape.map((_, i) => (i === axis ? "data" : (cut[i] ?? null)))
}
