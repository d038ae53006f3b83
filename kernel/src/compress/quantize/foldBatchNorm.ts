// Batch normalisation into the convolution or dense layer before it, which then gives the normalised numbers itself. Done
// before quantising: an int8 kernel between the two would round numbers that nobody needs.

import {
  type Constant,
  type Graph,
  type GraphNode,
  type Links,
  linksOf,
  withoutUnused,
} from "../../onnx/Graph.js"
import { isFloat } from "./weights.js"

/** Where the output channels lie in the weights of what can take a normalisation in. */
const channelAxis: Readonly<Record<string, number>> = { Conv: 0, Gemm: 1 }

export function foldBatchNorm(graph: Graph): Graph {
  const links = linksOf(graph)
  const constants = new Map(graph.constants)
  const folded = new Map<GraphNode, GraphNode>()
  const gone = new Set<GraphNode>()
  for (const norm of graph.nodes) {
    const before = foldable(norm, graph, links)
    if (before === undefined) continue
    folded.set(before, fold(before, norm, constants))
    gone.add(norm)
  }
  const nodes = graph.nodes.filter(node => !gone.has(node)).map(node => folded.get(node) ?? node)
  return withoutUnused({ ...graph, nodes, constants })
}

/** The node that can take `norm` in: it makes the only thing that `norm` reads, for nobody else. */
function foldable(norm: GraphNode, { constants }: Graph, links: Links): GraphNode | undefined {
  if (norm.op !== "BatchNormalization" || !links.isPrivate(norm.inputs[0]!)) return undefined
  const before = links.maker(norm.inputs[0]!)
  if (before === undefined || channelAxis[before.op] === undefined) return undefined
  const parameters = [...before.inputs.slice(1), ...norm.inputs.slice(1)]
  return parameters.every(name => isFloat(constants.get(name))) ? before : undefined
}

/** W' = W * f and b' = beta + (b - mean) * f, with f = gamma / sqrt(variance + epsilon), a channel each. */
function fold(before: GraphNode, norm: GraphNode, constants: Map<string, Constant>): GraphNode {
  const [, kernel, bias] = before.inputs
  const [gamma, beta, mean, variance] = norm.inputs.slice(1).map(name => floats(constants, name))
  const epsilon = (norm.attributes.epsilon as { float: number }).float
  const factor = Float64Array.from(gamma!, (value, i) => value / Math.sqrt(variance![i]! + epsilon))
  const old = bias === undefined ? new Float32Array(factor.length) : floats(constants, bias)
  const shifted = Float32Array.from(old, (value, i) => beta![i]! + (value - mean![i]!) * factor[i]!)
  const names = [`${before.name}/folded/kernel`, `${before.name}/folded/bias`]
  constants.set(names[0]!, scaled(constants.get(kernel!)!, channelAxis[before.op]!, factor))
  constants.set(names[1]!, { shape: [shifted.length], data: shifted })
  return { ...before, inputs: [before.inputs[0]!, ...names], output: norm.output }
}

function floats(constants: ReadonlyMap<string, Constant>, name: string): Float32Array {
  return constants.get(name)!.data as Float32Array
}

function scaled({ shape, data }: Constant, axis: number, factor: Float64Array): Constant {
  const run = shape.slice(axis + 1).reduce((size, length) => size * length, 1)
  const channels = shape[axis]!
  const result = (data as Float32Array).map((value, i) => value * factor[Math.floor(i / run) % channels]!)
  return { shape, data: result }
}
