// Sums, means, extremes over axes, and running sums. Axes are a setting of older operator sets and an input of newer ones.

import type { Call, Operator, Tensor, Tf } from "../Operator.js"
import { sizeOf } from "../Value.js"
import { known } from "./folds.js"

type Reduce = (tf: Tf, x: Tensor, axes: number[], keep: boolean) => Tensor

function over(run: Reduce): Operator {
  return {
    order: "axes",
    known: [1],
    run: call => {
      const { tf, x } = call
      const axes = axesOf(call)
      const keep = call.number("keepdims", 1) !== 0
      if (axes.length === 0 && call.number("noop_with_empty_axes", 0) !== 0)
        return run(tf, tf.expandDims(x, -1), [x.rank], false)
      const result = run(tf, x, axes.length === 0 ? x.shape.map((_, axis) => axis) : axes, keep)
      return result.dtype === x.dtype ? result : tf.cast(result, x.dtype as "float32")
    },
  }
}

const axesOf = (call: Call) => (call.listOr("axes", 1) ?? []).map(axis => call.axis(axis))

function picked(run: (tf: Tf, x: Tensor, axis: number) => Tensor): Operator {
  return {
    order: "axes",
    run: call => {
      const { tf, x } = call
      const axis = call.axis(call.number("axis", 0))
      const last = call.number("select_last_index", 0) !== 0
      const found = run(tf, last ? tf.reverse(x, axis) : x, axis)
      const index = last ? tf.sub(tf.scalar(x.shape[axis]! - 1, "int32"), found) : found
      return call.number("keepdims", 1) !== 0 ? tf.expandDims(index, axis) : index
    },
  }
}

function running(
  run: (tf: Tf, x: Tensor, axis: number, exclusive: boolean, reverse: boolean) => Tensor,
): Operator {
  return {
    order: "axes",
    known: [1],
    run: call => {
      const axis = call.axis(call.numbers(1)![0]!)
      return run(call.tf, call.x, axis, call.number("exclusive", 0) !== 0, call.number("reverse", 0) !== 0)
    },
  }
}

export const reduction: Readonly<Record<string, Operator>> = {
  ReduceSum: over((tf, x, axes, keep) => tf.sum(x, axes, keep)),
  ReduceMean: over((tf, x, axes, keep) => tf.mean(x, axes, keep)),
  ReduceMax: over((tf, x, axes, keep) => tf.max(x, axes, keep)),
  ReduceMin: over((tf, x, axes, keep) => tf.min(x, axes, keep)),
  ReduceProd: {
    ...over((tf, x, axes, keep) => tf.prod(x, axes, keep)),
    fold: call => known(call.x.type, [], [sizeOf(Array.from(call.x.data))]),
  },
  ReduceL1: over((tf, x, axes, keep) => tf.sum(tf.abs(x), axes, keep)),
  ReduceL2: over((tf, x, axes, keep) => tf.sqrt(tf.sum(tf.square(tf.cast(x, "float32")), axes, keep))),
  ReduceLogSum: over((tf, x, axes, keep) => tf.log(tf.sum(x, axes, keep))),
  ReduceLogSumExp: over((tf, x, axes, keep) => tf.logSumExp(x, axes, keep)),
  ReduceSumSquare: over((tf, x, axes, keep) => tf.sum(tf.square(x), axes, keep)),
  ArgMax: picked((tf, x, axis) => tf.argMax(x, axis)),
  ArgMin: picked((tf, x, axis) => tf.argMin(x, axis)),
  CumSum: running((tf, x, axis, exclusive, reverse) => tf.cumsum(x, axis, exclusive, reverse)),
  CumProd: running((tf, x, axis, exclusive, reverse) => tf.cumprod(x, axis, exclusive, reverse)),
}
