// Which numbers matrix products and convolutions are made of, for the whole process or for one training. The pass itself is
// ir/autocast.ts; what f16 needs beside it is LossScale.

import { fail } from "../errors.js"
import type { Precision } from "../ir/autocast.js"
import { currentPrecision, switchTo } from "./currentPrecision.js"
import { activeXla } from "./install.js"
import { loadCore, type Tf } from "./tf.js"

export const precisions: readonly Precision[] = ["f32", "bf16", "f16"]

/**
 * Sets what matrix products and convolutions are computed in from here on, and gives back what it is now. `f32`, the default,
 * changes nothing; `bf16` rounds their operands to 8 bits of fraction; `f16` to 11 bits, and scales the loss so that small
 * gradients survive. Sums are f32, and so are weights, reductions, norms, softmax and losses.
 *
 * @throws BAD_VALUE for another word, or where training does not run on XLA
 * @example precision("bf16")
 */
export function precision(kind?: Precision): Precision {
  if (kind === undefined) return currentPrecision()
  checkPrecision("precision", kind)
  // What is recorded so far is computed as it was meant.
  xlaFor("precision", kind)?.cut()
  switchTo(kind)
  return kind
}

/** Runs `call` with this precision, and goes back to the process's own. */
export async function withPrecision<T>(kind: Precision | undefined, call: () => Promise<T>): Promise<T> {
  if (kind === undefined || kind === currentPrecision()) return call()
  const before = currentPrecision()
  const backend = xlaFor("train", kind)
  backend?.cut()
  switchTo(kind)
  try {
    return await call()
  } finally {
    try {
      backend?.cut()
    } finally {
      switchTo(before)
    }
  }
}

export function checkPrecision(where: string, kind: unknown): void {
  if (!precisions.includes(kind as Precision))
    throw fail("BAD_VALUE", {
      where,
      name: "precision",
      value: JSON.stringify(kind),
      fix: `Give one of ${precisions.map(one => `"${one}"`).join(", ")}.`,
    })
}

function xlaFor(where: string, kind: Precision) {
  // Not all of tfjs: a program of its own may have its core alone.
  const tf = loadCore() as unknown as Tf
  const backend = activeXla(tf)
  if (backend === undefined && kind !== "f32")
    throw fail("BAD_VALUE", {
      where,
      name: "precision",
      value: `"${kind}" on backend ${tf.getBackend()}`,
      fix: "Only XLA computes in it; devices() says why it is not in use.",
    })
  return backend
}
