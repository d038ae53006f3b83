// A tf.layers model to an ONNX graph, layer by layer. Layers and not the training's IR: onnxruntime's int8 kernels match
// whole convolutions, matrix products and poolings, which the IR has taken apart, and pruning and sensitivity are told by
// layer names. Not the forms of single layers: layerTable.ts.

import { fail } from "../../errors.js"
import type { Graph } from "../../onnx/Graph.js"
import { GraphBuilder } from "./GraphBuilder.js"
import { LayerCall } from "./LayerCall.js"
import { layerTable } from "./layerTable.js"
import type { Value } from "./Value.js"
import type { Weight } from "./Weight.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type SymbolicTensor = import("@tensorflow/tfjs").SymbolicTensor
type Layer = import("@tensorflow/tfjs").layers.Layer

/** What a model, whole or nested, has in common here. */
interface Container {
  readonly name: string
  readonly layers: readonly Layer[]
  readonly inputs: readonly SymbolicTensor[]
  readonly outputs: readonly SymbolicTensor[]
}

/** @throws LAYER_NOT_EXPORTABLE, NOT_FINITE for weights, BAD_VALUE for a model whose input shape is not known. */
export async function exportModel(model: LayersModel): Promise<Graph> {
  const container = model as unknown as Container
  if (container.inputs === undefined || container.inputs.length === 0) throw notBuilt()
  const weights = new Map<Layer, readonly Weight[]>()
  await readWeights(container, weights)
  const graph = new GraphBuilder()
  const inputs = container.inputs.map(input => graph.input(input.sourceLayer.name, input.shape.slice(1)))
  const outputs = new ModelWalk(graph, weights, "").outputs(container, inputs)
  return graph.finish(model.name, outputs)
}

function notBuilt(): Error {
  const fix = "Give its first layer an `inputShape`."
  return fail("BAD_VALUE", { where: "compress", name: "model", value: "without a known input shape", fix })
}

function isContainer(layer: unknown): layer is Container {
  return Array.isArray((layer as Partial<Container>).layers)
}

/** Weights may lie on a device: they are read once, before anything else. */
async function readWeights(container: Container, into: Map<Layer, readonly Weight[]>): Promise<void> {
  for (const layer of container.layers) {
    if (isContainer(layer)) await readWeights(layer, into)
    else if (!into.has(layer)) into.set(layer, await weightsOf(layer))
  }
}

async function weightsOf(layer: Layer): Promise<Weight[]> {
  const weights: Weight[] = []
  for (const tensor of layer.getWeights()) {
    const data = Float32Array.from(await tensor.data())
    const bad = data.find(value => !Number.isFinite(value))
    if (bad !== undefined) throw notFiniteWeight(layer.name, bad)
    weights.push({ shape: tensor.shape, data })
  }
  return weights
}

function notFiniteWeight(layer: string, value: number): Error {
  const fix = "Train it again with a lower learning rate."
  return fail("NOT_FINITE", { what: `The weights of layer \`${layer}\``, value, fix })
}

/** One model, whole or nested, called on some values: follows its tensors from the outputs back to the inputs. */
class ModelWalk {
  private readonly known = new Map<SymbolicTensor, Value>()

  constructor(
    private readonly graph: GraphBuilder,
    private readonly weights: ReadonlyMap<Layer, readonly Weight[]>,
    /** Of the models around this one, ending in a slash. */
    private readonly prefix: string,
  ) {}

  outputs(container: Container, inputs: readonly Value[]): Value[] {
    for (const [i, input] of container.inputs.entries()) this.known.set(input, inputs[i]!)
    return container.outputs.map(output => this.value(output))
  }

  private value(tensor: SymbolicTensor): Value {
    const known = this.known.get(tensor)
    if (known !== undefined) return known
    const { sourceLayer: layer, nodeIndex } = tensor
    const node = layer.inboundNodes[nodeIndex]!
    const inputs = node.inputTensors.map(input => this.value(input))
    const values = this.call(layer, inputs, tensor)
    for (const [i, output] of node.outputTensors.entries()) this.known.set(output, values[i]!)
    return this.known.get(tensor)!
  }

  private call(layer: Layer, inputs: readonly Value[], output: SymbolicTensor): Value[] {
    const path = `${this.prefix}${layer.name}`
    if (isContainer(layer)) return new ModelWalk(this.graph, this.weights, `${path}/`).outputs(layer, inputs)
    const kind = layer.getClassName()
    const call = new LayerCall({
      path,
      kind,
      config: layer.getConfig(),
      weights: this.weights.get(layer)!,
      inputs,
      shape: output.shape.slice(1),
      graph: this.graph,
    })
    const row = layerTable[kind]
    if (row !== undefined) return [row(call)]
    throw call.refuse("its class has no ONNX form here", `Supported: ${Object.keys(layerTable).join(", ")}.`)
  }
}
