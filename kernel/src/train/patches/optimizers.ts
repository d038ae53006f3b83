// Optimizers as a recording backend needs them. The end of `minimize` ends a step: without it nothing would be cut before
// somebody reads a value, and an epoch would become one program. And SGD's learning rate is a number like that of all others.

import { currentPrecision } from "../currentPrecision.js"
import { applyScaled, type ScaledOptimizer, scaledGradients } from "../LossScale.js"
import { VariableUndo } from "../step/VariableUndo.js"
import type { Tf } from "../tf.js"
import type { XlaBackend } from "../XlaBackend.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type Scalar = import("@tensorflow/tfjs").Scalar
type Variable = import("@tensorflow/tfjs").Variable

interface OptimizerParts {
  iterations_?: number
  minimize: (...values: unknown[]) => unknown
  /** What every optimizer calls once it has applied gradients. */
  incrementIterations(): void
}

export function endStepAfterMinimize(tf: Tf, active: () => XlaBackend | undefined): void {
  const { prototype } = tf.Optimizer as unknown as { prototype: OptimizerParts }
  const { minimize, incrementIterations } = prototype
  prototype.minimize = function (...values) {
    const backend = active()
    if (backend === undefined) return minimize.apply(this, values)
    const call = () =>
      currentPrecision() === "f16" ? minimizeScaled(tf, this, values as never) : minimize.apply(this, values)
    // The end of a recorded step is its stepper's.
    if (backend.recording !== undefined) return call()
    const undo = new VariableUndo(tf, backend)
    const { iterations_: iterations } = this
    const cost = call()
    try {
      backend.cut()
    } catch (error) {
      undo.putBack()
      if (iterations !== undefined) this.iterations_ = iterations
      throw error
    }
    return cost
  }
  prototype.incrementIterations = function () {
    active()?.recording?.note(this)
    incrementIterations.call(this)
  }
}

/** `minimize(f, returnCost, variables)` with the loss scaled. */
function minimizeScaled(
  tf: Tf,
  optimizer: object,
  [f, returnsCost = false, variables]: [() => Scalar, boolean?, Variable[]?],
): Scalar | null {
  const scaled = optimizer as ScaledOptimizer
  const { value, grads } = scaledGradients(tf, scaled, f, variables)
  applyScaled(
    tf,
    scaled,
    Object.entries(grads).map(([name, tensor]) => ({ name, tensor })),
  )
  tf.dispose(grads)
  if (returnsCost) return value
  value.dispose()
  return null
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
