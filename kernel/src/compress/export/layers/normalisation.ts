// Normalisations with learnt numbers, and rescaling.

import { type LayerRow, row } from "../LayerCall.js"
import type { Weight } from "../Weight.js"
import { foldedWeight } from "./dense.js"

interface NormConfig {
  readonly axis: number | readonly number[]
  readonly epsilon: number
  readonly scale: boolean
  readonly center: boolean
}

const batchNorm = row<NormConfig>(call => {
  const { config, weights, input } = call
  if (!isLastAxis(config.axis, input.shape.length))
    throw call.refuse("it does not run along the last axis", "Normalise the channels, which tfjs keeps last.")
  const given = [...weights]
  const size = weights.at(-1)!.shape
  const gamma = config.scale ? given.shift()! : filled(size, 1)
  const beta = config.center ? given.shift()! : filled(size, 0)
  const [mean, variance] = given
  const names = ["gamma", "beta", "mean", "variance"]
  const vectors = [gamma, beta, mean!, variance!].map((weight, i) => foldedWeight(call, names[i]!, weight))
  // A row of numbers has its channels right after the batch already, folded or not.
  const x = call.first
  const attributes = { epsilon: { float: config.epsilon } }
  return call.node("BatchNormalization", [x, ...vectors], { layout: x.layout, attributes })
})

const layerNorm = row<NormConfig>(call => {
  const { config, weights, input } = call
  if (!isLastAxis(config.axis, input.shape.length))
    throw call.refuse("it does not run along the last axis alone", "Give it `axis: -1`.")
  const given = [...weights]
  const size = [input.shape.at(-1)!]
  const gamma = config.scale ? given.shift()! : filled(size, 1)
  const beta = config.center ? given.shift()! : filled(size, 0)
  const attributes = { axis: { int: -1 }, epsilon: { float: config.epsilon } }
  const inputs = [call.last, call.weight("gamma", gamma), call.weight("beta", beta)]
  return call.node("LayerNormalization", inputs, { layout: "last", attributes })
})

const rescaling = row<{ scale: number; offset: number }>(call => {
  const { scale, offset } = call.config
  const { layout } = call.input
  const scaled = call.node("Mul", [call.input, call.scalar("scale", scale)], { part: "scaled", layout })
  return call.node("Add", [scaled, call.scalar("offset", offset)], { layout })
})

function isLastAxis(axis: number | readonly number[], last: number): boolean {
  const axes = [axis].flat()
  return axes.length === 1 && (axes[0] === -1 || axes[0] === last)
}

function filled(shape: readonly number[], value: number): Weight {
  const size = shape.reduce((product, length) => product * length, 1)
  return { shape, data: new Float32Array(size).fill(value) }
}

export const normalisationRows: Readonly<Record<string, LayerRow>> = {
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  Rescaling: rescaling,
}
