// Operations that carry a small program of their own: how a reduction joins two values, how a window or a sort compares
// them, what a scatter does with what is there.

import type { Node } from "./node.js"
import { neutral, type OpAttrs, type Reducer } from "./ops.js"
import { type Call, callText, i64s, paddingText, tensorText } from "./stablehloForm.js"
import { constantLine, type Emitted } from "./stablehloRow.js"
import type { DType, TensorType } from "./types.js"

export function reduction(
  node: Node,
  x: string,
  name: string,
  op: string,
  reducer: Reducer,
  attrs: Call["attrs"],
): Emitted {
  const { dtype } = node.type
  const scalar: TensorType = { dtype, shape: [] }
  const regions = [scalarBody(`stablehlo.${reducer}`, dtype)]
  const inputs = [x, `${name}_init`]
  const text = { op, inputs, types: [node.inputs[0]!.type, scalar], attrs, regions }
  return {
    lines: [
      constantLine(`${name}_init`, neutral(reducer, dtype), scalar),
      `${name} = ${callText(text, [node.type])}`,
    ],
  }
}

export function windowAttrs(attrs: OpAttrs["select_and_scatter"]): Call["attrs"] {
  return {
    window_dimensions: i64s(attrs.window),
    window_strides: i64s(attrs.strides),
    padding: paddingText(attrs.padding),
  }
}

/** The first largest, by a reduction over (value, index) pairs that keeps the lower index on ties. NaN never wins. */
export function argReduceLines(node: Node<"arg_reduce">, [x]: readonly string[], name: string): Emitted {
  const { direction, axis } = node.attrs
  const input = node.inputs[0]!.type
  const value: TensorType = { dtype: input.dtype, shape: [] }
  const index: TensorType = { dtype: "i32", shape: [] }
  const places: TensorType = { dtype: "i32", shape: input.shape }
  const [v, i] = [tensorText(value), tensorText(index)]
  const compare = (d: string, a: string, b: string, type: TensorType) =>
    callText(
      {
        op: "stablehlo.compare",
        inputs: [a, b],
        types: [type, type],
        attrs: { comparison_direction: `#stablehlo<comparison_direction ${d}>` },
      },
      [{ dtype: "i1", shape: [] }],
    )
  const region = [
    `^bb0(%v0: ${v}, %i0: ${i}, %v1: ${v}, %i1: ${i}):`,
    `  %better = ${compare(direction, "%v0", "%v1", value)}`,
    `  %equal = ${compare("EQ", "%v0", "%v1", value)}`,
    `  %earlier = ${compare("LT", "%i0", "%i1", index)}`,
    `  %nothing = ${compare("NE", "%v1", "%v1", value)}`,
    `  %tie = "stablehlo.and"(%equal, %earlier) : (tensor<i1>, tensor<i1>) -> tensor<i1>`,
    `  %wins = "stablehlo.or"(%better, %tie) : (tensor<i1>, tensor<i1>) -> tensor<i1>`,
    `  %keep = "stablehlo.or"(%wins, %nothing) : (tensor<i1>, tensor<i1>) -> tensor<i1>`,
    `  %v = "stablehlo.select"(%keep, %v0, %v1) : (tensor<i1>, ${v}, ${v}) -> ${v}`,
    `  %i = "stablehlo.select"(%keep, %i0, %i1) : (tensor<i1>, ${i}, ${i}) -> ${i}`,
    `  "stablehlo.return"(%v, %i) : (${v}, ${i}) -> ()`,
  ]
  const iota = callText(
    { op: "stablehlo.iota", inputs: [], types: [], attrs: { iota_dimension: `${axis} : i64` } },
    [places],
  )
  const reduce = callText(
    {
      op: "stablehlo.reduce",
      inputs: [x!, `${name}_at`, `${name}_v`, `${name}_i`],
      types: [input, places, value, index],
      attrs: { dimensions: i64s([axis]) },
      regions: [region],
    },
    [{ dtype: input.dtype, shape: node.type.shape }, node.type],
  )
  const start = neutral(direction === "GT" ? "maximum" : "minimum", input.dtype)
  return {
    lines: [
      `${name}_at = ${iota}`,
      constantLine(`${name}_v`, start, value),
      constantLine(`${name}_i`, 0, index),
      `${name}:2 = ${reduce}`,
    ],
    result: `${name}#1`,
  }
}

export function selectAndScatterLines(
  node: Node<"select_and_scatter">,
  [x, source]: readonly string[],
  name: string,
): Emitted {
  const { dtype } = node.type
  const scalar: TensorType = { dtype, shape: [] }
  const text: Call = {
    op: "stablehlo.select_and_scatter",
    inputs: [x!, source!, `${name}_init`],
    types: [node.inputs[0]!.type, node.inputs[1]!.type, scalar],
    attrs: windowAttrs(node.attrs),
    regions: [
      scalarBody("stablehlo.compare", dtype, { comparison_direction: "#stablehlo<comparison_direction GE>" }),
      scalarBody("stablehlo.add", dtype),
    ],
  }
  return { lines: [constantLine(`${name}_init`, 0, scalar), `${name} = ${callText(text, [node.type])}`] }
}

export function scatterLines(node: Node<"scatter">, inputs: readonly string[], name: string): Emitted {
  const windows = node.type.shape.map((_, axis) => axis).slice(1)
  const text: Call = {
    op: "stablehlo.scatter",
    inputs,
    types: node.inputs.map(input => input.type),
    attrs: {
      scatter_dimension_numbers:
        `#stablehlo.scatter<update_window_dims = [${windows}], inserted_window_dims = [0], ` +
        "scatter_dims_to_operand_dims = [0], index_vector_dim = 1>",
      indices_are_sorted: "false",
      unique_indices: "false",
    },
    regions: [
      node.attrs.mode === "add" ? scalarBody("stablehlo.add", node.type.dtype) : secondBody(node.type.dtype),
    ],
  }
  return { lines: [`${name} = ${callText(text, [node.type])}`] }
}

/** A stable sort of (element, place) pairs; NaN compares with nothing and stays about where it was. */
export function sortLines(node: Node<"sort">, [x]: readonly string[], name: string): Emitted {
  const input = node.inputs[0]!.type
  const axis = input.shape.length - 1
  const places: TensorType = { dtype: "i32", shape: input.shape }
  const [v, i] = [tensorText({ dtype: input.dtype, shape: [] }), tensorText({ dtype: "i32", shape: [] })]
  const larger: Call = {
    op: "stablehlo.compare",
    inputs: ["%v0", "%v1"],
    types: [
      { dtype: input.dtype, shape: [] },
      { dtype: input.dtype, shape: [] },
    ],
    attrs: { comparison_direction: "#stablehlo<comparison_direction GT>" },
  }
  const region = [
    `^bb0(%v0: ${v}, %v1: ${v}, %i0: ${i}, %i1: ${i}):`,
    `  %r = ${callText(larger, [{ dtype: "i1", shape: [] }])}`,
    `  "stablehlo.return"(%r) : (tensor<i1>) -> ()`,
  ]
  const iota: Call = {
    op: "stablehlo.iota",
    inputs: [],
    types: [],
    attrs: { iota_dimension: `${axis} : i64` },
  }
  const sort: Call = {
    op: "stablehlo.sort",
    inputs: [x!, `${name}_at`],
    types: [input, places],
    attrs: { dimension: `${axis} : i64`, is_stable: "true" },
    regions: [region],
  }
  return {
    lines: [`${name}_at = ${callText(iota, [places])}`, `${name}:2 = ${callText(sort, [input, places])}`],
    result: `${name}#${node.attrs.result === "values" ? 0 : 1}`,
  }
}

/** A region of two scalars that returns one operation of them. */
function scalarBody(op: string, dtype: DType, attrs?: Call["attrs"]): string[] {
  const type: TensorType = { dtype, shape: [] }
  const result: TensorType = op === "stablehlo.compare" ? { dtype: "i1", shape: [] } : type
  const text = tensorText(type)
  return [
    `^bb0(%a: ${text}, %b: ${text}):`,
    `  %r = ${callText({ op, inputs: ["%a", "%b"], types: [type, type], attrs }, [result])}`,
    `  "stablehlo.return"(%r) : (${tensorText(result)}) -> ()`,
  ]
}

/** A region of two scalars that returns the second. */
function secondBody(dtype: DType): string[] {
  const text = tensorText({ dtype, shape: [] })
  return [`^bb0(%a: ${text}, %b: ${text}):`, `  "stablehlo.return"(%b) : (${text}) -> ()`]
}
