// What a step is given: the tensors of a batch as a key (equal keys, equal steps) and as the memory that they read. A batch
// may be pending, such as rows that are still to be gathered: then gathering them is part of the step.

import type { Node } from "../../ir/node.js"
import { programKey, reachable } from "../../ir/program.js"
import { currentPrecision } from "../currentPrecision.js"
import { type Leaf, leafOf, type Value } from "../Value.js"
import type { XlaBackend } from "../XlaBackend.js"

type Tensor = import("@tensorflow/tfjs").Tensor

export interface Batch {
  readonly key: string
  readonly leaves: readonly Leaf[]
}

/** Undefined when the batch hangs on a value that another program has to make. */
export function batchOf(backend: XlaBackend, data: readonly Tensor[]): Batch | undefined {
  const outputs = data.map(tensor => backend.nodeOf(tensor))
  const order = reachable(outputs)
  const parameters = new Set<Node>()
  for (const node of order)
    for (const input of [...node.inputs, node]) if (input.op === "parameter") parameters.add(input)
  const leaves = [...parameters].map(leafOf)
  if (leaves.some(leaf => leaf === undefined)) return undefined
  const key = programKey({ parameters: [...parameters], outputs, aliases: new Map() }, order)
  return { key: currentPrecision() + key, leaves: leaves as Leaf[] }
}

const nothing: ReadonlySet<Value> = new Set()

/** Pending values that belong to the batch: the batch itself and what lies on the way to it. */
export function pendingOf(backend: XlaBackend, data: readonly Tensor[]): ReadonlySet<Value> {
  const { pending } = backend.cutter
  if (pending.size === 0) return nothing
  const nodes = new Set(reachable(data.map(tensor => backend.nodeOf(tensor))))
  return new Set([...pending].filter(value => nodes.has(value.node!)))
}
