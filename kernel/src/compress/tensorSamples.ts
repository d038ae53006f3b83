// Tensors as samples: `x` with rows first, and `y` where labels are wanted.

import { fail } from "../errors.js"
import { noRows, pieces, rowSize, type Samples } from "./samples.js"

type Tensor = import("@tensorflow/tfjs").Tensor

export interface SampleTensors {
  readonly x: Tensor
  readonly y?: Tensor
}

/** `shape` is that of a row in the model; `name` the option they were given in. */
export async function tensorSamples(
  name: string,
  { x, y }: SampleTensors,
  shape: readonly (number | null)[],
): Promise<Samples> {
  const given = x.shape.slice(1)
  if (!fits(given, shape)) throw wrongShape(name, x.shape, shape)
  if (y !== undefined && y.shape[0] !== x.shape[0])
    throw bad(name, `${x.shape[0]} rows of x and ${y.shape[0]} of y`, "Give one label a row.")
  const count = x.shape[0]!
  if (count === 0) throw noRows(name, "Give at least one row; a few hundred typical ones are enough.")
  const labelWidth = y === undefined ? 0 : rowSize(y.shape.slice(1))
  const all = { count, x: await floats(x), y: y === undefined ? new Float32Array(0) : await floats(y) }
  return {
    shape: given,
    labelWidth,
    async *batches(rows) {
      yield* pieces(all, rowSize(given), labelWidth, rows)
    },
  }
}

export function fits(given: readonly number[], wanted: readonly (number | null)[]): boolean {
  return (
    given.length === wanted.length &&
    wanted.every((length, axis) => length === null || length === given[axis])
  )
}

async function floats(tensor: Tensor): Promise<Float32Array> {
  const data = await tensor.data()
  return data instanceof Float32Array ? data : Float32Array.from(data)
}

function wrongShape(name: string, given: readonly number[], wanted: readonly (number | null)[]): Error {
  const rows = ["rows", ...wanted.map(length => length ?? "any")].join(", ")
  return bad(name, `of shape [${given.join(", ")}], and the model takes [${rows}]`, "Reshape x to that.")
}

function bad(name: string, value: string, fix: string): Error {
  return fail("BAD_VALUE", { where: "compress", name, value, fix })
}
