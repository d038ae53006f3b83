// A graph of ONNX to a tf.layers model, node by node: numbers that are known are computed at once, what TensorFlow.js has a
// layer for becomes that layer, and the rest an OperatorLayer. Not files (loadModel.ts), not single operators (table.ts).

import { didYouMean, fail } from "../../../errors.js"
import type { ReadGraph, ReadNode } from "../../../onnx/readModel.js"
import { controls, type Walk } from "./controlFlow.js"
import { foldNode } from "./fold.js"
import { type InputShapes, inputsOf } from "./inputs.js"
import { NodeBuilder } from "./NodeBuilder.js"
import type { Tf } from "./Operator.js"
import { operators } from "./table.js"
import type { Value } from "./Value.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type SymbolicTensor = import("@tensorflow/tfjs").SymbolicTensor

export interface ImportOptions {
  /** Lengths of one row as the model takes it, channels last; by input where there are several. */
  readonly inputShape?: InputShapes
  /** `last` (default): images go in as [height, width, channels]. `file`: as ONNX has them. */
  readonly channels?: "last" | "file"
  /** `free` (default): a first axis of length 1, or of none, is the batch. `file`: it stays what it is. */
  readonly batch?: "free" | "file"
}

/** Whether there is a row for it, or it is walked through. */
export function canImport(op: string): boolean {
  return operators.has(op) || controls.has(op)
}

/** @throws ONNX_OPERATOR, ONNX_NODE, ONNX_INPUT */
export function importGraph(
  tf: Tf,
  graph: ReadGraph,
  path: string,
  options: ImportOptions = {},
): LayersModel {
  const values = new Map<string, Value>()
  for (const { name, type, shape, data, stored } of graph.constants.values()) {
    if (type === "string") continue
    values.set(name, { kind: "known", type, shape, data: data as Float32Array, weight: name, stored })
  }
  const builder = new NodeBuilder(tf, graph, path, values)
  const inputs = inputsOf(tf, graph, path, options)
  builder.start(inputs, graph.inputs.some(({ shape }) => shape?.[0] === 1) && options.batch !== "file")
  for (const input of inputs) values.set(input.name, input.value)
  const walk = (nodes: readonly ReadNode[]): void => {
    checkOperators(nodes, path)
    for (const node of nodes) {
      if (builder.isDone(node)) continue
      const given = node.inputs.map(name => (name === "" ? undefined : readValue(values, name, node, path)))
      const made =
        controls.get(node.op)?.(around, node) ??
        foldNode(tf, node, given, graph.operatorSet) ??
        builder.build(node, given)
      keep(builder, values, node, made)
    }
  }
  const around: Walk = {
    values,
    run: (nodes, shown) => {
      builder.expect(nodes, shown)
      walk(nodes)
    },
    fault: (node, problem, fix) => builder.fault(node, problem, fix),
  }
  walk(graph.nodes)
  const outputs = graph.outputs.map(({ name }) => outputOf(builder, values.get(name), name, options, path))
  const symbols = inputs.map(({ value }) => value.symbolic)
  return tf.model({
    inputs: symbols,
    outputs,
    name: graph.name === "" ? "onnx" : graph.name.replaceAll("/", "_"),
  })
}

function keep(
  builder: NodeBuilder,
  values: Map<string, Value>,
  node: ReadNode,
  made: readonly (Value | undefined)[],
): void {
  for (const [i, name] of node.outputs.entries()) {
    const value = made[i]
    if (name === "") continue
    if (value !== undefined) values.set(name, value)
    else if (builder.isRead(name))
      throw builder.fault(node, `its output \`${name}\` is not computed here`, "Export without it.")
  }
  builder.finish(node, values)
}

function outputOf(
  builder: NodeBuilder,
  value: Value | undefined,
  name: string,
  { channels = "last" }: ImportOptions,
  path: string,
): SymbolicTensor {
  if (value === undefined || value.kind === "known") {
    const problem = `its output \`${name}\` does not depend on its inputs`
    throw fail("MODEL_FILE", { path, problem, fix: "Import a network, not a table of numbers." })
  }
  return builder.shown(channels === "file" ? builder.put(value, "file") : value).symbolic
}

function readValue(values: ReadonlyMap<string, Value>, name: string, node: ReadNode, path: string): Value {
  const value = values.get(name)
  if (value !== undefined) return value
  const problem = `it reads \`${name}\`, which nothing makes`
  throw fail("ONNX_NODE", {
    path,
    node: node.name,
    op: node.op,
    problem,
    fix: "The file is damaged: export it again.",
  })
}

function checkOperators(nodes: readonly ReadNode[], path: string): void {
  const missing = nodes.filter(({ op }) => !canImport(op))
  const [first] = missing
  if (first === undefined) return
  const others = [...new Set(missing.map(({ op }) => op))].filter(op => op !== first.op)
  const known = [...operators.keys(), ...controls.keys()].sort()
  throw fail("ONNX_OPERATOR", {
    path,
    node: first.name || first.outputs[0],
    op: first.op,
    nearest: didYouMean(first.op, known),
    others: others.length === 0 ? "" : ` Also missing: ${others.join(", ")}.`,
    supported: known.join(", "),
  })
}
