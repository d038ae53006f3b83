// The end of `Optimizer.minimize` ends a step: without it nothing would be cut before somebody reads a value, and an epoch
// would become one program.

import type { Tf } from "../tf.js"
import type { XlaBackend } from "../XlaBackend.js"

export function cutAfterMinimize(tf: Tf, active: () => XlaBackend | undefined): void {
  const { prototype } = tf.Optimizer as unknown as {
    prototype: { minimize: (...values: unknown[]) => unknown }
  }
  const { minimize } = prototype
  prototype.minimize = function (...values) {
    const cost = minimize.apply(this, values)
    active()?.endStep()
    return cost
  }
}
