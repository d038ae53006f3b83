// Which learning rate suits a model: a range test. The rate grows from step to step by the same factor, and the curve of the
// loss over it says where learning is fastest (Smith 2017). The model is as it was afterwards, its optimizer too.

import { checkOptions, fail, ShardlabError } from "../../errors.js"
import { putWeights, weightsOf } from "../checkpoint/trainState.js"
import { loadTf } from "../tf.js"
import { trainWatched } from "../train.js"
import { compileIfNeeded, type TrainOptions } from "../trainOptions.js"
import { type LossPoint, LrCurve, smoothed } from "./LrCurve.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Optimizer = import("@tensorflow/tfjs").Optimizer

/** How rows are made and steps are taken, as for `train`. */
type Shared = Pick<
  TrainOptions,
  | "data"
  | "features"
  | "label"
  | "batchSize"
  | "seed"
  | "shuffle"
  | "normalise"
  | "encode"
  | "missing"
  | "classWeight"
  | "sampleWeight"
  | "clip"
  | "optimizer"
  | "loss"
>

export interface LrFindOptions extends Shared {
  /** The first rate; default 1e-6. */
  readonly from?: number
  /** The last rate; default 1. The test ends before it when the loss is four times its best. */
  readonly to?: number
  /** Default 100. */
  readonly steps?: number
}

const known = [
  ...["data", "features", "label", "batchSize", "seed", "shuffle", "normalise", "encode", "missing"],
  ...["classWeight", "sampleWeight", "clip", "optimizer", "loss", "from", "to", "steps"],
]
/** A loss this many times its best has diverged. */
const diverged = 4

/**
 * Trains a copy of the optimizer for `steps` steps at growing rates and resolves to the curve, with a suggestion.
 *
 * @throws UNKNOWN_OPTION, BAD_VALUE for a range that is none, and what `train` throws for its data
 * @example const found = await lrFind(model, { data: flights, label: "late" }); found.suggestion
 */
export async function lrFind(model: LayersModel, options: LrFindOptions): Promise<LrCurve> {
  checkOptions("lrFind", options, known)
  const { from = 1e-6, to = 1, steps = 100, ...shared } = options
  checkRange(from, to, steps)
  const tf = loadTf()
  compileIfNeeded(model, options)
  const { optimizer, loss, ...data } = shared
  const weights = await weightsOf(model)
  const own = model.optimizer
  const trial = sameAs(own)
  setOptimizer(model, trial)
  const points: { rate: number; loss: number }[] = []
  const rate = (step: number) => from * (to / from) ** (step / (steps - 1))
  try {
    let best = Number.POSITIVE_INFINITY
    await trainWatched(
      model,
      { ...data, steps, schedule: rate },
      {
        quiet: true,
        onLogs(step, logs) {
          points.push({ rate: rate(step - 1), loss: logs.loss! })
          const now = smoothed(points).at(-1)!
          best = Math.min(best, now)
          if (now > diverged * best) model.stopTraining = true
        },
      },
    )
  } catch (error) {
    // The end of the range is meant to be too fast.
    if (!(error instanceof ShardlabError && error.code === "LOSS_NOT_FINITE")) throw error
  } finally {
    setOptimizer(model, own)
    trial.dispose()
    putWeights(tf, model, weights)
  }
  const smooth = smoothed(points)
  return new LrCurve(points.map((point, i): LossPoint => ({ ...point, smooth: smooth[i]! })))
}

function checkRange(from: number, to: number, steps: number): void {
  const bad = (name: string, value: unknown, fix: string) =>
    fail("BAD_VALUE", { where: "lrFind", name, value: String(value), fix })
  if (!(from > 0 && from < to && to < Number.POSITIVE_INFINITY))
    throw bad("from", `${from}, and \`to\` is ${to}`, "Give rates above 0, the smaller one first.")
  if (!(Number.isSafeInteger(steps) && steps >= 10))
    throw bad("steps", steps, "Give a whole number from 10 on: fewer points are no curve.")
}

/** An optimizer of the same settings that has not made a step. */
function sameAs(optimizer: Optimizer): Optimizer {
  const made = optimizer.constructor as unknown as { fromConfig(type: unknown, config: unknown): Optimizer }
  return made.fromConfig(made, optimizer.getConfig())
}

/** A Sequential trains the LayersModel inside it. */
function setOptimizer(model: LayersModel, optimizer: Optimizer): void {
  const { model: inner } = model as unknown as { model?: { optimizer_: Optimizer } }
  for (const one of [model as unknown as { optimizer_: Optimizer }, inner])
    if (one !== undefined) one.optimizer_ = optimizer
}
