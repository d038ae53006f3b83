// ONNX's own test cases for its operators, run through the import: each is a model of a node or a few, with inputs and the
// outputs that they must give. The cases come out of the PyPI package `onnx` (test/services/onnxCases.mjs).
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import {
  TensorProto_DataType as DataType,
  type ValueInfoProto,
} from "../../../kernel/src/onnx/gen/onnx_pb.js"
import {
  parseModel,
  type ReadBody,
  type ReadGraph,
  type ReadTensor,
  readGraph,
  readTensorFile,
} from "../../../kernel/src/onnx/readModel.js"
import { isBody } from "../../../kernel/src/train/import/onnx/controlFlow.js"
import { canImport, importGraph } from "../../../kernel/src/train/import/onnx/importGraph.js"
import { operators } from "../../../kernel/src/train/import/onnx/table.js"
import type { Tf } from "../../../kernel/src/train/tf.js"
import { difference } from "../onXla.js"

type Tensor = import("@tensorflow/tfjs").Tensor

const complain = (problem: string) => new TypeError(problem)

export interface OnnxCase {
  readonly name: string
  readonly graph: ReadGraph
  readonly inputs: readonly ReadTensor[]
  readonly outputs: readonly ReadTensor[]
  /** How far off a result may be: ours are 32-bit floats where the case has half ones. */
  readonly tolerance: number
}

/** Undefined for what tfjs has no tensors for: sequences, optional values, narrow floats, texts. */
export function readCase(folder: string, name: string): OnnxCase | undefined {
  const at = join(folder, name)
  const files = readdirSync(at)
  if (files.some(file => file.endsWith(".none"))) return undefined
  const tensors = (kind: string) =>
    files
      .filter(file => file.startsWith(kind))
      .map((_, i) => readTensorFile(readFileSync(join(at, `${kind}_${i}.pb`)), complain))
  try {
    const model = parseModel(readFileSync(join(at, "model.onnx")))!
    const graph = readGraph(model, new Map(), complain)
    const half =
      /float16|fp16|bf16/i.test(name) || [...model.graph!.input, ...model.graph!.output].some(isHalf)
    const both = { inputs: tensors("input"), outputs: tensors("output") }
    return [...both.inputs, ...both.outputs].some(({ type }) => type === "string")
      ? undefined
      : { name, graph, ...both, tolerance: half ? 1e-2 : 1e-4 }
  } catch (error) {
    if (error instanceof TypeError && error.message.includes("is of type")) return undefined
    throw error
  }
}

function isHalf({ type }: ValueInfoProto): boolean {
  const { value } = type ?? {}
  return value?.case === "tensorType" && [DataType.FLOAT16, DataType.BFLOAT16].includes(value.value.elemType)
}

function operatorsOf({ nodes }: ReadBody): string[] {
  return nodes.flatMap(({ op, attributes }) => [
    op,
    ...Object.values(attributes).flatMap(value => (isBody(value) ? operatorsOf(value) : [])),
  ])
}

/** The operators of a case that are no rows of ours. */
export function missingOperators({ graph }: OnnxCase): string[] {
  return operatorsOf(graph).filter(op => !canImport(op))
}

/**
 * `live`: every input that may be one is an input of the model, in ONNX's order. `weights`: all but the first are weights of
 * the file, and images have their channels last, as a trained network is imported.
 */
export type Way = "live" | "weights"

/** A shape that looks the same in both orders would be compared in the wrong one. */
function isEven(shape: readonly number[]): boolean {
  return shape.length >= 3 && shape.slice(1).every(length => length === shape[1]) && shape[1] !== 1
}

/** Whether a case can be run that way. */
export function canRun({ graph, inputs, outputs }: OnnxCase, way: Way): boolean {
  if (way === "live") return true
  const shapes = [inputs[0]?.shape ?? [], ...outputs.map(({ shape }) => shape)]
  return graph.inputs.length > 0 && !shapes.some(isEven)
}

/** The largest difference of any output. */
export function runCase(tf: Tf, { name, graph, inputs, outputs }: OnnxCase, way: Way): number {
  const told = new Set(
    graph.nodes.flatMap(({ op, inputs: reads }) => {
      const { known = [], typedBy } = operators.get(op) ?? (op === "Loop" ? { known: [0, 1] } : {})
      return [...known, ...(typedBy === undefined ? [] : [typedBy])].map(i => reads[i])
    }),
  )
  const isLive = (i: number) => (way === "live" || i === 0) && !told.has(graph.inputs[i]!.name)
  const constants = new Map(graph.constants)
  for (const [i, { name: input }] of graph.inputs.entries())
    if (!isLive(i)) constants.set(input, { ...inputs[i]!, name: input })
  const live = inputs.filter((_, i) => isLive(i))
  const part: ReadGraph = {
    ...graph,
    constants,
    inputs: graph.inputs.flatMap((input, i) => (isLive(i) ? [{ ...input, shape: inputs[i]!.shape }] : [])),
  }
  const channels = way === "live" ? "file" : "last"
  const model = importGraph(tf, part, name, { batch: "file", channels })
  try {
    let worst = 0
    tf.tidy(() => {
      const given = live.map((tensor, i) => {
        const made = tensorOf(tf, tensor)
        return String(model.inputs[i]!.shape) === String(made.shape)
          ? made
          : tf.transpose(made, lastAxes(made.rank))
      })
      const results = [model.apply(given.length === 1 ? given[0]! : given)].flat() as Tensor[]
      for (const [i, wanted] of outputs.entries()) worst = Math.max(worst, off(tf, results[i]!, wanted))
    })
    return worst
  } finally {
    model.dispose()
  }
}

function tensorOf(tf: Tf, { data, shape, type }: ReadTensor): Tensor {
  return tf.tensor(Array.from(data as ArrayLike<number>), [...shape], type as "float32")
}

const lastAxes = (rank: number) => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]

function off(tf: Tf, result: Tensor, { shape, data }: ReadTensor): number {
  const axes = lastAxes(result.rank)
  const turned =
    String(result.shape) === String(shape) || result.rank < 3
      ? result
      : tf.transpose(
          result,
          axes.map((_, i) => axes.indexOf(i)),
        )
  if (String(turned.shape) !== String(shape)) throw new RangeError(`[${turned.shape}] for [${shape}]`)
  return difference(Array.from(data as ArrayLike<number>), Array.from(turned.dataSync()))
}

export function caseNames(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}
