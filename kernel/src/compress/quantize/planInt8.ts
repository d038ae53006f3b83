// Decides which tensors of a float graph become int8 and which range each takes. Not the rewrite: insertQdq.ts.
//
// A tensor is int8 when an int8 kernel reads it or can only write it that way. What only moves numbers takes the scale of
// what it moves, so that the runtime can move integers. A rectifier right after a kernel belongs to it: its output has the
// range, and the kernel's own output is never quantised.

import { type Graph, type GraphNode, linksOf } from "../../onnx/Graph.js"
import { int8Operations, rectifiers } from "./int8Operations.js"
import { isFloat } from "./weights.js"

export interface Int8Plan {
  /** Every int8 tensor, with the tensor whose range it takes: itself, unless it was moved. */
  readonly sources: ReadonlyMap<string, string>
  /** What computes on int8, moves included. */
  readonly nodes: ReadonlySet<GraphNode>
  /** Rectifiers by the tensor that they read, where a kernel takes them in. */
  readonly absorbed: ReadonlyMap<string, GraphNode>
}

export function planInt8(graph: Graph): Int8Plan {
  const absorbed = absorbedRectifiers(graph)
  const resultOf = (node: GraphNode) => absorbed.get(node.output)?.output ?? node.output
  const nodes = computingNodes(graph, resultOf)
  const tensors = int8Tensors(graph, nodes, resultOf)
  return { sources: sourcesOf(graph, tensors), nodes: withMoves(graph, nodes, tensors), absorbed }
}

function absorbedRectifiers(graph: Graph): Map<string, GraphNode> {
  const links = linksOf(graph)
  const absorbed = new Map<string, GraphNode>()
  for (const node of graph.nodes) {
    const kind = int8Operations[node.op]?.kind
    if (kind === undefined || kind === "moves" || !links.isPrivate(node.output)) continue
    const reader = links.readers(node.output)[0]!
    if (rectifiers.has(reader.op) && reader.inputs[0] === node.output) absorbed.set(node.output, reader)
  }
  return absorbed
}

/** Kernels with weights, and what can follow them without leaving int8. */
function computingNodes(graph: Graph, resultOf: (node: GraphNode) => string): Set<GraphNode> {
  const nodes = new Set<GraphNode>()
  const reached = new Set<string>()
  for (const node of graph.nodes) {
    const operation = int8Operations[node.op]
    if (operation === undefined) continue
    const isReached = node.inputs.some(input => reached.has(input))
    if (operation.kind === "weights") {
      if (!isFloat(graph.constants.get(node.inputs[1]!))) continue
      nodes.add(node)
      if (!operation.givesFloat) reached.add(resultOf(node))
    } else if (operation.kind === "moves") {
      if (isReached) reached.add(node.output)
    } else if (isReached && node.inputs.every(input => !graph.constants.has(input))) {
      nodes.add(node)
      reached.add(resultOf(node))
    }
  }
  return nodes
}

function int8Tensors(
  graph: Graph,
  nodes: ReadonlySet<GraphNode>,
  resultOf: (node: GraphNode) => string,
): Set<string> {
  const tensors = new Set<string>()
  for (const node of nodes) {
    const operation = int8Operations[node.op]!
    const read = operation.kind === "weights" ? node.inputs.slice(0, 1) : node.inputs
    for (const input of read) tensors.add(input)
    if (operation.kind !== "weights" || !operation.givesFloat) tensors.add(resultOf(node))
  }
  // Backwards: what is moved into an int8 tensor is int8 before the move.
  for (const node of graph.nodes.toReversed())
    if (isMove(node) && tensors.has(node.output)) tensors.add(node.inputs[0]!)
  return tensors
}

function sourcesOf(graph: Graph, tensors: ReadonlySet<string>): Map<string, string> {
  const sources = new Map<string, string>()
  for (const input of graph.inputs) if (tensors.has(input.name)) sources.set(input.name, input.name)
  for (const node of graph.nodes) {
    if (!tensors.has(node.output)) continue
    const moved = isMove(node) ? sources.get(node.inputs[0]!) : undefined
    sources.set(node.output, moved ?? node.output)
  }
  return sources
}

function withMoves(graph: Graph, nodes: Set<GraphNode>, tensors: ReadonlySet<string>): Set<GraphNode> {
  for (const node of graph.nodes) if (isMove(node) && tensors.has(node.output)) nodes.add(node)
  return nodes
}

function isMove(node: GraphNode): boolean {
  return int8Operations[node.op]?.kind === "moves"
}
