// `withHead`: a trained network without its last layers, and new ones for another task in their place.

import { checkOptions, fail } from "../../errors.js"
import { loadTf, type Tf } from "../tf.js"
import { freeze } from "./freeze.js"
import { layerNamed, outputIn } from "./graph.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Layer = import("@tensorflow/tfjs").layers.Layer
type SymbolicTensor = import("@tensorflow/tfjs").SymbolicTensor

export interface HeadOptions {
  /** Classes to tell apart: the head ends in a softmax over them. */
  readonly classes?: number
  /** Numbers to predict, without a softmax: for regression. */
  readonly outputs?: number
  /** The layer whose output the head takes. Default: what the last dense layer of the network takes. */
  readonly cut?: string | Layer
  /** Units of a dense ReLU layer before the last one. Default: none. */
  readonly hidden?: number
  /** Share of the features that a step drops. Default 0. */
  readonly dropout?: number
  /** Default true: only the head learns, until `unfreeze`. */
  readonly freeze?: boolean
  /** Of the new weights. Default 0. */
  readonly seed?: number
}

const known = ["classes", "outputs", "cut", "hidden", "dropout", "freeze", "seed"]

/**
 * A new model: `base` up to a layer, the mean over places where that gives an image or a sequence, and a head that begins
 * to learn. The layers are those of `base`, so both models share their weights. `model.layers.at(-1)` is named `head`.
 *
 * @throws BAD_VALUE for a layer that is not there, with the nearest name.
 * @example const model = withHead(await loadModel("base.onnx"), { classes: 10 })
 */
export function withHead(base: LayersModel, options: HeadOptions): LayersModel {
  checkOptions("withHead", options, known)
  const { classes, outputs, dropout = 0, hidden, seed = 0 } = options
  const units = classes ?? outputs
  if (units === undefined || !Number.isSafeInteger(units) || units < 1 || classes === 1) {
    const fix = "Give `classes` from 2 on, or `outputs` for numbers: withHead(base, { classes: 10 })."
    throw fail("BAD_VALUE", {
      where: "withHead",
      name: outputs === undefined ? "classes" : "outputs",
      value: units ?? "missing",
      fix,
    })
  }
  const tf = loadTf()
  const from =
    options.cut === undefined
      ? featuresOf(base)
      : outputIn(base, layerNamed(base, options.cut, "withHead", "cut"))
  const body = tf.model({ inputs: base.inputs, outputs: from })
  if (options.freeze ?? true) freeze(body)
  let x = pooled(tf, from)
  const dense = (size: number, name: string, activation: "relu" | "softmax" | "linear", at: number) =>
    tf.layers.dense({
      units: size,
      activation,
      name,
      kernelInitializer: tf.initializers.glorotUniform({ seed: seed + at }),
    })
  if (hidden !== undefined) x = dense(hidden, "head_hidden", "relu", 1).apply(x) as SymbolicTensor
  if (dropout > 0)
    x = tf.layers.dropout({ rate: dropout, seed, name: "head_dropout" }).apply(x) as SymbolicTensor
  const last = dense(units, "head", classes === undefined ? "linear" : "softmax", 2)
  return tf.model({ inputs: base.inputs, outputs: last.apply(x) as SymbolicTensor })
}

/** What the last dense layer of the way to the output takes. */
function featuresOf(base: LayersModel): SymbolicTensor {
  let at = base.outputs[0]!
  while (at.sourceLayer.getClassName() !== "Dense") {
    const [before, ...others] = at.inputs
    const weightless = at.sourceLayer.weights.length === 0
    if (before === undefined || others.length > 0 || !weightless) return base.outputs[0]!
    at = before
  }
  return at.inputs[0]!
}

function pooled(tf: Tf, x: SymbolicTensor): SymbolicTensor {
  const { layers } = tf
  if (x.shape.length === 4)
    return layers.globalAveragePooling2d({ name: "head_pool" } as never).apply(x) as SymbolicTensor
  if (x.shape.length === 3)
    return layers.globalAveragePooling1d({ name: "head_pool" }).apply(x) as SymbolicTensor
  return x
}
