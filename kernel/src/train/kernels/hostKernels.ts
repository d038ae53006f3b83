// Kernels that are about values rather than graphs: those that share memory under a new shape or type, and those that are
// better answered on the host when the host has the elements (indices of a batch, ranges).

import { constant, convert, dynamicSlice, slice } from "../../ir/build.js"
import { type DType, elements } from "../../ir/types.js"
import type { TensorInfo, XlaBackend } from "../XlaBackend.js"
import { asComplex, complexOf, part } from "./complex.js"
import type { KernelCall, KernelFunction } from "./register.js"

const dtypes: Readonly<Record<string, DType>> = { float32: "f32", int32: "i32", bool: "i1" }

function shared(backend: XlaBackend, info: TensorInfo, shape: number[] = info.shape): TensorInfo {
  backend.incRef(info.dataId)
  return { dataId: info.dataId, shape, dtype: info.dtype }
}

function reshapeTo({ inputs, attrs, backend }: KernelCall): TensorInfo {
  const { shape } = attrs as { shape: number[] }
  const size = elements(inputs.x!.shape)
  const known = shape.reduce((product, length) => (length === -1 ? product : product * length), 1)
  return shared(
    backend,
    inputs.x!,
    shape.map(length => (length === -1 ? size / known : length)),
  )
}

function cast({ inputs, attrs, backend }: KernelCall): TensorInfo {
  const { dtype } = attrs as { dtype: string }
  const x = inputs.x!
  if (dtype === x.dtype) return shared(backend, x)
  const node = x.dtype === "complex64" ? part(backend.nodeOf(x), 0) : backend.nodeOf(x)
  if (dtype === "complex64") return backend.record(asComplex(node), "complex64")
  const type = dtypes[dtype]
  if (type === undefined) throw new TypeError(`xla has no ${dtype}`)
  return backend.record(convert(node, type))
}

/** Host memory is cut on the host: a batch's indices change every step, and must not change the program. */
function sliceOf({ inputs, attrs, backend }: KernelCall): TensorInfo {
  const x = inputs.x!
  const { begin, size } = attrs as { begin: number | number[]; size: number | number[] }
  const { start, limit, shape } = bounds(x.shape, [begin].flat(), [size].flat())
  const host = backend.hostOf(x.dataId)
  const wholeRows = shape.every((length, axis) => axis === 0 || length === x.shape[axis])
  if (host !== undefined && wholeRows && x.shape.length > 0) {
    const row = elements(x.shape.slice(1))
    const part = host.subarray(start[0]! * row, limit[0]! * row)
    return { dataId: backend.write(part, shape, x.dtype), shape, dtype: x.dtype }
  }
  const node = backend.nodeOf(x)
  const moving = node.op === "parameter" && start[0] !== undefined && shape[0] !== x.shape[0]
  if (!moving) return backend.record(slice(node, start, limit))
  const at = start.map((from, axis) =>
    axis === 0 ? backend.scalar(from) : constant(from, { dtype: "i32", shape: [] }),
  )
  return backend.record(dynamicSlice(node, at, shape))
}

function bounds(shape: readonly number[], begin: readonly number[], size: readonly number[]) {
  const start = shape.map((_, axis) => begin[axis] ?? 0)
  const lengths = shape.map((length, axis) => {
    const wanted = size[axis] ?? -1
    return wanted < 0 ? length - start[axis]! : wanted
  })
  const limit = start.map((from, axis) => from + lengths[axis]!)
  if (start.some(from => from < 0))
    throw new RangeError(`slice() does not support negative begin indexing. Got begin [${begin}]`)
  if (limit.some((to, axis) => to > shape[axis]!))
    throw new RangeError(`slice begins at [${begin}] with size [${size}], beyond [${shape}]`)
  return { start, limit, shape: lengths }
}

function filled({ attrs, backend }: KernelCall): TensorInfo {
  const { shape, value, dtype } = attrs as { shape: number[]; value: number | string; dtype?: string }
  if (typeof value === "string") {
    const text = new TextEncoder().encode(value)
    const dataId = backend.write(new Array(elements(shape)).fill(text), shape, "string")
    return { dataId, shape, dtype: "string" }
  }
  return backend.record(constant(value, { dtype: dtypes[dtype ?? "float32"]!, shape: [...shape] }))
}

/** Counts down by one where the step is the default and the end lies below the start. */
function range({ attrs, backend }: KernelCall): TensorInfo {
  const { start, stop, step, dtype } = attrs as Record<"start" | "stop" | "step", number> & {
    dtype: "float32" | "int32"
  }
  const stride = stop < start && step === 1 ? -1 : step
  const length = (stop - start) / stride > 0 ? Math.abs(Math.ceil((stop - start) / step)) : 0
  const values = dtype === "int32" ? new Int32Array(length) : new Float32Array(length)
  // Added up, as tfjs does, so that the last bits agree.
  for (let i = 0; i < length; i++) values[i] = i === 0 ? start : values[i - 1]! + stride
  return onHost(backend, values, dtype)
}

function linSpace({ attrs, backend }: KernelCall): TensorInfo {
  const { start, stop, num } = attrs as Record<"start" | "stop" | "num", number>
  const step = num === 1 ? 0 : (stop - start) / (num - 1)
  return onHost(
    backend,
    Float32Array.from({ length: num }, (_, i) => start + i * step),
    "float32",
  )
}

function onHost(
  backend: XlaBackend,
  values: Float32Array | Int32Array,
  dtype: "float32" | "int32",
): TensorInfo {
  const shape = [values.length]
  return { dataId: backend.write(values, shape, dtype), shape, dtype }
}

export const hostKernels: Readonly<Record<string, KernelFunction>> = {
  Identity: ({ inputs, backend }) => shared(backend, inputs.x!),
  Reshape: reshapeTo,
  ExpandDims({ inputs, attrs, backend }) {
    const { dim } = attrs as { dim: number }
    const x = inputs.input!
    if (dim < -(x.shape.length + 1) || dim > x.shape.length)
      throw new RangeError(`axis ${dim} is not one of a tensor with ${x.shape.length + 1} axes`)
    return shared(backend, x, x.shape.toSpliced(dim < 0 ? x.shape.length + 1 + dim : dim, 0, 1))
  },
  Cast: cast,
  Slice: sliceOf,
  Fill: filled,
  Range: range,
  LinSpace: linSpace,
  Complex: ({ inputs, backend }) =>
    backend.record(complexOf(backend.nodeOf(inputs.real!), backend.nodeOf(inputs.imag!)), "complex64"),
}
