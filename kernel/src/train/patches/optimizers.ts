// Optimizers as a recording backend needs them. The end of `minimize` ends a step: without it nothing would be cut before
// somebody reads a value, and an epoch would become one program. And SGD's learning rate is a number like that of all others.

import type { Tf } from "../tf.js"
import { type Leaf, leafOf } from "../Value.js"
import type { XlaBackend } from "../XlaBackend.js"

type Tensor = import("@tensorflow/tfjs").Tensor

export function cutAfterMinimize(tf: Tf, active: () => XlaBackend | undefined): void {
  const { prototype } = tf.Optimizer as unknown as {
    prototype: { minimize: (...values: unknown[]) => unknown }
  }
  const { minimize } = prototype
  prototype.minimize = function (...values) {
    const backend = active()
    if (backend === undefined) return minimize.apply(this, values)
    const before = memoryOfVariables(tf, backend)
    const { iterations_: iterations } = this as { iterations_?: number }
    const cost = minimize.apply(this, values)
    try {
      backend.endStep()
    } catch (error) {
      putBack(tf, backend, before)
      if (iterations !== undefined) (this as { iterations_?: number }).iterations_ = iterations
      throw error
    }
    return cost
  }
}

/** The memory of each variable, by its name: where its step fails, the variable goes back to it. */
function memoryOfVariables(tf: Tf, backend: XlaBackend): Map<string, Leaf> {
  const memory = new Map<string, Leaf>()
  for (const variable of Object.values(tf.engine().registeredVariables)) {
    if (variable.isDisposed || backend.refCount(variable.dataId) === 0) continue
    const { node } = backend.value(variable.dataId)
    const leaf = node === undefined ? undefined : leafOf(node)
    if (leaf !== undefined) memory.set(variable.name, leaf)
  }
  backend.firstMemory.clear()
  return memory
}

function putBack(tf: Tf, backend: XlaBackend, before: ReadonlyMap<string, Leaf>): void {
  const spared = new Set(backend.cutter.spared)
  for (const variable of Object.values(tf.engine().registeredVariables)) {
    if (variable.isDisposed || backend.refCount(variable.dataId) === 0) continue
    if (backend.value(variable.dataId).failure === undefined) continue
    // An optimizer's own variables are made within its first step.
    const leaf = before.get(variable.name) ?? backend.firstMemory.get(variable.name)
    if (leaf !== undefined && (spared.has(leaf) || leaf.owners > 0)) backend.restore(variable.dataId, leaf)
  }
  backend.cutter.dropSpared()
}

interface SgdParts {
  learningRate: number
  c: Tensor
  applyGradients(gradients: unknown): void
  setLearningRate(rate: number): void
}

/**
 * tfjs's SGD and Momentum keep the rate as a tensor, made again with each change: one program more a step, and a result that
 * no captured step knows. Here the tensor is made where it is used, from the plain number.
 */
export function rateAsNumber(tf: Tf): void {
  for (const one of [tf.SGDOptimizer, tf.MomentumOptimizer]) {
    const prototype = one.prototype as unknown as SgdParts
    const { applyGradients } = prototype
    prototype.applyGradients = function (gradients) {
      const kept = this.c
      this.c = tf.scalar(-this.learningRate)
      applyGradients.call(this, gradients)
      this.c.dispose()
      this.c = kept
    }
    prototype.setLearningRate = function (rate) {
      this.learningRate = rate
      this.c ??= tf.keep(tf.scalar(-rate))
    }
  }
}
