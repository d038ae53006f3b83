// Questions about the layers of a model that transfer learning asks: which come before one, and the model cut in two.

import { didYouMean, fail } from "../../errors.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Layer = import("@tensorflow/tfjs").layers.Layer
type SymbolicTensor = import("@tensorflow/tfjs").SymbolicTensor

/** @throws BAD_VALUE with the nearest name. */
export function layerNamed(model: LayersModel, named: string | Layer, where: string, option: string): Layer {
  const name = typeof named === "string" ? named : named.name
  const found = model.layers.find(layer => layer.name === name)
  if (found !== undefined) return found
  const names = model.layers.map(layer => layer.name)
  const shown =
    names.length > 12 ? `${names.slice(0, 6).join(", ")} ... ${names.slice(-6).join(", ")}` : names.join(", ")
  const fix = `Layers:${didYouMean(name, names)} ${shown}.`
  throw fail("BAD_VALUE", { where, name: option, value: `\`${name}\`, which is no layer of the model`, fix })
}

/** The layer and all that its output is made of. */
export function upTo(model: LayersModel, layer: Layer): ReadonlySet<Layer> {
  const own = new Set(model.layers)
  const found = new Set<Layer>()
  const pending = [layer]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next)) continue
    found.add(next)
    // A layer may be part of other models too.
    for (const { inboundLayers } of next.inboundNodes)
      pending.push(...inboundLayers.filter(one => own.has(one)))
  }
  return found
}

/** The tensor that a layer gives within this model. */
export function outputIn(model: LayersModel, layer: Layer): SymbolicTensor {
  // A Sequential does not count its input among its layers; the LayersModel inside it does.
  const own = new Set(((model as { model?: LayersModel }).model ?? model).layers)
  const node = layer.inboundNodes.find(({ inboundLayers }) => inboundLayers.every(one => own.has(one)))
  return node!.outputTensors[0]!
}
