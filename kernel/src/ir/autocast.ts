// Autocast: the operands of matrix products and convolutions become bf16 or f16, which a GPU multiplies many times faster;
// products are added up and given back in f32. Everything else (weights, reductions, norms, softmax, losses) stays f32, so the
// pass looks at no other operation. f32 is no pass at all: the same nodes, and so the same bits.

import { convert } from "./build.js"
import { is, type Node, node } from "./node.js"
import { reachable } from "./program.js"

export type Precision = "f32" | "bf16" | "f16"

/** The same results in the same order, computed with operands of `precision`. */
export function autocast(outputs: readonly Node[], precision: Precision): readonly Node[] {
  if (precision === "f32") return outputs
  const made = new Map<Node, Node>()
  const narrowed = new Map<Node, Node>()
  const narrow = (input: Node) => {
    const known = narrowed.get(input) ?? convert(input, precision)
    narrowed.set(input, known)
    return known
  }
  for (const old of reachable(outputs)) {
    const inputs = old.inputs.map(input => made.get(input)!)
    if (multiplies(old)) made.set(old, node(old.op, inputs.map(narrow), { ...old.attrs, result: "f32" }))
    else if (inputs.every((input, i) => input === old.inputs[i])) made.set(old, old)
    else made.set(old, node(old.op, inputs, old.attrs as never))
  }
  return outputs.map(output => made.get(output)!)
}

type Product = Node<"dot_general"> | Node<"convolution">

function multiplies(old: Node): old is Product {
  if (!is(old, "dot_general") && !is(old, "convolution")) return false
  if (is(old, "dot_general") && old.attrs.exact) return false
  return old.inputs.every(input => input.type.dtype === "f32")
}
