// A program is a part of the graph cut out to run: its parameters, its results, and which parameter's memory each result
// may take over. Its key is equal for equal programs, whoever built them, so compiled ones can be found again.

import type { Node } from "./node.js"
import type { OpAttrs } from "./ops.js"
import { sameShape, typeName } from "./types.js"

export interface Program {
  /** `parameter` nodes, in calling order. */
  readonly parameters: readonly Node[]
  readonly outputs: readonly Node[]
  /** Parameter index to the output index that reuses its memory. */
  readonly aliases: ReadonlyMap<number, number>
  /** For a program that several devices run together. */
  readonly spread?: Spread
}

/** How parameters and results lie on the devices, as XLA spells it. */
export interface Spread {
  readonly devices: number
  readonly parameters: readonly string[]
  readonly outputs: readonly string[]
}

/** Every node that the outputs need, operands first. Without recursion: a recorded epoch can be very deep. */
export function reachable(outputs: readonly Node[]): Node[] {
  const seen = new Set<Node>(outputs)
  const open = [...seen]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const input of next.inputs) {
      if (seen.has(input)) continue
      seen.add(input)
      open.push(input)
    }
  }
  return [...seen].sort((a, b) => a.id - b.id)
}

/** Equal keys mean equal programs: operations, attributes, wiring, types, results and aliases, but no node identity. */
export function programKey(program: Program, nodes: readonly Node[] = reachable(program.outputs)): string {
  const place = new Map<Node, number>()
  let key = ""
  for (const [index, parameter] of program.parameters.entries()) {
    place.set(parameter, index)
    key += `${typeName(parameter.type)};`
  }
  let next = program.parameters.length
  for (const node of nodes) {
    if (place.has(node)) continue
    place.set(node, next++)
    key += node.op
    for (const input of node.inputs) key += `,${place.get(input)}`
    key += `${attrsKey(node)};`
  }
  key += `>${program.outputs.map(output => place.get(output)).join()}`
  for (const [from, to] of program.aliases) key += `|${from}=${to}`
  const { spread } = program
  if (spread !== undefined)
    key += `@${spread.devices}${spread.parameters.join(";")}>${spread.outputs.join(";")}`
  return key
}

const attrsKeys = new WeakMap<object, string>()

/** Equal for equal attributes. */
export function attrsKey(node: Node): string {
  let key = attrsKeys.get(node.attrs)
  if (key === undefined) {
    key = node.op === "constant" ? constantKey(node.attrs as OpAttrs["constant"]) : JSON.stringify(node.attrs)
    attrsKeys.set(node.attrs, key)
  }
  return key
}

/** JSON has no NaN, infinities or -0. */
function constantKey({ type, value }: OpAttrs["constant"]): string {
  return `${Object.is(value, -0) ? "-0" : value}${typeName(type)}`
}

/** Throws when a program is not one: a stray parameter, a result twice over, an alias between different types. */
export function verify(program: Program): void {
  const known = new Set(program.parameters)
  for (const node of reachable(program.outputs)) {
    if (node.op === "parameter" && !known.has(node))
      throw new RangeError(`parameter ${typeName(node.type)} is used but not declared`)
  }
  if (known.size !== program.parameters.length) throw new RangeError("a parameter is declared twice")
  const taken = new Set<number>()
  for (const [from, to] of program.aliases) {
    const [parameter, output] = [program.parameters[from], program.outputs[to]]
    if (parameter === undefined || output === undefined)
      throw new RangeError(`alias ${from} to ${to}: no such place`)
    if (taken.has(to)) throw new RangeError(`output ${to} takes over two parameters`)
    taken.add(to)
    if (parameter.type.dtype !== output.type.dtype || !sameShape(parameter.type.shape, output.type.shape))
      throw new RangeError(`alias of ${typeName(parameter.type)} to ${typeName(output.type)}`)
    if (program.spread?.parameters[from] !== program.spread?.outputs[to])
      throw new RangeError(`alias of ${typeName(parameter.type)} between shardings`)
  }
}
