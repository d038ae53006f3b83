// The memory of tfjs variables: weights, moving averages, optimizer slots. A step may take it over when nothing else
// shares it, and what the step made in its place becomes the variable's.

import type { DeviceBuffer } from "../../device/Device.js"
import type { Sharding } from "../../device/sharding.js"
import type { Tf } from "../tf.js"
import { type Leaf, leafOf, type Value } from "../Value.js"
import type { XlaBackend } from "../XlaBackend.js"

export type Variable = import("@tensorflow/tfjs").Variable

/** A variable of a captured step, with what was last found behind it: looking that up anew takes longer than all else. */
export class VariableMemory {
  private dataId: object | undefined
  private value: Value | undefined
  leaf!: Leaf

  constructor(
    readonly variable: Variable,
    /** How the program wants it to lie on a mesh. */
    private readonly sharding: Sharding | undefined,
  ) {}

  /** Finds the memory; false when the variable was disposed of. */
  find(tf: Tf, backend: XlaBackend): boolean {
    const { variable, value } = this
    if (variable.isDisposed) return false
    const isKnown = value !== undefined && variable.dataId === this.dataId && value.node === this.leaf.node
    if (isKnown && value.refs === 1 && this.leaf.owners === 1) return true
    const found = ownedValue(tf, backend, variable)
    if (found === undefined) return false
    this.dataId = variable.dataId
    this.value = found.value
    this.leaf = found.leaf
    this.leaf.sharding = this.sharding
    return true
  }

  /** Has whoever looks at the variable run `flush` first; undefined when nothing waits any more. */
  wait(flush: (() => void) | undefined): void {
    this.leaf.awaits = flush
    if (flush === undefined) return
    // What the host knows of it will no longer be so.
    this.leaf.host = undefined
    this.value!.host = undefined
  }

  /** What the step made takes the place of what it used up; the device may have given it the same object. */
  replace(buffer: DeviceBuffer): void {
    const { leaf, value } = this
    leaf.host = undefined
    value!.host = undefined
    const old = leaf.buffer
    if (old === buffer) return
    leaf.buffer = buffer
    old?.free()
  }
}

/** The memory of each registered variable, which has it to itself from here on. */
export function variableLeaves(tf: Tf, backend: XlaBackend): Map<Leaf, Variable> {
  const leaves = new Map<Leaf, Variable>()
  for (const variable of Object.values(tf.engine().registeredVariables)) {
    const found = ownedValue(tf, backend, variable)
    if (found !== undefined) leaves.set(found.leaf, variable)
  }
  return leaves
}

interface OwnValue {
  readonly value: Value
  readonly leaf: Leaf
}

function ownedValue(tf: Tf, backend: XlaBackend, variable: Variable): OwnValue | undefined {
  if (variable.isDisposed || backend.refCount(variable.dataId) === 0) return undefined
  const own = ownValue(backend, variable)
  if (own !== undefined) return own
  if (backend.value(variable.dataId).failure !== undefined) return undefined
  unshare(tf, backend, variable)
  return ownValue(backend, variable)
}

function ownValue(backend: XlaBackend, variable: Variable): OwnValue | undefined {
  const value = backend.value(variable.dataId)
  const leaf = value.node === undefined ? undefined : leafOf(value.node)
  return value.refs === 1 && leaf?.owners === 1 ? { value, leaf } : undefined
}

/** A clone, another variable or the tensor that was assigned has the same memory: they keep it, the variable gets a copy. */
function unshare(tf: Tf, backend: XlaBackend, variable: Variable): void {
  const copy = tf.tensor(variable.dataSync().slice(), variable.shape, variable.dtype)
  variable.assign(copy)
  copy.dispose()
  backend.own(variable.dataId)
}
