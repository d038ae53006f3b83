// If, Loop and Scan while a file is read: a branch that is known is taken, of two that are not both are computed and one is
// picked, and a loop is written out, step after step. What would need a length that only a run decides is refused by name.

import type { ReadBody, ReadNode } from "../../../onnx/readModel.js"
import { known } from "./operators/folds.js"
import { batches, type Value } from "./Value.js"

/** More steps than this would be a program that compiles for minutes. */
const mostSteps = 1024

/** What is walked over: values by name, and nodes that become values one after the other. */
export interface Walk {
  readonly values: Map<string, Value>
  /** Makes the values of these nodes; `shown` are read from outside. */
  run(nodes: readonly ReadNode[], shown: readonly string[]): void
  fault(node: ReadNode, problem: string, fix: string): Error
}

type Control = (walk: Walk, node: ReadNode) => readonly Value[]

/** Names in a body, and in the bodies within, as they are called outside. */
function renamed(nodes: readonly ReadNode[], names: ReadonlyMap<string, string>, prefix: string): ReadNode[] {
  const outer = (name: string) => names.get(name) ?? name
  return nodes.map(node => ({
    ...node,
    name: node.name === "" ? "" : prefix + node.name,
    inputs: node.inputs.map(outer),
    outputs: node.outputs.map(outer),
    attributes: Object.fromEntries(
      Object.entries(node.attributes).map(([key, value]) => [
        key,
        isBody(value) ? within(value, names, prefix) : value,
      ]),
    ),
  }))
}

function within(body: ReadBody, names: ReadonlyMap<string, string>, prefix: string): ReadBody {
  const outputs = body.outputs.map(output => ({ ...output, name: names.get(output.name) ?? output.name }))
  return { ...body, nodes: renamed(body.nodes, names, prefix), outputs }
}

export function isBody(value: unknown): value is ReadBody {
  return typeof value === "object" && value !== null && "nodes" in value
}

/** The outputs of a body whose inputs are these. */
function inlined(walk: Walk, body: ReadBody, inputs: readonly Value[], prefix: string): Value[] {
  const own = [
    ...body.inputs.map(({ name }) => name),
    ...body.constants.keys(),
    ...body.nodes.flatMap(({ outputs }) => outputs),
  ].filter(name => name !== "")
  const names = new Map(own.map(name => [name, prefix + name]))
  for (const [i, { name }] of body.inputs.entries())
    if (inputs[i] !== undefined) walk.values.set(names.get(name)!, inputs[i])
  for (const { name, type, shape, data, stored } of body.constants.values())
    if (type !== "string")
      walk.values.set(names.get(name)!, {
        kind: "known",
        type,
        shape,
        data: data as Float32Array,
        weight: name,
        stored,
      })
  const outputs = body.outputs.map(({ name }) => names.get(name) ?? name)
  walk.run(renamed(body.nodes, names, prefix), outputs)
  return outputs.map(name => walk.values.get(name)!)
}

/** One node that no file has, on values. */
function made(
  walk: Walk,
  op: string,
  name: string,
  inputs: readonly Value[],
  attributes: ReadNode["attributes"] = {},
): Value {
  const reads = inputs.map((value, i) => {
    walk.values.set(`${name}:${i}`, value)
    return `${name}:${i}`
  })
  walk.run([{ op, name, inputs: reads, outputs: [name], attributes }], [name])
  return walk.values.get(name)!
}

const labelOf = ({ name, op, outputs }: ReadNode) => name || `${op.toLowerCase()}_${outputs[0]}`
const lengthsOf = (value: Value) => (value.kind === "known" ? value.shape : value.dims)

/** The value where the condition holds, the other where not; each has to be as long. */
function either(
  walk: Walk,
  node: ReadNode,
  name: string,
  [pick, yes, no]: readonly [Value, Value, Value],
): Value {
  if (yes === no) return yes
  if (String(lengthsOf(yes)) !== String(lengthsOf(no)))
    throw walk.fault(
      node,
      "its condition is computed from data, and its results have other shapes on one side than on the other",
      "Export the model with the condition fixed.",
    )
  return made(walk, "Where", name, [pick, yes, no])
}

const branch: Control = (walk, node) => {
  const condition = walk.values.get(node.inputs[0]!)!
  const side = (key: "then_branch" | "else_branch") =>
    inlined(
      walk,
      node.attributes[key] as ReadBody,
      [],
      `${labelOf(node)}/${key === "then_branch" ? "then" : "else"}/`,
    )
  if (condition.kind === "known") return side(condition.data[0] ? "then_branch" : "else_branch")
  const [yes, no] = [side("then_branch"), side("else_branch")]
  return yes.map((value, i) => either(walk, node, `${labelOf(node)}/${i}`, [condition, value, no[i]!]))
}

const holds = (value: Value | undefined) =>
  value === undefined || (value.kind === "known" && value.data[0] !== 0)
const ends = (value: Value | undefined) => value?.kind === "known" && value.data[0] === 0

/** Trip count and condition, of which either may be missing. A condition of data leaves the state as it is once it fails. */
const loop: Control = (walk, node) => {
  const body = node.attributes.body as ReadBody
  const [most, first] = node.inputs.slice(0, 2).map(name => (name === "" ? undefined : walk.values.get(name)))
  const count = most === undefined ? mostSteps + 1 : most.kind === "known" ? most.data[0]! : Number.NaN
  if (Number.isNaN(count) || batches(count) !== undefined)
    throw walk.fault(node, "how often it runs is computed from data", "Export the model with fixed lengths.")
  let state = node.inputs.slice(2).map(name => walk.values.get(name)!)
  const scans: Value[][] = body.outputs.slice(1 + state.length).map(() => [])
  let going = first
  for (let i = 0; i < count && !ends(going); i++) {
    if (i >= mostSteps || (most === undefined && !holds(going)))
      throw walk.fault(
        node,
        most === undefined ? "when it stops is computed from data" : `it runs more than ${mostSteps} times`,
        "Export the model without the loop, or with fewer steps.",
      )
    const prefix = `${labelOf(node)}/${i}/`
    const condition = going ?? known("bool", [], [1])
    const [next, ...results] = inlined(walk, body, [known("int32", [], [i]), condition, ...state], prefix)
    const open = !holds(going)
    if (open && scans.length > 0)
      throw walk.fault(
        node,
        "when it stops is computed from data, so the length of what it collects is not known",
        "Export the model with a fixed count.",
      )
    const moved = results.slice(0, state.length)
    state = open
      ? moved.map((value, s) => either(walk, node, `${prefix}state_${s}`, [going!, value, state[s]!]))
      : moved
    for (const [s, scan] of scans.entries()) scan.push(results[state.length + s]!)
    going = open ? made(walk, "And", `${prefix}going`, [going!, next!]) : next
  }
  return [...state, ...scans.map((scan, s) => stacked(walk, node, scan, s, 0))]
}

/** The steps' values along a new axis. */
function stacked(walk: Walk, node: ReadNode, values: readonly Value[], s: number, axis: number): Value {
  if (values.length === 0)
    throw walk.fault(node, "it runs no time, so what it collects is empty", "Export the model without it.")
  const rank = lengthsOf(values[0]!).length + 1
  const at = known("int32", [1], [axis < 0 ? axis + rank : axis])
  const label = `${labelOf(node)}/scan_${s}`
  const apart = values.map((value, i) =>
    made(walk, "Unsqueeze", `${label}/${i}`, [value, at], { axes: [at.data[0]!] }),
  )
  return made(walk, "Concat", label, apart, { axis: at.data[0]! })
}

const scan: Control = (walk, node) => {
  const body = node.attributes.body as ReadBody
  const count = node.attributes.num_scan_inputs as number
  const given = node.inputs.map(name => walk.values.get(name))
  if (given.some(value => value === undefined))
    throw walk.fault(
      node,
      "it is a Scan of operator set 8",
      "Export the model with operator set 11 or newer.",
    )
  const read = given as Value[]
  let state = read.slice(0, read.length - count)
  const scanned = read.slice(read.length - count)
  const list = (key: string, i: number) => (node.attributes[key] as readonly number[] | undefined)?.[i] ?? 0
  const axes = scanned.map((value, i) => {
    const axis = list("scan_input_axes", i)
    return axis < 0 ? axis + lengthsOf(value).length : axis
  })
  const steps = lengthsOf(scanned[0]!)[axes[0]!]!
  if (batches(steps) !== undefined || steps > mostSteps) {
    const problem =
      batches(steps) === undefined
        ? `it runs more than ${mostSteps} times`
        : "it goes over the rows of a batch"
    throw walk.fault(node, problem, "Give the length that it goes over in `inputShape`, up to 1024.")
  }
  const scans: Value[][] = body.outputs.slice(state.length).map(() => [])
  for (let i = 0; i < steps; i++) {
    const prefix = `${labelOf(node)}/${i}/`
    const parts = scanned.map((value, s) => {
      const at = list("scan_input_directions", s) === 1 ? steps - 1 - i : i
      return made(walk, "Gather", `${prefix}part_${s}`, [value, known("int32", [], [at])], { axis: axes[s]! })
    })
    const results = inlined(walk, body, [...state, ...parts], prefix)
    state = results.slice(0, state.length)
    for (const [s, values] of scans.entries()) {
      const value = results[state.length + s]!
      if (list("scan_output_directions", s) === 1) values.unshift(value)
      else values.push(value)
    }
  }
  return [...state, ...scans.map((values, s) => stacked(walk, node, values, s, list("scan_output_axes", s)))]
}

/** Nodes that are walked through instead of becoming layers. */
export const controls: ReadonlyMap<string, Control> = new Map(
  Object.entries({ If: branch, Loop: loop, Scan: scan }),
)
