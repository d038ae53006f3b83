// Gradients that are too large, made smaller in the graph of the step: all of them together by their norm, or each number
// by itself. Not the stop on a loss that is no number: FitRun.ts.

import { checkOptions, fail } from "../../errors.js"
import type { Tf } from "../tf.js"

type Tensor = import("@tensorflow/tfjs").Tensor

export type Clip =
  /** The norm of all gradients together is at most this; their direction stays (Pascanu and others 2013). */
  | { readonly norm: number }
  /** Each number of a gradient lies between minus this and this. */
  | { readonly value: number }

export interface NamedGradient {
  readonly name: string
  /** None where the loss does not depend on the variable. */
  readonly tensor: Tensor | null | undefined
}

/** @throws UNKNOWN_OPTION, BAD_VALUE */
export function checkClip(clip: Clip): void {
  checkOptions("train: clip", clip, ["norm", "value"])
  const given = Object.entries(clip).filter(([, limit]) => limit !== undefined)
  const fix = "Give one of them, above 0: `clip: { norm: 1 }` or `clip: { value: 0.5 }`."
  if (given.length !== 1)
    throw fail("BAD_VALUE", {
      where: "train",
      name: "clip",
      value: given.length === 0 ? "empty" : "both norm and value",
      fix,
    })
  const [[name, limit]] = given as [[string, unknown]]
  if (typeof limit !== "number" || !(limit > 0) || limit === Number.POSITIVE_INFINITY)
    throw fail("BAD_VALUE", { where: "train", name: `clip.${name}`, value: String(limit), fix })
}

/** New tensors, for whoever calls it in a tidy. */
export function clipped(tf: Tf, gradients: readonly NamedGradient[], clip: Clip): NamedGradient[] {
  const each = (change: (gradient: Tensor) => Tensor) =>
    gradients.map(({ name, tensor }) => ({ name, tensor: tensor ? change(tensor) : tensor }))
  if ("value" in clip) return each(gradient => tf.clipByValue(gradient, -clip.value, clip.value))
  const squares = gradients.flatMap(({ tensor }) => (tensor ? [tf.sum(tf.square(tensor))] : []))
  if (squares.length === 0) return [...gradients]
  const norm = tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square)))
  const share = tf.div(clip.norm, tf.maximum(norm, clip.norm))
  return each(gradient => tf.mul(gradient, share))
}
