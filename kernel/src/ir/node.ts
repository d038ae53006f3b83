// A node is one operation on other nodes: the graph is the web of nodes, there is no container. Nodes are immutable and
// typed when made, so an impossible graph cannot be built. Not a tensor: a node has no data and no owner.

import { type OpAttrs, type OpName, ops } from "./ops.js"
import type { TensorType } from "./types.js"

export interface Node<K extends OpName = OpName> {
  /** Grows with creation: operands always have smaller ids than their users. */
  readonly id: number
  readonly op: K
  readonly inputs: readonly Node[]
  readonly attrs: OpAttrs[K]
  readonly type: TensorType
}

let made = 0

export function node<K extends OpName>(op: K, inputs: readonly Node[], attrs: OpAttrs[K]): Node<K> {
  const infer = ops[op] as (types: readonly TensorType[], attrs: OpAttrs[K]) => TensorType
  const type = infer(
    inputs.map(input => input.type),
    attrs,
  )
  return { id: ++made, op, inputs, attrs, type }
}

export function is<K extends OpName>(value: Node, op: K): value is Node<K> {
  return value.op === op
}
