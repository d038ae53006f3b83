// Complex numbers: a complex64 tensor is an f32 node with one more axis, the real and the imaginary part, which is also how
// tfjs lays their elements out on the host. Kernels that take complex inputs; all others refuse them.

import {
  add,
  compare,
  concatenate,
  constant,
  convert,
  divide,
  fft,
  fill,
  maximum,
  minimum,
  multiply,
  reshape,
  select,
  slice,
  subtract,
  unary,
} from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import { type AB, axesOf, type KernelTable, type X } from "./table.js"

/** The real (0) or the imaginary (1) parts. */
export function part(z: Node, which: 0 | 1): Node {
  const { shape } = z.type
  const last = shape.length - 1
  const start = shape.map((_, axis) => (axis === last ? which : 0))
  const limit = shape.map((size, axis) => (axis === last ? which + 1 : size))
  return reshape(slice(z, start, limit), shape.slice(0, last))
}

export function complexOf(real: Node, imag: Node): Node {
  const column = (x: Node) => reshape(convert(x, "f32"), [...x.type.shape, 1])
  return concatenate([column(real), column(imag)], real.type.shape.length)
}

/** A real tensor as complex numbers. */
export function asComplex(real: Node): Node {
  return complexOf(real, constant(0, { dtype: "f32", shape: real.type.shape }))
}

function product({ a, b }: AB): Node {
  const [ar, ai, br, bi] = [part(a, 0), part(a, 1), part(b, 0), part(b, 1)]
  return complexOf(subtract(multiply(ar, br), multiply(ai, bi)), add(multiply(ar, bi), multiply(ai, br)))
}

/** hypot: scaled by the larger part, so that the squares do not overflow. */
function absolute({ x }: X): Node {
  const [a, b] = [unary("abs", part(x, 0)), unary("abs", part(x, 1))]
  const [large, small] = [maximum(a, b), minimum(a, b)]
  const ratio = divide(small, large)
  const length = multiply(large, unary("sqrt", add(fill(1, ratio), multiply(ratio, ratio))))
  return select(compare("EQ", large, fill(0, large)), large, length)
}

function joined(parts: Record<string, Node>, attrs: { axis: number }): Node {
  const list = Object.values(parts)
  const [axis] = axesOf(attrs.axis, list[0]!.type.shape.length - 1)
  return concatenate(list, axis!)
}

function stacked(parts: Record<string, Node>, attrs: { axis: number }): Node {
  const list = Object.values(parts)
  const [axis] = axesOf(attrs.axis, list[0]!.type.shape.length)
  const grown = list.map(z => reshape(z, z.type.shape.toSpliced(axis!, 0, 1)))
  return concatenate(grown, axis!)
}

/** Complex numbers in (real inputs beside them are converted), complex numbers out. */
export const complexKernels: KernelTable = {
  Add: ({ a, b }: AB) => add(a, b),
  Sub: ({ a, b }: AB) => subtract(a, b),
  Multiply: product,
  Concat: joined,
  Pack: stacked,
  ZerosLike: ({ x }: X) => fill(0, x),
  OnesLike: ({ x }: X) => {
    const real = part(x, 0)
    return complexOf(fill(1, real), fill(0, real))
  },
  FFT: ({ input }: { input: Node }) => fft(input, false),
  IFFT: ({ input }: { input: Node }) => fft(input, true),
}

/** Complex numbers in, real ones out. */
export const partKernels: KernelTable = {
  Real: ({ input }: { input: Node }) => part(input, 0),
  Imag: ({ input }: { input: Node }) => part(input, 1),
  ComplexAbs: absolute,
}
