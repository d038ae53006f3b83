// Runs a float graph on calibration rows and watches its tensors. Rows go through in batches sized so that all watched
// tensors together stay within a bound, whatever the network and however many the rows.

import { fail } from "../../errors.js"
import type { Graph } from "../../onnx/Graph.js"
import { writeModel } from "../../onnx/writeModel.js"
import { openSession, type Rows, type Session } from "../runtime/Session.js"
import type { Samples } from "../samples.js"
import type { Range } from "./affine.js"
import { type ObserverName, observers } from "./observers/registry.js"

/** Bytes of watched tensors a batch. */
const batchBytes = 64 * 2 ** 20
const mostRows = 256

export interface CalibrateOptions {
  readonly observer: ObserverName
  readonly threads: number
  readonly signal: AbortSignal
}

/** The range of each tensor over all rows. @throws COMPRESS_NO_ROWS, NOT_FINITE naming the layer. */
export async function calibrate(
  graph: Graph,
  tensors: readonly string[],
  samples: Samples,
  options: CalibrateOptions,
): Promise<Map<string, Range>> {
  const input = graph.inputs[0]!.name
  const inner = tensors.filter(tensor => tensor !== input)
  // A session gives something, wanted or not.
  const watched = inner.length === 0 ? graph : { ...graph, outputs: inner.map(name => ({ name })) }
  const seen = new Map(tensors.map(tensor => [tensor, observers[options.observer]()]))
  const session = await openSession(writeModel(watched), options)
  try {
    const rows = await rowsABatch(session, input, samples.shape)
    for await (const { count, x } of samples.batches(rows)) {
      options.signal.throwIfAborted()
      const given = { shape: [count, ...samples.shape], data: x }
      const values = new Map([[input, given], ...(await session.run({ [input]: given }))])
      for (const [tensor, observer] of seen) observer.see(finite(tensor, values.get(tensor)!, input))
    }
  } finally {
    await session.close()
  }
  return new Map([...seen].map(([tensor, observer]) => [tensor, observer.range()]))
}

/** One row of zeros tells how large the watched tensors are. */
async function rowsABatch(session: Session, input: string, shape: readonly number[]): Promise<number> {
  const data = new Float32Array(shape.reduce((size, length) => size * length, 1))
  let bytes = data.byteLength
  for (const tensor of (await session.run({ [input]: { shape: [1, ...shape], data } })).values())
    bytes += tensor.data.byteLength
  return Math.min(Math.max(Math.floor(batchBytes / bytes), 1), mostRows)
}

function finite(tensor: string, { data }: Rows, input: string): Float32Array {
  const bad = firstNotFinite(data)
  if (bad === undefined) return data
  const isInput = tensor === input
  const fix = isInput
    ? "Leave out rows with missing values, and give the rows as the network was trained on them."
    : "The network itself runs over on these rows: check their scale, and its training."
  const what = isInput ? "The calibration rows" : `The outputs of \`${tensor}\``
  throw fail("NOT_FINITE", { what, value: bad, fix })
}

function firstNotFinite(values: Float32Array): number | undefined {
  for (const value of values) if (value - value !== 0) return value
  return undefined
}
