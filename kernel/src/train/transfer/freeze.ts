// `freeze`: layers that keep what they know. They are not trained, and they act as when predicting: batch normalisation takes
// its running statistics and leaves them alone, dropout drops nothing. So what they give depends on the row only.

import { checkOptions } from "../../errors.js"
import { layerNamed, upTo } from "./graph.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Layer = import("@tensorflow/tfjs").layers.Layer
type CallArguments = Parameters<Layer["call"]>

export interface FreezeOptions {
  /** The last layer to freeze, with all that come before it. Default: every layer. */
  readonly until?: string | Layer
}

const frozen = new WeakSet<Layer>()
const watched = new WeakSet<Layer>()

/**
 * Freezes the layers of `model` up to `until`, itself included, and gives the model back. The rest trains as before; an
 * optimizer that has made steps begins anew, since its memory belongs to other weights.
 *
 * @throws BAD_VALUE for a layer that is not there, with the nearest name.
 * @example freeze(model, { until: "block4/add" })
 */
export function freeze<M extends LayersModel>(model: M, options: FreezeOptions = {}): M {
  checkOptions("freeze", options, ["until"])
  const { until } = options
  const last = until === undefined ? undefined : layerNamed(model, until, "freeze", "until")
  for (const layer of last === undefined ? model.layers : upTo(model, last)) freezeLayer(layer)
  renewCompiled(model)
  return model
}

/**
 * Lets every layer of `model` learn again.
 * @example unfreeze(model)
 */
export function unfreeze<M extends LayersModel>(model: M): M {
  for (const layer of model.layers) {
    layer.trainable = true
    frozen.delete(layer)
  }
  renewCompiled(model)
  return model
}

export function isFrozen(layer: Layer): boolean {
  return frozen.has(layer) || (!layer.trainable && !hasModes(layer))
}

/** What acts otherwise while training, when nobody froze it here. */
function hasModes(layer: Layer): boolean {
  return /BatchNorm|Dropout|Noise/.test(layer.getClassName())
}

function freezeLayer(layer: Layer): void {
  layer.trainable = false
  frozen.add(layer)
  if (watched.has(layer)) return
  watched.add(layer)
  const call = layer.call.bind(layer)
  layer.call = (inputs: CallArguments[0], kwargs: CallArguments[1]) =>
    call(inputs, frozen.has(layer) ? { ...kwargs, training: false } : kwargs)
}

interface Compiled {
  readonly optimizer_?: CompiledOptimizer
  readonly loss: never
  readonly metrics: never
  readonly collectedTrainableWeights?: readonly unknown[]
}
interface CompiledOptimizer {
  readonly iterations_?: number
  getConfig(): object
}

/** A compiled model keeps a list of what it trains, and its optimizer a memory of each: both are made anew. */
function renewCompiled(model: LayersModel): void {
  const inner = ((model as { model?: LayersModel }).model ?? model) as unknown as Compiled
  const { optimizer_: optimizer, loss, metrics, collectedTrainableWeights: before = [] } = inner
  if (optimizer === undefined || optimizer === null) return
  const now = model.trainableWeights
  if (now.length === before.length && now.every((weight, i) => weight === before[i])) return
  const kind = optimizer.constructor as unknown as { fromConfig(kind: unknown, config: object): never }
  model.compile({ optimizer: kind.fromConfig(kind, optimizer.getConfig()), loss, metrics })
}
