// Which weights of a model are cut along the `model` axis of a mesh, from how its layers follow each other. A dense layer on a
// whole input gives its columns to the devices, and so each has a part of the result; one on such a part takes rows, and XLA
// sums the products up. An embedding gives each device some of its rows. So of two dense layers, whatever without weights stands between them (an activation, attention over
// heads), only the second one's result crosses devices (Shoeybi and others 2019). A cut is about where memory and work lie:
// results are the same for any.

import type { CutAxes } from "../../device/sharding.js"

type Layer = import("@tensorflow/tfjs").layers.Layer
type Variable = import("@tensorflow/tfjs").Variable

/** How a layer's kernel is cut: by what it gives, by what it takes, or not at all. */
export const layerCuts = ["columns", "rows", "whole"] as const
export type LayerCut = (typeof layerCuts)[number]

/** What is read of tfjs's layers. */
interface WiredLayer {
  readonly weights: readonly { read(): Variable }[]
  readonly inboundNodes: readonly { readonly inputTensors: object[]; readonly outputTensors: object[] }[]
  getClassName(): string
}

/** Cuts by the name of the weight. `wishes` go before the rule. */
export function weightCuts(
  layers: readonly Layer[],
  devices: number,
  wishes: ReadonlyMap<Layer, LayerCut>,
): Map<string, CutAxes> {
  const cuts = new Map<string, CutAxes>()
  /** Values of which each device has a part of the last axis. */
  const parted = new Set<object>()
  for (const layer of layers) {
    const { inboundNodes, weights } = layer as unknown as WiredLayer
    const takesParts = inboundNodes.some(node => node.inputTensors.some(input => parted.has(input)))
    const cut = wishes.get(layer) ?? ruleFor(layer, takesParts)
    const variables = weights.map(weight => weight.read())
    const axes = cutsOf(variables, cut, devices)
    for (const [i, axis] of axes.entries()) if (axis.length > 0) cuts.set(variables[i]!.name, axis)
    const passesOn = weights.length === 0 && takesParts
    const parts = passesOn || (cut === "columns" && axes.some(axis => axis.length > 0))
    if (parts) for (const node of inboundNodes) for (const output of node.outputTensors) parted.add(output)
  }
  return cuts
}

function ruleFor(layer: Layer, takesParts: boolean): LayerCut {
  const kind = (layer as unknown as WiredLayer).getClassName()
  if (kind === "Embedding") return "rows"
  if (kind !== "Dense") return "whole"
  return takesParts ? "rows" : "columns"
}

/** A kernel's first axis is what goes in, its last what comes out; a bias is as long as what comes out. */
function cutsOf(variables: readonly Variable[], cut: LayerCut, devices: number): CutAxes[] {
  const [kernel] = variables
  const axis = kernel === undefined || cut === "whole" ? -1 : cut === "rows" ? 0 : kernel.shape.length - 1
  if (axis < 0 || kernel!.shape.length < 2 || kernel!.shape[axis]! % devices !== 0)
    return variables.map(() => [])
  return variables.map(({ shape }, i) => {
    if (i === 0) return shape.map((_, at) => (at === axis ? "model" : null))
    return cut === "columns" && shape.length === 1 && shape[0]! % devices === 0 ? ["model"] : []
  })
}
