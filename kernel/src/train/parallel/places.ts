// Where the weights of a model lie on a mesh, and with each weight what its optimizer keeps of it. Pure bookkeeping: names,
// shapes and shardings, no memory.

import { type CutAxes, type MeshAxes, Sharding } from "../../device/sharding.js"
import { variablesOf } from "../checkpoint/trainState.js"
import type { Tf } from "../tf.js"

type Variable = import("@tensorflow/tfjs").Variable
type LayersModel = import("@tensorflow/tfjs").LayersModel

/** The parts of a model that has variables on a mesh. */
export interface PlacedModel {
  /** None for a step of the user's own. */
  readonly layers?: LayersModel["layers"]
  readonly optimizer_?: object
}

export interface PlaceOptions {
  /** ZeRO-1: what the optimizer keeps of each weight that is whole is cut over `data`. */
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
    const cut = options.cuts.get(weightOf(name))
    // Not along both axes: XLA's partitioner (2026-06) crashes on such an update.
    put(variable, cut ?? (options.shardOptimizer ? alongData(variable.shape, axes) : []))
  }
  return places
}

/** `accumulatedFirstMoment/3/dense_Dense1/kernel/m` belongs to `dense_Dense1/kernel`. */
function weightOf(slot: string): string {
  return slot.split("/").slice(2, -1).join("/")
}

/** Along the first axis that divides by the `data` devices. */
function alongData(shape: readonly number[], axes: MeshAxes): CutAxes {
  const axis = shape.findIndex(size => size % (axes.data ?? 1) === 0)
  return axis < 0 ? [] : shape.map((_, i) => (i === axis ? "data" : null))
}
