// The memory of all variables before a step: where the step's program fails, each goes back to what the program would have
// taken over, and weights are as they were.

import type { Tf } from "../tf.js"
import { type Leaf, leafOf } from "../Value.js"
import type { XlaBackend } from "../XlaBackend.js"

export class VariableUndo {
  /** By name. */
  private readonly before = new Map<string, Leaf>()

  constructor(
    private readonly tf: Tf,
    private readonly backend: XlaBackend,
  ) {
    for (const variable of Object.values(tf.engine().registeredVariables)) {
      if (variable.isDisposed || backend.refCount(variable.dataId) === 0) continue
      const { node } = backend.value(variable.dataId)
      const leaf = node === undefined ? undefined : leafOf(node)
      if (leaf !== undefined) this.before.set(variable.name, leaf)
    }
    backend.firstMemory.clear()
  }

  putBack(): void {
    const { backend } = this
    const spared = new Set(backend.cutter.spared)
    for (const variable of Object.values(this.tf.engine().registeredVariables)) {
      if (variable.isDisposed || backend.refCount(variable.dataId) === 0) continue
      if (backend.value(variable.dataId).failure === undefined) continue
      // An optimizer's own variables are made within its first step.
      const leaf = this.before.get(variable.name) ?? backend.firstMemory.get(variable.name)
      if (leaf !== undefined && (spared.has(leaf) || leaf.owners > 0)) backend.restore(variable.dataId, leaf)
    }
    backend.cutter.dropSpared()
  }
}
