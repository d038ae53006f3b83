// Nodes whose result is known when the file is read: constants, arithmetic on shapes, and what is made of known numbers only.

import type { ReadNode, ReadTensor } from "../../../onnx/readModel.js"
import { isBody } from "./controlFlow.js"
import { Call, Folding, type Setting, type Settings, type Tensor, type Tf } from "./Operator.js"
import { known } from "./operators/folds.js"
import { operators } from "./table.js"
import { batches, elementsFor, type Known, type Value } from "./Value.js"

/** These only move a weight's numbers, or store them in another way: what they give is still that weight. */
const rearranging = new Set([
  "Transpose",
  "Reshape",
  "Squeeze",
  "Unsqueeze",
  "Flatten",
  "Identity",
  "Cast",
  "QuantizeLinear",
  "DequantizeLinear",
])

/** Tensors among the attributes are kept as lists of numbers and a type. */
export function settingsOf(node: ReadNode, inputs: readonly (Value | undefined)[]): Settings {
  const settings: Record<string, Setting> = {}
  const typed = inputs[operators.get(node.op)?.typedBy ?? -1]
  if (typed?.kind === "known" && typed.stored !== undefined) settings.stored = typed.stored
  for (const [name, value] of Object.entries(node.attributes)) {
    if (typeof value !== "object" || Array.isArray(value)) settings[name] = value as Setting
    else if (!Array.isArray(value) && !isBody(value)) {
      const { data, type } = value as ReadTensor
      settings[name] = Array.from(data as ArrayLike<number>)
      settings.type = type
    }
  }
  return settings
}

export function foldNode(
  tf: Tf,
  node: ReadNode,
  inputs: readonly (Value | undefined)[],
  operatorSet: number,
): readonly Value[] | undefined {
  if (node.op === "Constant") return constantOf(node)
  const [first] = inputs
  if (node.op === "Shape" && first !== undefined) return [shapeOf(node, first)]
  if (node.op === "Size" && first !== undefined)
    return [known("int32", [], [lengthsOf(first).reduce((size, length) => size * length, 1)])]
  if (inputs.length === 0 || inputs.some(input => input !== undefined && input.kind !== "known"))
    return undefined
  const operator = operators.get(node.op)!
  const settings = settingsOf(node, inputs)
  const whole = inputs.every(input => input === undefined || (input as Known).type !== "float32")
  if (
    whole ||
    node.op === "Cast" ||
    node.op === "Identity" ||
    node.op === "ConstantOfShape" ||
    node.op === "Range"
  ) {
    const folded = operator.fold?.(new Folding(settings, operatorSet, inputs))
    if (folded !== undefined) return [named(node, inputs, folded)]
  }
  const free = inputs.some(input =>
    (input as Known | undefined)?.data.some(value => batches(value) !== undefined),
  )
  if (free) return undefined
  return computed(tf, node, inputs as readonly (Known | undefined)[], settings, operatorSet)
}

function named(node: ReadNode, inputs: readonly (Value | undefined)[], value: Known): Known {
  const weight = rearranging.has(node.op) ? (inputs[0] as Known).weight : undefined
  return { ...value, weight }
}

const lengthsOf = (value: Value) => (value.kind === "known" ? value.shape : value.dims)

function shapeOf({ attributes }: ReadNode, value: Value): Known {
  const { start = 0, end } = attributes as { start?: number; end?: number }
  const lengths = lengthsOf(value).slice(start, end)
  return known("int32", [lengths.length], lengths)
}

function constantOf(node: ReadNode): readonly Value[] | undefined {
  const [[name, value] = [], ...others] = Object.entries(node.attributes)
  if (value === undefined || others.length > 0) return undefined
  if (name === "value") {
    const { type, shape, data, stored } = value as ReadTensor
    if (type === "string") return undefined
    return [{ kind: "known", type, shape, data: data as Float32Array, weight: node.outputs[0], stored }]
  }
  const numbers = [value].flat() as number[]
  const type = name?.startsWith("value_float") ? "float32" : "int32"
  return [known(type, Array.isArray(value) ? [numbers.length] : [], numbers)]
}

/** Once, on tfjs's own cpu backend: small work, not worth a program to compile. */
function computed(
  tf: Tf,
  node: ReadNode,
  inputs: readonly (Known | undefined)[],
  settings: Settings,
  operatorSet: number,
): readonly Value[] {
  const before = tf.getBackend()
  const cpu = tf.findBackend("cpu") as unknown as { firstUse?: boolean } | null
  if (cpu !== null) cpu.firstUse = false
  void tf.setBackend("cpu")
  try {
    let results: Known[] = []
    tf.tidy(() => {
      const args = inputs.map(input =>
        input === undefined
          ? undefined
          : {
              tensor: tf.tensor(elementsFor(input), [...input.shape], input.type as "float32"),
              known: { type: input.type as "float32", shape: input.shape, data: Array.from(input.data) },
            },
      )
      const operator = operators.get(node.op)!
      const order = operator.order === "last" ? "last" : "file"
      const call = new Call(tf, settings, operatorSet, order, node.outputs.length, args, (_, make) => make())
      results = [operator.run(call)].flat().map(tensor => named(node, inputs, knownOf(tensor)))
    })
    return results
  } finally {
    void tf.setBackend(before)
  }
}

function knownOf(tensor: Tensor): Known {
  return known(tensor.dtype as "float32", tensor.shape, tensor.dataSync())
}
