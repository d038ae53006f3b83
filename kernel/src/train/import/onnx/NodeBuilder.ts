// Makes the layer of one node after the other: a layer of TensorFlow.js's own where the operator's row knows one, else an
// OperatorLayer, with its numbers sorted into weights and constants, its inputs put into one order of axes, and the shapes
// of its outputs found by running it, on nothing, for two sizes of batch.

import { fail } from "../../../errors.js"
import type { ReadGraph, ReadNode } from "../../../onnx/readModel.js"
import { permuted } from "../permute.js"
import { isBody } from "./controlFlow.js"
import { settingsOf } from "./fold.js"
import type { Input } from "./inputs.js"
import { type Building, type Layer, type Operator, SettingReader, type Tensor, type Tf } from "./Operator.js"
import {
  type Argument,
  encodeConfig,
  type OperatorConfig,
  operatorLayer,
  runOperator,
  type WeightSpec,
} from "./OperatorLayer.js"
import { operators } from "./table.js"
import {
  batch,
  batches,
  elementsFor,
  fileAxes,
  type Known,
  type Live,
  type Order,
  placed,
  unplaced,
  type Value,
} from "./Value.js"

type Given = readonly (Value | undefined)[]
type SymbolicTensor = import("@tensorflow/tfjs").SymbolicTensor

/** Numbers up to here are written into the layer; more become a weight that is not trained. */
const inlined = 1024

export class NodeBuilder {
  private readonly names = new Set<string>()
  private readonly turned = new Map<SymbolicTensor, Live>()
  private readonly readers = new Map<string, ReadNode[]>()
  private readonly outputs: Set<string>
  private readonly done = new Set<ReadNode>()
  private anchor: Live | undefined
  private batchWasOne = false
  /** The addition that the node in hand took over. */
  private absorbed: ReadNode | undefined

  constructor(
    private readonly tf: Tf,
    private readonly graph: ReadGraph,
    private readonly path: string,
    private readonly values: ReadonlyMap<string, Value>,
  ) {
    this.outputs = new Set(graph.outputs.map(({ name }) => name))
    this.expect(graph.nodes, [])
  }

  /** Nodes that are going to be built, with those in their bodies: who reads what, and what is read from elsewhere. */
  expect(nodes: readonly ReadNode[], shown: readonly string[]): void {
    for (const name of shown) this.outputs.add(name)
    for (const node of nodes) {
      for (const input of node.inputs) this.readers.set(input, [...(this.readers.get(input) ?? []), node])
      for (const body of Object.values(node.attributes).filter(isBody))
        this.expect(
          body.nodes,
          body.outputs.map(({ name }) => name),
        )
    }
  }

  start(inputs: readonly Input[], batchWasOne: boolean): void {
    this.anchor = inputs[0]?.value
    this.batchWasOne = batchWasOne
    for (const { value } of inputs) this.names.add(value.symbolic.name)
  }

  isRead(tensor: string): boolean {
    return this.readers.has(tensor) || this.outputs.has(tensor)
  }

  isDone(node: ReadNode): boolean {
    return this.done.has(node)
  }

  /** What the node took over from its reader is that reader's result as well. */
  finish(node: ReadNode, values: Map<string, Value>): void {
    if (this.absorbed === undefined) return
    this.done.add(this.absorbed)
    values.set(this.absorbed.outputs[0]!, values.get(node.outputs[0]!)!)
    this.absorbed = undefined
  }

  fault({ name, op, outputs }: ReadNode, problem: string, fix: string, cause?: unknown): Error {
    return fail("ONNX_NODE", { path: this.path, node: name || outputs[0], op, problem, fix }, cause)
  }

  build(node: ReadNode, given: Given): readonly Value[] {
    const operator = operators.get(node.op)!
    const name = this.unique(node)
    try {
      const made =
        operator.build?.(this.building(node, given, name)) ?? this.operator(node, operator, given, name)
      // Files cut empty pieces on purpose; a window that is larger than its image is a mistake.
      const empty = made.find(value => value.kind === "live" && value.dims.some(length => length <= 0))
      if (empty !== undefined && operator.order === "last") {
        const problem = `its output would be empty, ${shapeText(empty)}`
        throw this.fault(node, problem, "The input is too small for the network: give a larger `inputShape`.")
      }
      return made
    } catch (error) {
      if (error instanceof Error && "code" in error) throw error
      const problem = (error as Error).message.split("\n")[0]
      throw this.fault(node, `${problem}`, `Its inputs are ${given.map(shapeText).join(" and ")}.`, error)
    }
  }

  /** The value in an order, by a transpose that is made once. */
  put(value: Live, order: Order): Live {
    if (value.order === order || value.dims.length < 3)
      return { ...value, order: value.dims.length < 3 ? value.order : order }
    const known = this.turned.get(value.symbolic)
    if (known !== undefined) return known
    const rank = value.dims.length
    const lying = fileAxes(value.order, rank)
    const dims = fileAxes(order, rank)
      .map(axis => lying.indexOf(axis))
      .slice(1)
    const name = this.free(
      `${value.symbolic.name.split("/")[0]}_channels_${order === "last" ? "last" : "first"}`,
    )
    const made = this.layer(this.tf.layers.permute({ dims, name }), [value], order)
    const result = { ...made, type: value.type }
    this.turned.set(value.symbolic, result)
    return result
  }

  /** An input that is an output too needs a layer between the two. */
  shown(value: Live): Live {
    if (value.symbolic.sourceLayer.getClassName() !== "InputLayer") return value
    const name = this.free("output")
    return this.layer(this.tf.layers.activation({ activation: "linear", name }), [value], value.order)
  }

  private building(node: ReadNode, inputs: Given, name: string): Building {
    const { tf, batchWasOne } = this
    const operator = operators.get(node.op)!
    return {
      tf,
      name,
      node: new SettingReader(settingsOf(node, inputs), this.graph.operatorSet),
      inputs,
      outputs: node.outputs.filter(output => this.isRead(output)).length,
      batchWasOne,
      live: i => (inputs[i]?.kind === "live" ? inputs[i] : undefined),
      known: i => (inputs[i]?.kind === "known" ? inputs[i] : undefined),
      layer: (layer, values, order) => this.layer(layer, values, order),
      put: (value, order) => this.put(value, order),
      operator: others => this.operator(node, operator, others, name),
      fault: (problem, fix) => this.fault(node, problem, fix),
      biasAfter: units => this.biasAfter(node, units),
    }
  }

  private layer(layer: Layer, inputs: readonly Live[], order: Order): Live {
    const symbols = inputs.map(({ symbolic }) => symbolic)
    const symbolic = layer.apply(symbols.length === 1 ? symbols[0]! : symbols) as SymbolicTensor
    const [first] = inputs[0]!.dims
    const lying = symbolic.shape.map((length, axis) => (axis === 0 ? first! : (length ?? batch)))
    return { kind: "live", type: "float32", symbolic, dims: unplaced(lying, order), order }
  }

  private biasAfter(node: ReadNode, units: number): Known | undefined {
    const [output] = node.outputs
    const readers = this.readers.get(output!) ?? []
    const [add] = readers
    if (readers.length !== 1 || add?.op !== "Add" || this.outputs.has(output!)) return undefined
    const other = this.values.get(add.inputs.find(input => input !== output)!)
    if (other?.kind !== "known" || other.weight === undefined || String(other.shape) !== String([units]))
      return undefined
    this.absorbed = add
    return other
  }

  // --- nodes that are no layer of TensorFlow.js

  private operator(node: ReadNode, operator: Operator, given: Given, name: string): readonly Value[] {
    const unknown = operator.known?.find(i => given[i]?.kind === "live")
    if (unknown !== undefined) {
      const problem = `its input ${unknown}, \`${node.inputs[unknown]}\`, is computed from data, and has to be known when the file is read`
      throw this.fault(node, problem, "Export the model with fixed shapes.")
    }
    const order = this.orderOf(operator, given)
    const made = this.inOrder(node, operator, given, name, order)
    if (made !== undefined) return made
    return this.inOrder(node, operator, given, name, "file")!
  }

  private orderOf({ order }: Operator, given: Given): Order {
    const lives = given.filter(value => value?.kind === "live")
    if (order === "file" || lives.length === 0) return "file"
    if (order === "last")
      return lengthsOf(given[0]!).length < 3 || given[0]?.kind === "known" ? "file" : "last"
    if (order !== "together") return given[0]?.kind === "live" ? given[0].order : "file"
    const rank = Math.max(...given.map(value => (value === undefined ? 0 : lengthsOf(value).length)))
    const even = lives.every(value => value.dims.length === rank)
    return rank >= 3 && even && lives.some(value => value.order === "last") ? "last" : "file"
  }

  /** Undefined when the outputs have another rank, so that the order would mean nothing. */
  private inOrder(
    node: ReadNode,
    operator: Operator,
    given: Given,
    name: string,
    order: Order,
  ): readonly Live[] | undefined {
    const sorted = this.sorted(node, operator, given, order)
    const { inputs, weights, data } = sorted
    const wanted = Math.max(1, node.outputs.length)
    const config: Omit<OperatorConfig, "outputShapes"> = {
      op: node.op,
      operatorSet: this.graph.operatorSet,
      settings: settingsOf(node, given),
      order,
      args: sorted.args,
      weights,
      inputTypes: inputs.map(({ type }) => type as "float32"),
      inputDims: inputs.map(input => placed(input.dims, input.order)),
    }
    const found = this.outputsOf(config, wanted, inputs)
    if (
      order === "last" &&
      operator.order === "axes" &&
      found.some(({ dims }) => dims.length !== inputs[0]!.dims.length)
    )
      return undefined
    const outputShapes = found.map(({ dims }) =>
      dims.map(length => (batches(length) === undefined ? length : null)),
    )
    const text = encodeConfig({ ...config, outputShapes })
    const Layer = operatorLayer(this.tf, operators)
    const layer = new Layer({ name, operator: { name: text } }, data)
    const symbols = inputs.map(({ symbolic }) => symbolic)
    const result = [layer.apply(symbols.length === 1 ? symbols[0]! : symbols)].flat() as SymbolicTensor[]
    return result.map((symbolic, i) => {
      const { dims, type } = found[i]!
      const same = dims.length >= 3 && order === "last"
      return {
        kind: "live",
        type,
        symbolic,
        dims: unplaced(dims, same ? "last" : "file"),
        order: same ? "last" : "file",
      }
    })
  }

  private sorted(node: ReadNode, operator: Operator, given: Given, order: Order) {
    const inputs: Live[] = []
    const weights: WeightSpec[] = []
    const data: (Float32Array | Int32Array | Uint8Array)[] = []
    const rank = Math.max(...given.map(value => (value === undefined ? 0 : lengthsOf(value).length)))
    const args = given.map((value, i): Argument => {
      if (value === undefined) return null
      if (value.kind === "live") {
        const turn = operator.order === "last" ? (i === 0 ? order : "file") : order
        const placed = this.put(value, turn)
        // One that is read twice is given once: TensorFlow.js would let it go after the first.
        const known = inputs.findIndex(({ symbolic }) => symbolic === placed.symbolic)
        if (known >= 0) return { live: known }
        return { live: inputs.push(placed) - 1 }
      }
      const scalar = value.data.length === 1 && node.op !== "Concat"
      const known =
        order === "last" && operator.order === "together" ? turnedKnown(value, scalar ? 0 : rank) : value
      if (isInline(operator, known, i)) {
        const { type, shape } = known
        return { known: { type: type as "float32", shape, data: Array.from(known.data) } }
      }
      const trainable = known.weight !== undefined && isTrainable(known)
      const name = trainable ? weightName(known.weight!, weights) : weightName("constant", weights)
      weights.push({ name, shape: known.shape, type: known.type as "float32", trainable })
      data.push(elementsFor(known))
      return { weight: weights.length - 1 }
    })
    // A node of constants that asks for the batch is told it by the model's input.
    if (inputs.length === 0) inputs.push(this.anchor!)
    return { inputs, weights, data, args }
  }

  private outputsOf(
    config: Omit<OperatorConfig, "outputShapes">,
    outputs: number,
    inputs: readonly Live[],
  ): { dims: number[]; type: Known["type"] }[] {
    const { tf } = this
    const probe = (rows: number) =>
      tf.tidy(() => {
        const shapes = config.inputDims.map(dims =>
          dims.map(length => rows * (batches(length) ?? Number.NaN) || length),
        )
        const tensors = shapes.map((shape, i) => tf.zeros(shape, inputs[i]!.type as "float32"))
        const weights = config.weights.map(({ shape, type }) => tf.zeros([...shape], type))
        const full = { ...config, outputShapes: Array.from({ length: outputs }, () => []) }
        const made = [runOperator(tf, operators, full, { inputs: tensors, weights })].flat() as Tensor[]
        return made.map(({ shape, dtype }) => ({ shape, dtype }))
      })
    const [two, three] = [probe(2), probe(3)]
    return two.map(({ shape, dtype }, i) => ({
      type: dtype as Known["type"],
      dims: shape.map((length, axis) => freeLength(length, three[i]!.shape[axis]!)),
    }))
  }

  private unique(node: ReadNode): string {
    const plain = (node.name || `${node.op.toLowerCase()}_${node.outputs[0]}`).replace(/^\/+/, "")
    return this.free(plain.replace(/[^\w./-]+/g, "_"))
  }

  private free(name: string): string {
    let free = name
    for (let i = 2; this.names.has(free); i++) free = `${name}_${i}`
    this.names.add(free)
    return free
  }
}

/** A length at batches of two and of three rows. */
function freeLength(two: number, three: number): number {
  if (two === three) return two
  const times = three - two
  if (two !== 2 * times)
    throw new TypeError(`a length grows with the batch as ${two}, ${three}, which no layer can say`)
  return times * batch
}

const lengthsOf = (value: Value) => (value.kind === "known" ? value.shape : value.dims)

function shapeText(value: Value | undefined): string {
  if (value === undefined) return "none"
  return `[${lengthsOf(value)
    .map(length => (batches(length) === undefined ? length : "batch"))
    .join(", ")}]`
}

/** As many axes as the others have, in their order. */
function turnedKnown(value: Known, rank: number): Known {
  if (rank === 0) return { ...value, shape: [] }
  const shape = [...Array.from({ length: rank - value.shape.length }, () => 1), ...value.shape]
  const axes = fileAxes("last", rank)
  const lying = axes.map(axis => shape[axis]!)
  const data = permuted(value.data, shape, axes)
  return { ...value, shape: lying, data }
}

function isInline({ known }: Operator, value: Known, i: number): boolean {
  if (known?.includes(i) || value.data.length === 1) return true
  return (value.weight === undefined || value.type !== "float32") && value.data.length <= inlined
}

/** Masks are made of infinities and of the largest numbers there are. */
function isTrainable({ type, data }: Known): boolean {
  return type === "float32" && (data as Float32Array).every(value => Math.abs(value) < 1e30)
}

function weightName(wanted: string, weights: readonly WeightSpec[]): string {
  const name = wanted.replace(/[^\w.-]+/g, "_")
  return weights.some(one => one.name === name) ? `${name}_${weights.length}` : name
}
