// One row an operation: how it is written in StableHLO. To add an operation, add its row here and in ops.ts.

import type { Node } from "./node.js"
import {
  type BinaryOp,
  binaryOps,
  neutral,
  type OpAttrs,
  type OpName,
  type Reducer,
  type UnaryOp,
  unaryOps,
} from "./ops.js"
import { type Call, callText, i64s, numberText, paddingText, tensorText } from "./stablehloForm.js"
import { type DType, isFloat, type TensorType } from "./types.js"

/** The lines of one node; `result` when its value is not called `name`. */
export interface Emitted {
  readonly lines: readonly string[]
  readonly result?: string
}
export type EmitRow<K extends OpName> = (node: Node<K>, inputs: readonly string[], name: string) => Emitted

const chloOps: ReadonlySet<UnaryOp> = new Set<UnaryOp>([
  "acos",
  "acosh",
  "asin",
  "asinh",
  "atan",
  "atanh",
  "cosh",
  "erf",
  "sinh",
  "tan",
])

/** The common case: one call, its attributes made from the node's. */
function call<K extends OpName>(
  op: string,
  attrs?: (attrs: OpAttrs[K], node: Node<K>) => Call["attrs"],
): EmitRow<K> {
  return (node, inputs, name) => {
    const types = node.inputs.map(input => input.type)
    const text = { op, inputs, types, attrs: attrs?.(node.attrs, node) }
    return { lines: [`${name} = ${callText(text, [node.type])}`] }
  }
}

type Elementwise = UnaryOp | BinaryOp

function rowsOf<K extends Elementwise>(names: readonly K[]): Record<K, EmitRow<Elementwise>> {
  const dialect = (op: K) => (chloOps.has(op as UnaryOp) ? "chlo" : "stablehlo")
  const rows = names.map(op => [op, call<Elementwise>(`${dialect(op)}.${op}`)])
  return Object.fromEntries(rows) as Record<K, EmitRow<Elementwise>>
}

export const stablehloRows: { readonly [K in OpName]: EmitRow<K> } = {
  ...rowsOf(unaryOps),
  ...rowsOf(binaryOps),
  parameter: () => {
    throw new RangeError("a parameter is declared, not written")
  },
  constant: (node, _, name) => ({ lines: [constantLine(name, node.attrs.value, node.type)] }),
  table(node, _, name) {
    const { type, values } = node.attrs
    const elements = values.map(value => numberText(value, type.dtype)).join(", ")
    return { lines: [denseLine(name, `[${elements}]`, type)] }
  },
  iota: call("stablehlo.iota", ({ axis }) => ({ iota_dimension: `${axis} : i64` })),
  compare: call("stablehlo.compare", ({ direction }, node) => ({
    comparison_direction: `#stablehlo<comparison_direction ${direction}>`,
    compare_type: `#stablehlo<comparison_type ${compareType(node.inputs[0]!.type.dtype)}>`,
  })),
  select: call("stablehlo.select"),
  convert: call("stablehlo.convert"),
  reshape: call("stablehlo.reshape"),
  broadcast_in_dim: call("stablehlo.broadcast_in_dim", ({ axes }) => ({ broadcast_dimensions: i64s(axes) })),
  transpose: call("stablehlo.transpose", ({ permutation }) => ({ permutation: i64s(permutation) })),
  reverse: call("stablehlo.reverse", ({ axes }) => ({ dimensions: i64s(axes) })),
  slice: call("stablehlo.slice", ({ start, limit, stride }) => ({
    start_indices: i64s(start),
    limit_indices: i64s(limit),
    strides: i64s(stride),
  })),
  dynamic_slice: call("stablehlo.dynamic_slice", ({ size }) => ({ slice_sizes: i64s(size) })),
  shard: call("stablehlo.custom_call", ({ sharding }) => ({
    call_target_name: '"Sharding"',
    "mhlo.sharding": `"${sharding}"`,
  })),
  concatenate: call("stablehlo.concatenate", ({ axis }) => ({ dimension: `${axis} : i64` })),
  pad: call("stablehlo.pad", ({ low, high, interior }) => ({
    edge_padding_low: i64s(low),
    edge_padding_high: i64s(high),
    interior_padding: i64s(interior),
  })),
  dot_general: call("stablehlo.dot_general", ({ batch, contract }) => ({
    dot_dimension_numbers:
      `#stablehlo.dot<lhs_batching_dimensions = [${batch[0]}], rhs_batching_dimensions = [${batch[1]}], ` +
      `lhs_contracting_dimensions = [${contract[0]}], rhs_contracting_dimensions = [${contract[1]}]>`,
  })),
  convolution: call("stablehlo.convolution", attrs => ({
    dimension_numbers: `#stablehlo.conv<${attrs.layout}>`,
    window_strides: i64s(attrs.strides),
    padding: paddingText(attrs.padding),
    lhs_dilation: i64s(attrs.lhsDilation),
    rhs_dilation: i64s(attrs.rhsDilation),
    feature_group_count: `${attrs.groups} : i64`,
    batch_group_count: `${attrs.batchGroups} : i64`,
  })),
  reduce(node, [x], name) {
    const { reducer, axes } = node.attrs
    return reduction(node, x!, name, "stablehlo.reduce", reducer, { dimensions: i64s(axes) })
  },
  reduce_window(node, [x], name) {
    return reduction(node, x!, name, "stablehlo.reduce_window", node.attrs.reducer, windowAttrs(node.attrs))
  },
  arg_reduce: argReduceLines,
  select_and_scatter: selectAndScatterLines,
  gather: gatherLines,
  scatter: scatterLines,
  sort: sortLines,
  fft: fftLines,
}

function compareType(dtype: DType): string {
  if (isFloat(dtype)) return "FLOAT"
  return dtype === "i1" || dtype === "u8" ? "UNSIGNED" : "SIGNED"
}

function constantLine(name: string, value: number, type: TensorType): string {
  return denseLine(name, numberText(value, type.dtype), type)
}

function denseLine(name: string, elements: string, type: TensorType): string {
  const text = `dense<${elements}> : ${tensorText(type)}`
  return `${name} = ${callText({ op: "stablehlo.constant", inputs: [], types: [], attrs: { value: text } }, [type])}`
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

function reduction(
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

function windowAttrs(attrs: OpAttrs["select_and_scatter"]): Call["attrs"] {
  return {
    window_dimensions: i64s(attrs.window),
    window_strides: i64s(attrs.strides),
    padding: paddingText(attrs.padding),
  }
}

/** The first largest, by a reduction over (value, index) pairs that keeps the lower index on ties. NaN never wins. */
function argReduceLines(node: Node<"arg_reduce">, [x]: readonly string[], name: string): Emitted {
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

function selectAndScatterLines(
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

function gatherLines(node: Node<"gather">, inputs: readonly string[], name: string): Emitted {
  const { axis } = node.attrs
  const [x, indices] = node.inputs.map(input => input.type) as [TensorType, TensorType]
  const rank = indices.shape.length
  const offsets = node.type.shape.map((_, i) => i).filter(i => i < axis || i >= axis + rank)
  const text: Call = {
    op: "stablehlo.gather",
    inputs,
    types: [x, indices],
    attrs: {
      dimension_numbers:
        `#stablehlo.gather<offset_dims = [${offsets}], collapsed_slice_dims = [${axis}], ` +
        `start_index_map = [${axis}], index_vector_dim = ${rank}>`,
      slice_sizes: i64s(x.shape.map((size, i) => (i === axis ? 1 : size))),
      indices_are_sorted: "false",
    },
  }
  return { lines: [`${name} = ${callText(text, [node.type])}`] }
}

function scatterLines(node: Node<"scatter">, inputs: readonly string[], name: string): Emitted {
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

/** A region of two scalars that returns the second. */
function secondBody(dtype: DType): string[] {
  const text = tensorText({ dtype, shape: [] })
  return [`^bb0(%a: ${text}, %b: ${text}):`, `  "stablehlo.return"(%b) : (${text}) -> ()`]
}

/** A stable sort of (element, place) pairs; NaN compares with nothing and stays about where it was. */
function sortLines(node: Node<"sort">, [x]: readonly string[], name: string): Emitted {
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

/** Complex numbers exist only inside these lines: split, transformed, put side by side again. */
function fftLines(node: Node<"fft">, [x]: readonly string[], name: string): Emitted {
  const { shape } = node.type
  const last = shape.length - 1
  const part: TensorType = { dtype: "f32", shape: shape.slice(0, -1) }
  const column: TensorType = { dtype: "f32", shape: [...part.shape, 1] }
  const numbers = `tensor<${part.shape.map(size => `${size}x`).join("")}complex<f32>>`
  const [flat, real] = [tensorText(node.type), tensorText(part)]
  const lines: string[] = []
  for (const [i, side] of ["re", "im"].entries()) {
    const slice: Call = {
      op: "stablehlo.slice",
      inputs: [x!],
      types: [node.type],
      attrs: {
        start_indices: i64s([...part.shape.map(() => 0), i]),
        limit_indices: i64s([...part.shape, i + 1]),
        strides: i64s(shape.map(() => 1)),
      },
    }
    const reshape: Call = { op: "stablehlo.reshape", inputs: [`${name}_${side}1`], types: [column] }
    lines.push(
      `${name}_${side}1 = ${callText(slice, [column])}`,
      `${name}_${side} = ${callText(reshape, [part])}`,
    )
  }
  const kind = node.attrs.inverse ? "IFFT" : "FFT"
  lines.push(
    `${name}_c = "stablehlo.complex"(${name}_re, ${name}_im) : (${real}, ${real}) -> ${numbers}`,
    `${name}_f = "stablehlo.fft"(${name}_c) {fft_type = #stablehlo<fft_type ${kind}>, ` +
      `fft_length = ${i64s([shape[last - 1]!])}} : (${numbers}) -> ${numbers}`,
  )
  for (const [side, op] of [
    ["re", "real"],
    ["im", "imag"],
  ]) {
    const reshape: Call = { op: "stablehlo.reshape", inputs: [`${name}_${op}`], types: [part] }
    lines.push(
      `${name}_${op} = "stablehlo.${op}"(${name}_f) : (${numbers}) -> ${real}`,
      `${name}_${side}2 = ${callText(reshape, [column])}`,
    )
  }
  lines.push(
    `${name} = "stablehlo.concatenate"(${name}_re2, ${name}_im2) {dimension = ${last} : i64} : ` +
      `(${tensorText(column)}, ${tensorText(column)}) -> ${flat}`,
  )
  return { lines }
}
