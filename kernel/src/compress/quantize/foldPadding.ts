// A padding layer into the convolution after it, which pads on its own: Keras networks pad in a layer apart where the
// stride is 2, and an int8 graph would go through float32 for it.

import {
  type Constant,
  type Graph,
  type GraphNode,
  type Links,
  linksOf,
  withoutUnused,
} from "../../onnx/Graph.js"

export function foldPadding(graph: Graph): Graph {
  const links = linksOf(graph)
  const gone = new Set<GraphNode>()
  const nodes = graph.nodes.map(node => {
    const pad = paddingOf(node, graph.constants, links)
    if (pad === undefined) return node
    gone.add(pad)
    return padded(node, pad, graph.constants)
  })
  return withoutUnused({ ...graph, nodes: nodes.filter(node => !gone.has(node)) })
}

function paddingOf(
  conv: GraphNode,
  constants: ReadonlyMap<string, Constant>,
  links: Links,
): GraphNode | undefined {
  if (conv.op !== "Conv" || conv.attributes.auto_pad !== undefined) return undefined
  const pad = links.maker(conv.inputs[0]!)
  if (pad?.op !== "Pad" || !links.isPrivate(pad.output)) return undefined
  return constants.has(pad.inputs[1]!) ? pad : undefined
}

/** ONNX's Pad counts all axes, Conv the spatial ones only; both give the starts before the ends. */
function padded(conv: GraphNode, pad: GraphNode, constants: ReadonlyMap<string, Constant>): GraphNode {
  const all = Array.from(constants.get(pad.inputs[1]!)!.data as BigInt64Array, Number)
  const axes = all.length / 2
  const around = [...all.slice(2, axes), ...all.slice(axes + 2)]
  const own = (conv.attributes.pads as { ints: readonly number[] } | undefined)?.ints
  const ints = around.map((length, i) => length + (own?.[i] ?? 0))
  return {
    ...conv,
    inputs: [pad.inputs[0]!, ...conv.inputs.slice(1)],
    attributes: { ...conv.attributes, pads: { ints } },
  }
}
