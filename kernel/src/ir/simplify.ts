// A smaller program with the same results, to the bit: equal nodes become one, nodes that only hand on what they got vanish,
// operations on constants are done here, and what no result needs is left out. XLA does all this as well, later and on more
// text. Not an optimiser: nothing here trades one operation for another that may round otherwise.

import { broadcastInDim, reshape, transpose } from "./build.js"
import { constantValue, folded } from "./fold.js"
import { is, node as makeNode, type Node } from "./node.js"
import type { OpName } from "./ops.js"
import { attrsKey, type Program, reachable } from "./program.js"
import { isFloat, sameShape } from "./types.js"

export function simplify(program: Program): Program {
  const known = new Map<string, Node>()
  const place = new Map<Node, Node>()
  for (const parameter of program.parameters) place.set(parameter, parameter)
  for (const node of reachable(program.outputs)) {
    if (place.has(node)) continue
    place.set(node, canonical(rewritten(onInputs(node, place)), known))
  }
  return { ...program, outputs: program.outputs.map(output => place.get(output)!) }
}

/** Operations and table entries: what a program costs to read. */
export function nodeCount(program: Program): number {
  return reachable(program.outputs).filter(node => node.op !== "parameter").length
}

function onInputs(node: Node, place: ReadonlyMap<Node, Node>): Node {
  const inputs = node.inputs.map(input => place.get(input)!)
  return inputs.every((input, i) => input === node.inputs[i]) ? node : makeNode(node.op, inputs, node.attrs)
}

function rewritten(node: Node): Node {
  let now = node
  for (let next = step(now); next !== undefined; next = step(now)) now = next
  return now
}

function step(node: Node): Node | undefined {
  return folded(node) ?? (rules[node.op] as ((node: Node) => Node | undefined) | undefined)?.(node)
}

/** The first node that computes the same. */
function canonical(node: Node, known: Map<string, Node>): Node {
  if (node.op === "parameter") return node
  const ids = node.inputs.map(input => input.id)
  if (commutative.has(node.op)) ids.sort((a, b) => a - b)
  const key = `${node.op}(${ids})${attrsKey(node)}`
  const first = known.get(key)
  if (first !== undefined) return first
  known.set(key, node)
  return node
}

const commutative: ReadonlySet<OpName> = new Set<OpName>(["add", "multiply", "and", "or", "xor"])

/** What a node hands on unchanged, or what it does to the operand of its operand. */
const rules: { readonly [K in OpName]?: (node: Node<K>) => Node | undefined } = {
  reshape(node) {
    const [x] = node.inputs as [Node]
    if (sameShape(x.type.shape, node.type.shape)) return x
    return x.op === "reshape" ? reshape(x.inputs[0]!, node.type.shape) : undefined
  },
  convert: ({ inputs: [x], type }) => (x!.type.dtype === type.dtype ? x : undefined),
  transpose(node) {
    const [x] = node.inputs as [Node]
    const { permutation } = node.attrs
    if (permutation.every((axis, i) => axis === i)) return x
    return is(x, "transpose")
      ? transpose(
          x.inputs[0]!,
          permutation.map(axis => x.attrs.permutation[axis]!),
        )
      : undefined
  },
  broadcast_in_dim(node) {
    const [x] = node.inputs as [Node]
    const { axes, shape } = node.attrs
    if (sameShape(x.type.shape, shape) && axes.every((axis, i) => axis === i)) return x
    if (!is(x, "broadcast_in_dim")) return undefined
    return broadcastInDim(
      x.inputs[0]!,
      shape,
      x.attrs.axes.map(axis => axes[axis]!),
    )
  },
  slice: ({ inputs: [x], type, attrs }) =>
    sameShape(x!.type.shape, type.shape) && attrs.stride.every(one => one === 1) ? x : undefined,
  reverse: ({ inputs: [x], attrs }) => (attrs.axes.every(axis => x!.type.shape[axis] === 1) ? x : undefined),
  concatenate: ({ inputs }) => (inputs.length === 1 ? inputs[0] : undefined),
  pad: ({ inputs: [x], attrs: { low, high, interior } }) =>
    [...low, ...high, ...interior].every(size => size === 0) ? x : undefined,
  reduce: ({ inputs: [x], attrs }) => (attrs.axes.length === 0 ? x : undefined),
  select({ inputs: [test, yes, no] }) {
    const known = constantValue(test!)
    if (known !== undefined) return known === 0 ? no : yes
    return yes === no ? yes : undefined
  },
  negate: ({ inputs: [x] }) => (x!.op === "negate" ? x!.inputs[0] : undefined),
  not: ({ inputs: [x] }) => (x!.op === "not" ? x!.inputs[0] : undefined),
  maximum: ({ inputs: [a, b] }) => (a === b ? a : undefined),
  minimum: ({ inputs: [a, b] }) => (a === b ? a : undefined),
  add: ({ inputs: [a, b] }) => (isZeroOfSum(b!) ? a : isZeroOfSum(a!) ? b : undefined),
  // x - (+0) is x, -0 too.
  subtract: ({ inputs: [a, b] }) => (Object.is(constantValue(b!), 0) ? a : undefined),
  multiply: ({ inputs: [a, b] }) => (constantValue(b!) === 1 ? a : constantValue(a!) === 1 ? b : undefined),
  divide: ({ inputs: [a, b] }) => (constantValue(b!) === 1 ? a : undefined),
  and: ({ inputs: [a, b] }) => (isTrue(b!) ? a : isTrue(a!) || a === b ? b : undefined),
  or: ({ inputs: [a, b] }) => (isFalse(b!) ? a : isFalse(a!) || a === b ? b : undefined),
}

/** For floats -0 alone: -0 + 0 is +0. */
const isZeroOfSum = (node: Node) => Object.is(constantValue(node), isFloat(node.type.dtype) ? -0 : 0)
const isTrue = (node: Node) => node.type.dtype === "i1" && constantValue(node) === 1
const isFalse = (node: Node) => node.type.dtype === "i1" && constantValue(node) === 0
