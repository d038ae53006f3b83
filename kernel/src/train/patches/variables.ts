// A variable gets memory of its own when it is made. Otherwise the first step would see zeros of an optimizer slot as a
// constant and the second as a parameter: two programs to compile instead of one.

import type { Tf } from "../tf.js"
import type { XlaBackend } from "../XlaBackend.js"

let made = 0

/** How many variables were made so far: when it grew, a step may have come to use another one. */
export function variablesMade(): number {
  return made
}

export function ownVariables(tf: Tf, active: () => XlaBackend | undefined): void {
  const engine = tf.engine()
  const makeVariable = engine.makeVariable.bind(engine)
  engine.makeVariable = (initial, ...rest) => {
    const variable = makeVariable(initial, ...rest)
    made++
    active()?.ownVariable(variable.dataId, variable.name)
    return variable
  }
}
