// The inputs of an imported model: their lengths, the batch free, and images with their channels last.

import { checkOptions, fail } from "../../../errors.js"
import type { ReadGraph, ReadValue } from "../../../onnx/readModel.js"
import type { ImportOptions } from "./importGraph.js"
import type { Tf } from "./Operator.js"
import { operators } from "./table.js"
import { batch, batches, type Live, type Order, placed, unplaced } from "./Value.js"

export type InputShapes = readonly number[] | Readonly<Record<string, readonly number[]>>

export interface Input {
  readonly name: string
  readonly value: Live
}

export function inputsOf(tf: Tf, graph: ReadGraph, path: string, options: ImportOptions): Input[] {
  const shapes = shapesByName(graph, path, options)
  return graph.inputs.map(input => {
    const order: Order = options.channels !== "file" && isImage(graph, input.name) ? "last" : "file"
    const dims = dimsOf(input, order, path, {
      given: shapes[input.name],
      batchFree: options.batch !== "file",
    })
    const lying = placed(dims, order).map(length => (batches(length) === undefined ? length : null))
    const dtype = input.type === "string" ? "float32" : input.type
    const name = input.name.replace(/[^\w.-]+/g, "_")
    const symbolic = tf.input({ batchShape: lying, dtype, name })
    return { name: input.name, value: { kind: "live", type: dtype, symbolic, dims, order } }
  })
}

function shapesByName(
  { inputs }: ReadGraph,
  path: string,
  { inputShape }: ImportOptions,
): Readonly<Record<string, readonly number[]>> {
  if (inputShape === undefined) return {}
  const names = inputs.map(({ name }) => name)
  if (!Array.isArray(inputShape)) {
    checkOptions("loadModel: inputShape", inputShape, names)
    return inputShape as Readonly<Record<string, readonly number[]>>
  }
  if (names.length === 1) return { [names[0]!]: inputShape as readonly number[] }
  const fix = `Give one by input: { ${names.map(name => `${name}: [...]`).join(", ")} }.`
  throw fail("ONNX_INPUT", {
    path,
    problem: `it has ${names.length} inputs, and \`inputShape\` is one shape`,
    fix,
  })
}

function dimsOf(
  { name, shape }: ReadValue,
  order: Order,
  path: string,
  { given, batchFree }: { given: readonly number[] | undefined; batchFree: boolean },
): number[] {
  const [first, ...rest] = shape ?? []
  if (shape?.length === 0) return []
  const free = batchFree && (typeof first !== "number" || first === 1)
  const head = free ? batch : typeof first === "number" ? first : batch
  const told = given ?? (order === "last" ? unnamed([...rest.slice(1), rest[0]]) : unnamed(rest))
  const text = (lengths: readonly unknown[]) =>
    `[${lengths.map(length => (typeof length === "number" ? length : "?")).join(", ")}]`
  const inOrder = order === "last" ? [...rest.slice(1), rest[0]] : rest
  const differs =
    given !== undefined &&
    shape !== undefined &&
    (given.length !== rest.length ||
      inOrder.some((length, i) => typeof length === "number" && length !== given[i]))
  if (differs) {
    const problem = `\`inputShape\` is ${text(given)}, and input \`${name}\` takes rows of ${text(inOrder)}`
    throw fail("ONNX_INPUT", {
      path,
      problem,
      fix: "Lengths that the file fixes cannot be others; `?` may be any.",
    })
  }
  if (told.some(length => length === undefined) || (shape === undefined && given === undefined)) {
    const problem = `input \`${name}\` takes rows of ${text(inOrder)}, and the file leaves a length open`
    const example = inOrder.map(length => (typeof length === "number" ? length : 64))
    const fix = `Say it${order === "last" ? ", channels last" : ""}: loadModel(path, { inputShape: [${example.join(", ")}] }).`
    throw fail("ONNX_INPUT", { path, problem, fix })
  }
  return unplaced([head, ...(told as number[])], order)
}

const unnamed = (lengths: readonly (number | string | undefined)[]) =>
  lengths.map(length => (typeof length === "number" && length > 0 ? length : undefined))

/** Whether what is made of an input, element by element, comes to a convolution or a pooling. */
function isImage({ nodes, inputs }: ReadGraph, name: string): boolean {
  const rank = inputs.find(input => input.name === name)?.shape?.length
  if (rank !== undefined && rank < 3) return false
  const carriers = new Set([name])
  for (const { op, inputs: reads, outputs } of nodes) {
    const order = operators.get(op)?.order
    if (order === "last" && carriers.has(reads[0]!)) return true
    const passes = order === "same" || order === "together" || (order === "axes" && op !== "Slice")
    if (passes && reads.some(one => carriers.has(one))) for (const one of outputs) carriers.add(one)
  }
  return false
}
