// `tune` as a cell sees it: a search over parameters on a pool of workers, of an objective or of a training.

import { mkdtemp, rm } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { fail } from "../errors.js"
import { checkTrainOptions, type TrainOptions, trainOptionNames } from "../train/trainOptions.js"
import { onPool, search, type TrialContext, type TuneOptions } from "../train/tune/search.js"
import type { Draw, Space } from "../train/tune/space.js"
import type { Tuning } from "../train/tune/Tuning.js"
import { type Pool, workers } from "./pools.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

/** Runs in a worker: it takes along what it mentions, as with `pool.map`. Gives the value that counts. */
export type Objective<P> = (params: P, trial: TrialContext) => number | Promise<number>

/** A training as objective: a parameter with the name of an option of `train` is that option. */
export interface TrainObjective<P>
  extends Omit<TrainOptions, "epochs" | "checkpoint" | "resume" | "callbacks"> {
  /** A new model for a trial, compiled. Runs in a worker. */
  readonly model: (params: P) => LayersModel | Promise<LayersModel>
  /** The log that counts, at its last epoch; default `val_loss` with validation, else `loss`. Accuracies are maximised. */
  readonly monitor?: string
}

export interface TuneOn extends TuneOptions {
  /** Default: a pool of as many workers as there are cores, at most 4, closed at the end. */
  readonly pool?: Pool
}

/**
 * Searches `space` for the parameters with the smallest value and resolves to the trials, best first.
 *
 * @throws BAD_VALUE for a space or an option that is none; what `pool.map` throws for an objective that cannot travel
 * @example
 * const found = await tune({ rate: { from: 1e-4, to: 0.1, log: true } }, async ({ rate }) => {
 *   const model = net(rate)
 *   return (await train(model, { data, label: "late", epochs: 3 })).history.loss.at(-1)
 * }, { trials: 20 })
 * found.best.params
 */
export async function tune<const S extends Space>(
  space: S,
  objective: Objective<Draw<S>> | TrainObjective<Draw<S>>,
  options: TuneOn = {},
): Promise<Tuning<Draw<S>>> {
  const { pool: given, ...rest } = options
  const temporary = rest.folder === undefined ? await mkdtemp(join(tmpdir(), "shardlab-tune-")) : undefined
  const pool = given ?? (await workers({ min: Math.min(availableParallelism(), 4), name: "tune" }))
  try {
    const folder = rest.folder ?? temporary!
    if (typeof objective === "function")
      return await search(space, { ...rest, folder }, onPool(pool, objective))
    const { call, share, maximize } = trainingOf(space, objective)
    return await search(space, { maximize, ...rest, folder }, onPool(pool, call, share))
  } finally {
    if (given === undefined) await pool.close()
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true })
  }
}

function trainingOf<P>(space: Space, { model, monitor, data, validation, ...plain }: TrainObjective<P>) {
  if (typeof model !== "function")
    throw fail("BAD_VALUE", {
      where: "tune",
      name: "model",
      value: `a ${typeof model}`,
      fix: "Give a function that makes a new model from the parameters: model: ({ units }) => ...",
    })
  checkTrainOptions({ ...plain, data })
  const validated = validation !== undefined || (plain.validationSplit ?? 0) > 0
  const log = monitor ?? (validated ? "val_loss" : "loss")
  const chosen = Object.keys(space).filter(name => (trainOptionNames as readonly string[]).includes(name))
  return {
    call: trainTrial,
    share: { makeModel: model, data, validation, plain, chosen, log },
    maximize: /acc/i.test(log),
  }
}

/** Text only, as in search.ts. A trial that goes on in the next rung does so from its checkpoint. */
const trainTrial = new Function(`return async (params, trial) => {
  const { train } = await __shardlab_import("shardlab")
  const own = Object.fromEntries(chosen.map(name => [name, params[name]]))
  const run = await train(await makeModel(params), {
    ...plain, ...own, data, ...(validation === undefined ? {} : { validation }),
    epochs: trial.epochs, seed: trial.seed, checkpoint: { folder: trial.folder, keep: 1 }, resume: true,
  })
  const value = run.history[log]?.at(-1)
  if (value === undefined) throw new RangeError("there is no log " + log + ", but " + Object.keys(run.history).join(", "))
  return value
}`)() as (params: never, trial: TrialContext) => Promise<number>
