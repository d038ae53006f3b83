// One row an operation: how it is written in StableHLO, most of them as one call. To add an operation, add its row here and in
// ops.ts.

import type { Node } from "./node.js"
import { type BinaryOp, binaryOps, type OpName, type UnaryOp, unaryOps } from "./ops.js"
import {
  argReduceLines,
  reduction,
  scatterLines,
  selectAndScatterLines,
  sortLines,
  windowAttrs,
} from "./stablehloBodies.js"
import { fftLines } from "./stablehloFft.js"
import { type Call, callText, i64s, numberText, paddingText } from "./stablehloForm.js"
import { call, constantLine, denseLine, type EmitRow, type Emitted } from "./stablehloRow.js"
import { type DType, isFloat, type TensorType } from "./types.js"

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
