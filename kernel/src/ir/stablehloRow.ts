// What a row of the lowering is: a node and the names of its operands become lines of text. Rows of one call are in
// stablehloOps.ts, those with a body in stablehloBodies.ts, and Fourier transforms in stablehloFft.ts.

import type { Node } from "./node.js"
import type { OpAttrs, OpName } from "./ops.js"
import { type Call, callText, numberText, tensorText } from "./stablehloForm.js"
import type { TensorType } from "./types.js"

/** The lines of one node; `result` when its value is not called `name`. */
export interface Emitted {
  readonly lines: readonly string[]
  readonly result?: string
}
export type EmitRow<K extends OpName> = (node: Node<K>, inputs: readonly string[], name: string) => Emitted

/** The common case: one call, its attributes made from the node's. */
export function call<K extends OpName>(
  op: string,
  attrs?: (attrs: OpAttrs[K], node: Node<K>) => Call["attrs"],
): EmitRow<K> {
  return (node, inputs, name) => {
    const types = node.inputs.map(input => input.type)
    const text = { op, inputs, types, attrs: attrs?.(node.attrs, node) }
    return { lines: [`${name} = ${callText(text, [node.type])}`] }
  }
}

export function constantLine(name: string, value: number, type: TensorType): string {
  return denseLine(name, numberText(value, type.dtype), type)
}

export function denseLine(name: string, elements: string, type: TensorType): string {
  const text = `dense<${elements}> : ${tensorText(type)}`
  return `${name} = ${callText({ op: "stablehlo.constant", inputs: [], types: [], attrs: { value: text } }, [type])}`
}
