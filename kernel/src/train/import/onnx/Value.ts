// What stands for a tensor of the file while it is imported: known numbers, or a symbolic tensor of the model that grows.
// Channels: ONNX puts them after the batch, TensorFlow.js at the end. A live value knows in which of the two orders it lies,
// so that one transpose at most is made at the border of a convolutional network, and none within.

import type { Elements, StoredType } from "../../../onnx/elements.js"
import type { ReadType } from "../../../onnx/readModel.js"

type SymbolicTensor = import("@tensorflow/tfjs").SymbolicTensor

/**
 * The batch size, which only a run decides, as a length: a prime that no real length is a multiple of. So arithmetic on
 * shapes (products, quotients, picks) needs no algebra, and a length of `2 * batch` is still told.
 */
export const batch = 4_294_967_291

export function batches(length: number): number | undefined {
  return length > 0 && length < 2 ** 53 && length % batch === 0 ? length / batch : undefined
}

/** `[batch, 3, 2 * batch]`. */
export function dimsText(dims: readonly number[]): string {
  const text = dims.map(length => {
    const times = batches(length)
    return times === undefined ? length : times === 1 ? "batch" : `${times} * batch`
  })
  return `[${text.join(", ")}]`
}

/** `file`: as ONNX has it. `last`: the second axis of the file is the last one here. */
export type Order = "file" | "last"

export interface Known {
  readonly kind: "known"
  readonly type: ReadType
  readonly shape: readonly number[]
  readonly data: Elements
  /** Its name in the file when it is one of the network's weights: then it may be trained. */
  readonly weight?: string | undefined
  /** The type in the file, of constants. */
  readonly stored?: StoredType | undefined
}

export interface Live {
  readonly kind: "live"
  readonly type: ReadType
  readonly symbolic: SymbolicTensor
  /** In the file's order, whatever the order of the tensor. */
  readonly dims: readonly number[]
  readonly order: Order
}

export type Value = Known | Live

/** Where a file's axis lies. */
export function axisIn(order: Order, axis: number, rank: number): number {
  if (order === "file" || rank < 3 || axis === 0) return axis
  return axis === 1 ? rank - 1 : axis - 1
}

/** For each axis in the order, the file's axis that lies there. */
export function fileAxes(order: Order, rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  if (order === "file" || rank < 3) return axes
  return [0, ...axes.slice(2), 1]
}

/** Lengths in the order they lie in. */
export function placed(dims: readonly number[], order: Order): number[] {
  return fileAxes(order, dims.length).map(axis => dims[axis]!)
}

/** Lengths of a tensor that lies in `order`, in the file's. */
export function unplaced(dims: readonly number[], order: Order): number[] {
  return dims.map((_, axis) => dims[axisIn(order, axis, dims.length)]!)
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1)

/** The elements as TensorFlow.js takes them. */
export function elementsFor({ type, data }: Known): Float32Array | Int32Array | Uint8Array {
  if (type === "int32") return Int32Array.from(data)
  if (type === "bool") return Uint8Array.from(data)
  return data instanceof Float32Array ? data : Float32Array.from(data)
}
