// Writes a plan into a graph: a QuantizeLinear and a DequantizeLinear after each quantised tensor, int8 weights and int32 biases
// behind a DequantizeLinear. The operations between stay those of the float graph; a runtime that knows the pattern puts
// integer kernels there (onnxruntime: QLinearConv, QGemm and so on), and one that does not still computes the same numbers.

import type { Attribute, Constant, Graph, GraphNode } from "../../onnx/Graph.js"
import { withoutUnused } from "../../onnx/Graph.js"
import { type Affine, affineOf, type Integers, type Range, uint8 } from "./affine.js"
import { int8Operations } from "./int8Operations.js"
import type { Int8Plan } from "./planInt8.js"
import { channelScales, isFloat, quantizeBias, quantizeChannels, scalesForBias } from "./weights.js"

export function insertQdq(
  graph: Graph,
  plan: Int8Plan,
  ranges: ReadonlyMap<string, Range>,
  weightIntegers: Integers,
): Graph {
  return new QdqRewrite(graph, plan, ranges, weightIntegers).result()
}

class QdqRewrite {
  private readonly nodes: GraphNode[] = []
  private readonly constants: Map<string, Constant>
  /** What to read in place of a tensor or a weight, once there is something better. */
  private readonly replaced = new Map<string, string>()
  private readonly outputs: ReadonlySet<string>

  constructor(
    private readonly graph: Graph,
    private readonly plan: Int8Plan,
    private readonly ranges: ReadonlyMap<string, Range>,
    private readonly weightIntegers: Integers,
  ) {
    this.constants = new Map(graph.constants)
    this.outputs = new Set(graph.outputs.map(output => output.name))
  }

  result(): Graph {
    for (const input of this.graph.inputs) this.pair(input.name, input.name)
    const dropped = this.droppedRectifiers()
    for (const node of this.graph.nodes) {
      if (dropped.has(node)) continue
      const rectifier = this.plan.absorbed.get(node.output)
      const output = rectifier !== undefined && dropped.has(rectifier) ? rectifier.output : node.output
      this.add({ ...node, inputs: this.inputsOf(node) }, output)
    }
    return withoutUnused({ ...this.graph, nodes: this.nodes, constants: this.constants })
  }

  /** Those that quantising does anyway: zero is the lowest integer, so what is below becomes zero. */
  private droppedRectifiers(): Set<GraphNode> {
    const dropped = new Set<GraphNode>()
    for (const rectifier of this.plan.absorbed.values())
      if (this.affine(rectifier.output)?.zero === uint8.low && this.startsAtZero(rectifier))
        dropped.add(rectifier)
    return dropped
  }

  private startsAtZero({ op, inputs }: GraphNode): boolean {
    return op === "Relu" || this.graph.constants.get(inputs[1]!)?.data[0] === 0
  }

  private affine(tensor: string): Affine | undefined {
    const source = this.plan.sources.get(tensor)
    return source === undefined ? undefined : affineOf(this.ranges.get(source)!, uint8)
  }

  /** Adds the node, and the pair after its output when that is int8. An output of the graph keeps its name. */
  private add(node: GraphNode, output: string): void {
    const raw = this.plan.sources.has(output) && this.outputs.has(output) ? `${output}/float` : output
    this.nodes.push({ ...node, output: raw })
    this.pair(output, raw)
  }

  private pair(tensor: string, raw: string): void {
    const affine = this.affine(tensor)
    if (affine === undefined) return
    const source = this.plan.sources.get(tensor)!
    const scale = this.constant(`${source}/scale`, [], Float32Array.of(affine.scale))
    const zero = this.constant(`${source}/zero`, [], Uint8Array.of(affine.zero))
    const quantized = this.push("QuantizeLinear", [raw, scale, zero], `${tensor}/quantized`)
    const name = this.outputs.has(tensor) ? tensor : `${tensor}/dequantized`
    this.replaced.set(tensor, this.push("DequantizeLinear", [quantized, scale, zero], name))
  }

  private inputsOf(node: GraphNode): string[] {
    const operation = int8Operations[node.op]
    const weighted = operation?.kind === "weights" && this.plan.nodes.has(node)
    const inputs = weighted ? this.withWeights(node, operation.channelAxis) : node.inputs
    return inputs.map(input => this.replaced.get(input) ?? input)
  }

  private withWeights(node: GraphNode, axis: number): string[] {
    const [x, kernel, bias] = node.inputs as [string, string, string | undefined]
    const { scale } = this.affine(x)!
    const weight = this.graph.constants.get(kernel)!
    if (!isFloat(weight)) return [...node.inputs]
    let scales = channelScales(weight, axis, this.weightIntegers)
    const biases = bias === undefined ? undefined : (this.graph.constants.get(bias)!.data as Float32Array)
    if (biases !== undefined) scales = scalesForBias(scales, biases, scale)
    const data = quantizeChannels(weight, axis, scales)
    const int = this.dequantized(`${node.name}/kernel`, { shape: weight.shape, data }, scales, axis)
    if (biases === undefined) return [x, int]
    const sum = quantizeBias(biases, scale, scales)
    return [
      x,
      int,
      this.dequantized(`${node.name}/bias`, { shape: [sum.data.length], data: sum.data }, sum.scales, 0),
    ]
  }

  /** Integers with a scale for each index of `axis`, read through a DequantizeLinear. */
  private dequantized(name: string, { shape, data }: Constant, scales: Float32Array, axis: number): string {
    const integers = this.constant(`${name}/quantized`, shape, data)
    const scale = this.constant(`${name}/scale`, [scales.length], scales)
    const zeros = data instanceof Int32Array ? new Int32Array(scales.length) : new Int8Array(scales.length)
    const zero = this.constant(`${name}/zero`, [scales.length], zeros)
    const attributes = { axis: { int: axis } }
    return this.push("DequantizeLinear", [integers, scale, zero], `${name}/dequantized`, attributes)
  }

  private push(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    this.nodes.push({ op, name: output, inputs, output, attributes })
    return output
  }

  private constant(name: string, shape: readonly number[], data: Constant["data"]): string {
    this.constants.set(name, { shape, data })
    return name
  }
}
