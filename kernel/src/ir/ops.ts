// The operations of a program, one row each: what its attributes are and what type comes out of its operands. Not how an
// operation is written for a compiler: that is one row per lowering (stablehloOps.ts). The set is the elementwise,
// structural and contraction core of StableHLO 1.0, so that lowering needs no decisions.

import {
  convolutionType,
  dotGeneralType,
  gatherType,
  reduceWindowType,
  scatterType,
  selectAndScatterType,
} from "./contractions.js"
import { elements, isFloat, type Shape, sameShape, type TensorType, typeName } from "./types.js"

export const unaryOps = [
  "abs",
  "ceil",
  "cosine",
  "exponential",
  "exponential_minus_one",
  "floor",
  "is_finite",
  "log",
  "log_plus_one",
  "logistic",
  "negate",
  "not",
  "round_nearest_even",
  "rsqrt",
  "sign",
  "sine",
  "sqrt",
  "tanh",
  // The rest are CHLO: every PJRT plugin expands them.
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
] as const
export const binaryOps = [
  "add",
  "and",
  "atan2",
  "divide",
  "maximum",
  "minimum",
  "multiply",
  "or",
  "power",
  "remainder",
  "shift_right_logical",
  "subtract",
  "xor",
] as const
export type UnaryOp = (typeof unaryOps)[number]
export type BinaryOp = (typeof binaryOps)[number]
export type Direction = "EQ" | "NE" | "GE" | "GT" | "LE" | "LT"
export type Reducer = "add" | "maximum" | "minimum" | "multiply" | "and" | "or"

type None = Readonly<Record<never, never>>
type Padding = readonly (readonly [number, number])[]

export interface WindowAttrs {
  readonly window: readonly number[]
  readonly strides: readonly number[]
  readonly padding: Padding
}

/** Attributes by operation; `None` where the operands say everything. */
export type OpAttrs = { readonly [K in UnaryOp | BinaryOp]: None } & {
  /** A value from outside; its place in the program's parameter list is its identity. */
  readonly parameter: { readonly type: TensorType }
  /** The elements one by one, for small tables that follow from shapes alone (indices of a resize). */
  readonly table: { readonly type: TensorType; readonly values: readonly number[] }
  /** One value in every element. */
  readonly constant: { readonly type: TensorType; readonly value: number }
  readonly iota: { readonly type: TensorType; readonly axis: number }
  readonly compare: { readonly direction: Direction }
  readonly select: None
  /** The same value, cut over the devices of a mesh as XLA's `sharding` says. */
  readonly shard: { readonly sharding: string }
  readonly convert: { readonly dtype: TensorType["dtype"] }
  readonly reshape: { readonly shape: Shape }
  /** Operand axis i becomes result axis `axes[i]`. */
  readonly broadcast_in_dim: { readonly shape: Shape; readonly axes: readonly number[] }
  readonly transpose: { readonly permutation: readonly number[] }
  readonly reverse: { readonly axes: readonly number[] }
  readonly slice: {
    readonly start: readonly number[]
    readonly limit: readonly number[]
    readonly stride: readonly number[]
  }
  /** Operands: the tensor, then one i32 scalar an axis. */
  readonly dynamic_slice: { readonly size: readonly number[] }
  readonly concatenate: { readonly axis: number }
  /** Operands: the tensor and the padding value. */
  readonly pad: {
    readonly low: readonly number[]
    readonly high: readonly number[]
    readonly interior: readonly number[]
  }
  readonly reduce: { readonly reducer: Reducer; readonly axes: readonly number[] }
  /** Index of the largest (or smallest) element along one axis, the first one on ties. */
  readonly arg_reduce: { readonly direction: "GT" | "LT"; readonly axis: number }
  readonly dot_general: {
    readonly batch: readonly [readonly number[], readonly number[]]
    readonly contract: readonly [readonly number[], readonly number[]]
    /** Not to be narrowed: it interpolates, or moves numbers about. */
    readonly exact?: true
    /** The type that products are added up in, where it is not the operands'. */
    readonly result?: "f32"
  }
  readonly convolution: {
    /** `[b,0,1,f]x[0,1,i,o]->[b,0,1,f]` */
    readonly layout: string
    readonly strides: readonly number[]
    readonly padding: Padding
    readonly lhsDilation: readonly number[]
    readonly rhsDilation: readonly number[]
    readonly groups: number
    readonly batchGroups: number
    readonly result?: "f32"
  }
  readonly reduce_window: WindowAttrs & { readonly reducer: Reducer }
  /** Operands: input, source. Adds each source element where its window has the first largest input. */
  readonly select_and_scatter: WindowAttrs
  /** Rows of operand 0 along `axis`, picked by the i32 indices of operand 1 (result: the indices' shape in place of axis). */
  readonly gather: { readonly axis: number }
  /**
   * Operands: base, i32 indices, updates. `base[indices[i]] += updates[i]`, or `=`, along axis 0. Rows outside are left
   * out; of several assignments to one row any may win where a device works in parallel.
   */
  readonly scatter: { readonly mode: "add" | "set" }
  /** Sorted down along the last axis, the first of equals first: the elements, or where (i32) they stood. */
  readonly sort: { readonly result: "values" | "places" }
  /** Fourier transform along the axis before the last; the last holds the real and the imaginary part. */
  readonly fft: { readonly inverse: boolean }
}

export type OpName = keyof OpAttrs
type Infer<K extends OpName> = (types: readonly TensorType[], attrs: OpAttrs[K]) => TensorType

const same = (types: readonly TensorType[]): TensorType => types[0]!

function agree(op: string, types: readonly TensorType[]): TensorType {
  const [a, b] = types as [TensorType, TensorType]
  if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape))
    throw new RangeError(`${op} of ${typeName(a)} and ${typeName(b)}`)
  return a
}

type ElementwiseRule = (types: readonly TensorType[]) => TensorType

const unaryRows = Object.fromEntries(unaryOps.map(op => [op, same])) as Record<UnaryOp, ElementwiseRule>
const binaryRows = Object.fromEntries(
  binaryOps.map(op => [op, (types: readonly TensorType[]) => agree(op, types)]),
) as unknown as Record<BinaryOp, ElementwiseRule>

/** One row an operation: its shape rule, which throws a RangeError on operands that do not fit. */
export const ops: { readonly [K in OpName]: Infer<K> } = {
  ...unaryRows,
  ...binaryRows,
  is_finite: ([x]) => ({ dtype: "i1", shape: x!.shape }),
  parameter: (_, { type }) => type,
  constant: (_, { type }) => type,
  table(_, { type, values }) {
    if (values.length !== elements(type.shape))
      throw new RangeError(`${values.length} values for ${typeName(type)}`)
    return type
  },
  iota: (_, { type }) => type,
  compare: types => ({ dtype: "i1", shape: agree("compare", types).shape }),
  select([test, yes, no]) {
    const type = agree("select", [yes!, no!])
    if (test!.dtype !== "i1" || !sameShape(test!.shape, type.shape))
      throw new RangeError(`select by ${typeName(test!)} of ${typeName(type)}`)
    return type
  },
  shard: same,
  convert: ([x], { dtype }) => ({ dtype, shape: x!.shape }),
  reshape([x], { shape }) {
    if (elements(shape) !== elements(x!.shape))
      throw new RangeError(`reshape of ${typeName(x!)} to [${shape}]`)
    return { dtype: x!.dtype, shape }
  },
  broadcast_in_dim([x], { shape, axes }) {
    const fits = x!.shape.every((size, axis) => size === 1 || size === shape[axes[axis]!])
    if (axes.length !== x!.shape.length || !fits)
      throw new RangeError(`broadcast of ${typeName(x!)} to [${shape}] along [${axes}]`)
    return { dtype: x!.dtype, shape }
  },
  transpose: ([x], { permutation }) => ({ dtype: x!.dtype, shape: permutation.map(axis => x!.shape[axis]!) }),
  reverse: same,
  slice([x], { start, limit, stride }) {
    const shape = x!.shape.map((_, axis) => Math.ceil((limit[axis]! - start[axis]!) / stride[axis]!))
    if (x!.shape.some((size, axis) => start[axis]! < 0 || limit[axis]! > size || shape[axis]! < 0))
      throw new RangeError(`slice [${start}] to [${limit}] of ${typeName(x!)}`)
    return { dtype: x!.dtype, shape }
  },
  dynamic_slice: ([x], { size }) => ({ dtype: x!.dtype, shape: size }),
  concatenate(types, { axis }) {
    for (const type of types) {
      const fits = type.shape.every((size, i) => i === axis || size === types[0]!.shape[i])
      if (!fits || type.dtype !== types[0]!.dtype || type.shape.length !== types[0]!.shape.length)
        throw new RangeError(
          `concatenation of ${typeName(types[0]!)} and ${typeName(type)} along axis ${axis}`,
        )
    }
    const total = types.reduce((sum, type) => sum + type.shape[axis]!, 0)
    return { dtype: types[0]!.dtype, shape: types[0]!.shape.map((size, i) => (i === axis ? total : size)) }
  },
  pad([x], { low, high, interior }) {
    const grown = (size: number, axis: number) =>
      size + low[axis]! + high[axis]! + Math.max(size - 1, 0) * interior[axis]!
    return { dtype: x!.dtype, shape: x!.shape.map(grown) }
  },
  reduce: ([x], { axes }) => ({ dtype: x!.dtype, shape: x!.shape.filter((_, axis) => !axes.includes(axis)) }),
  arg_reduce: ([x], { axis }) => ({ dtype: "i32", shape: x!.shape.filter((_, i) => i !== axis) }),
  dot_general: dotGeneralType,
  convolution: convolutionType,
  reduce_window: reduceWindowType,
  select_and_scatter: selectAndScatterType,
  gather: gatherType,
  scatter: scatterType,
  sort: ([x], { result }) => ({ dtype: result === "values" ? x!.dtype : "i32", shape: x!.shape }),
  fft([x]) {
    if (x!.dtype !== "f32" || x!.shape.length < 2 || x!.shape.at(-1) !== 2)
      throw new RangeError(`fft of ${typeName(x!)}`)
    return x!
  },
}

/** Reducers and their neutral element for a type. */
export function neutral(reducer: Reducer, dtype: TensorType["dtype"]): number {
  switch (reducer) {
    case "add":
    case "or":
      return 0
    case "multiply":
    case "and":
      return 1
    case "maximum":
      return isFloat(dtype) ? -Infinity : dtype === "i1" ? 0 : -(2 ** 31)
    case "minimum":
      return isFloat(dtype) ? Infinity : dtype === "i1" ? 1 : 2 ** 31 - 1
    default:
      return reducer satisfies never
  }
}
