// A search over parameters on a pool of workers: draws trials, runs them a rung at a time, gives the better ones more epochs.
// A trial that throws is a failed trial, not the end of the search; one whose worker dies runs again. Not the pool itself,
// which whoever calls brings along (runner/tuning.ts).

import { checkOptions, fail, ShardlabError } from "../../errors.js"
import { seeded } from "../feed/random.js"
import { brackets, type Rung } from "./hyperband.js"
import { checkSpace, type Draw, draw, type Space } from "./space.js"
import { type Trial, Tuning } from "./Tuning.js"

/** As much of a worker pool as a search uses. */
export interface TrialPool {
  map<T, R>(
    items: Iterable<T>,
    fn: (item: T, index: number) => R | Promise<R>,
    options?: { share?: Readonly<Record<string, unknown>>; name?: string },
  ): Promise<R[]>
}

/** What an objective hears of its trial beside the parameters. */
export interface TrialContext {
  readonly id: number
  /** To train in all: with `checkpoint: folder, resume: true`, those of an earlier rung count. */
  readonly epochs: number
  readonly seed: number
  /** The trial's own, the same in every rung; undefined without a folder of the search. */
  readonly folder: string | undefined
}

export interface TuneOptions {
  /** `random`: every trial in full. `hyperband`: many short ones, of which the better go on (Li and others 2018). Default `random`. */
  readonly method?: "random" | "hyperband"
  /** Of `random`; default 16. Hyperband makes as many as its plan has. */
  readonly trials?: number
  /** Of a trial that runs in full; default 1 (`hyperband`: 27). */
  readonly epochs?: number
  /** Of `hyperband`: one trial in so many goes on. Default 3. */
  readonly eta?: number
  /** Default false: the smallest value is the best. */
  readonly maximize?: boolean
  /** Default 0: the same seed draws the same trials. */
  readonly seed?: number
  /** Where trials may keep checkpoints. */
  readonly folder?: string
}

export const tuneOptions = ["method", "trials", "epochs", "eta", "maximize", "seed", "folder"] as const

interface Item {
  readonly params: object
  readonly trial: TrialContext
}
type Outcome =
  | { readonly value: number; readonly seconds: number }
  | { readonly error: string; readonly seconds: number }
/** Runs trials on a pool; each becomes an outcome. */
export type RunTrials = (items: readonly Item[]) => Promise<Outcome[]>

/** @throws UNKNOWN_OPTION, BAD_VALUE; what the pool throws when it is closed or cancelled */
export async function search<S extends Space>(
  space: S,
  options: TuneOptions,
  run: RunTrials,
): Promise<Tuning<Draw<S>>> {
  checkSpace(space)
  const plan = planOf(options)
  const { maximize = false, seed = 0, folder, method = "random" } = options
  const started = performance.now()
  const random = seeded(seed)
  const trials: Trial<Draw<S>>[] = []
  for (const rungs of plan) {
    const before = trials.length
    let running = Array.from({ length: rungs[0]!.trials }, (_, i) => ({
      id: before + i + 1,
      params: draw(space, random),
    }))
    for (const [at, { epochs }] of rungs.entries()) {
      const items = running.map(({ id, params }) => ({
        params,
        trial: {
          id,
          epochs,
          seed: seed + id,
          folder: folder === undefined ? undefined : `${folder}/trial-${id}`,
        },
      }))
      const outcomes = await run(items)
      for (const [i, { params, trial }] of items.entries()) {
        const outcome = outcomes[i]!
        const done: Trial<Draw<S>> = {
          id: trial.id,
          params,
          value: "value" in outcome ? outcome.value : undefined,
          error: "error" in outcome ? outcome.error : undefined,
          epochs,
          status: "error" in outcome ? "failed" : at === rungs.length - 1 ? "done" : "stopped",
          seconds: outcome.seconds,
          folder: trial.folder,
        }
        trials[trial.id - 1] = done
      }
      const next = rungs[at + 1]
      if (next === undefined) break
      const sign = maximize ? -1 : 1
      const better = running
        .map(one => ({ ...one, value: trials[one.id - 1]!.value }))
        .filter(({ value }) => value !== undefined)
        .sort((a, b) => sign * (a.value! - b.value!))
      running = better.slice(0, next.trials)
      if (running.length === 0) break
    }
  }
  return new Tuning(trials, { method, maximize, seconds: (performance.now() - started) / 1000 })
}

function planOf(options: TuneOptions): readonly Rung[][] {
  checkOptions("tune", options, tuneOptions)
  const { method = "random", trials = 16, eta = 3, epochs = method === "random" ? 1 : 27 } = options
  const whole = (name: string, value: number, least: number) => {
    if (Number.isSafeInteger(value) && value >= least) return
    throw fail("BAD_VALUE", { where: "tune", name, value, fix: `Give a whole number from ${least} on.` })
  }
  whole("epochs", epochs, 1)
  if (method === "random") {
    whole("trials", trials, 1)
    return [[{ trials, epochs }]]
  }
  if (method !== "hyperband")
    throw fail("BAD_VALUE", {
      where: "tune",
      name: "method",
      value: `\`${method}\``,
      fix: "Give random or hyperband.",
    })
  whole("eta", eta, 2)
  if (options.trials !== undefined)
    throw fail("BAD_VALUE", {
      where: "tune",
      name: "trials",
      value: `${trials} with hyperband`,
      fix: "Leave it out: its plan says how many, and `epochs` and `eta` say how large the plan is.",
    })
  return brackets(epochs, eta)
}

/** Trials as one map over a pool. `share` is what the objective's text mentions. */
export function onPool(
  pool: TrialPool,
  objective: (params: never, trial: TrialContext) => number | Promise<number>,
  share: Readonly<Record<string, unknown>> = {},
): RunTrials {
  return async items => {
    const waiting = items.map((item, place) => ({ item, place }))
    const outcomes: Outcome[] = new Array(items.length)
    while (waiting.length > 0) {
      try {
        const found = await pool.map(
          waiting.map(({ item }) => item),
          runTrial as never,
          { name: "tune", share: { ...share, objective } },
        )
        for (const [i, { place }] of waiting.entries()) outcomes[place] = found[i] as Outcome
        waiting.length = 0
      } catch (error) {
        // A trial that kills every worker it gets: the others run without it.
        if (!(error instanceof ShardlabError && error.code === "POOL_WORKER_LOST")) throw error
        const [lost] = waiting.splice(error.details.index as number, 1)
        outcomes[lost!.place] = { error: `its worker was lost: ${error.details.cause}`, seconds: 0 }
      }
    }
    return outcomes
  }
}

/** Runs in a worker, which has nothing of this module: only its text goes there, and `objective` with it. */
const runTrial = new Function(`return async ({ params, trial }) => {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  try {
    const value = Number(await objective(params, trial))
    if (Number.isNaN(value)) throw new TypeError("the objective gave no number")
    return { value, seconds: seconds() }
  } catch (error) {
    return { error: error instanceof Error ? error.name + ": " + error.message : String(error), seconds: seconds() }
  }
}`)() as (item: Item) => Promise<Outcome>
