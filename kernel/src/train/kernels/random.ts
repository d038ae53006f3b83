// Random choices. The numbers are tfjs's own, drawn on the host from the seed it was given, so that results are the same as on
// its cpu backend; what is done with them happens in the graph.

import { broadcastInDim, compare, convert, reduce, reduceWindow, slice } from "../../ir/build.js"
import type { Node } from "../../ir/node.js"
import type { Tf } from "../tf.js"
import { softmax } from "./reduction.js"
import type { KernelFunction } from "./register.js"

interface MultinomialAttrs {
  readonly numSamples: number
  readonly seed: number
  readonly normalized: boolean
}

/** Running sums along the rows of [rows, n], without the last. */
function cumulative(x: Node): Node {
  const [rows, length] = x.type.shape as [number, number]
  const sums = reduceWindow(x, {
    reducer: "add",
    window: [1, length],
    strides: [1, 1],
    padding: [
      [0, 0],
      [length - 1, 0],
    ],
  })
  return slice(sums, [0, 0], [rows, length - 1])
}

export function randomKernels(tf: Tf): Readonly<Record<string, KernelFunction>> {
  return {
    /** Each sample is the number of running sums that its random number is not below. */
    Multinomial({ inputs, attrs, backend }) {
      const { numSamples, seed, normalized } = attrs as MultinomialAttrs
      const logits = convert(backend.nodeOf(inputs.logits!), "f32")
      const sums = cumulative(normalized ? logits : softmax(logits))
      const [rows, events] = sums.type.shape as [number, number]
      const drawn = tf.randomUniform([numSamples], 0, 1, "float32", seed)
      const shape = [rows, numSamples, events]
      const passed = compare(
        "GE",
        broadcastInDim(backend.nodeOf(drawn), shape, [1]),
        broadcastInDim(sums, shape, [0, 2]),
      )
      const sampled = backend.record(reduce("add", convert(passed, "i32"), [2]))
      drawn.dispose()
      return sampled
    },
  }
}
