// `train`: a model, a table of any size, and a few words; what comes back is the run. A layer over tfjs's own fit: it
// reads the data, makes rows of numbers, feeds batches, shows progress. Everything it does can be done by hand with tf.

import { fail } from "../errors.js"
import { backendReport, ensureBackend, settleFor } from "./backend.js"
import type { EpochResult, FitRun } from "./FitRun.js"
import { type Prepared, prepare } from "./feed/prepare.js"
import { rememberRecipe } from "./feed/RowRecipe.js"
import { activeXla } from "./install.js"
import { following } from "./patches/fit.js"
import { ProgressBar } from "./progress.js"
import { plural, short, TrainRun } from "./TrainRun.js"
import { loadTf } from "./tf.js"
import { checkTrainOptions, compileIfNeeded, type TrainOptions } from "./trainOptions.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

/**
 * Trains `model` on rows of `data` and resolves to the run: history, speed, where the time went.
 *
 * @throws UNKNOWN_OPTION, UNKNOWN_COLUMN with the nearest name; TRAIN_NO_DATA without rows; TRAIN_COLUMN_TYPE for texts or
 * missing values; LOSS_NOT_FINITE with the step.
 * @example const run = await train(model, { data: flights, features: ["distance"], label: "late", epochs: 3 })
 */
export async function train(model: LayersModel, options: TrainOptions): Promise<TrainRun> {
  checkTrainOptions(options)
  const { device } = await ensureBackend()
  settleFor(model)
  const tf = loadTf()
  compileIfNeeded(model, options)
  activeXla(tf)?.cutter.setSeed(options.seed ?? 0)
  const compileMs = backendReport().compileMs
  const started = performance.now()
  const prepared = await prepare(tf, model, options)
  const dataMs = performance.now() - started
  try {
    return await fit(model, options, prepared, { device, dataMs, compileMs })
  } finally {
    for (const tensor of prepared.tensors) tensor.dispose()
  }
}

interface Timing {
  readonly device: string
  readonly dataMs: number
  /** Before the run. */
  readonly compileMs: number
}

async function fit(
  model: LayersModel,
  options: TrainOptions,
  prepared: Prepared,
  timing: Timing,
): Promise<TrainRun> {
  const tf = loadTf()
  const bar = new ProgressBar(timing.device)
  const history: Record<string, number[]> = {}
  let run: FitRun | undefined
  const best = new EarlyStop(options)
  const started = performance.now()
  const follower = {
    steps: prepared.dataset.size,
    onStart: (begun: FitRun) => {
      run = begun
    },
    onProgress: bar.show.bind(bar),
    onEpoch: ({ logs }: EpochResult) => {
      for (const [name, value] of Object.entries(logs)) history[name] = [...(history[name] ?? []), value]
      if (best.isOver(logs)) model.stopTraining = true
    },
  }
  const call = () =>
    model.fitDataset(prepared.dataset as never, {
      epochs: options.epochs ?? 1,
      verbose: 0,
      callbacks: options.callbacks,
      validationBatchSize: options.batchSize ?? 128,
      ...(prepared.validation === undefined ? {} : { validationData: prepared.validation as never }),
    })
  await following(model, follower, call)
  activeXla(tf)?.cut()
  const fitMs = performance.now() - started
  const compile = (backendReport().compileMs - timing.compileMs) / 1000
  const { samples, step } = run!
  const done = new TrainRun({
    history,
    epochs: history.loss?.length ?? 0,
    steps: step,
    samples,
    samplesPerSecond: samples / Math.max(fitMs / 1000 - compile, 1e-9),
    stepMs: median(run!.stepMs),
    device: timing.device,
    seconds: { data: timing.dataMs / 1000, compile, fit: fitMs / 1000 - compile },
    features: prepared.maker?.names ?? [],
    classes: prepared.maker?.classes,
    normalisation: prepared.maker?.normalisation,
    recipe: prepared.maker?.recipe,
    stoppedEarly: best.stopped,
  })
  rememberRecipe(model, done.recipe)
  bar.end(`${plural(done.epochs, "epoch")} in ${short(fitMs / 1000)} s`)
  return done
}

class EarlyStop {
  stopped = false
  private best: number | undefined
  private since = 0

  constructor(private readonly options: TrainOptions) {}

  isOver(logs: Readonly<Record<string, number>>): boolean {
    const { earlyStop } = this.options
    if (earlyStop === undefined) return false
    const monitor = earlyStop.monitor ?? (logs.val_loss === undefined ? "loss" : "val_loss")
    const value = logs[monitor]
    if (value === undefined) {
      const fix = `Known here: ${Object.keys(logs).join(", ")}.`
      throw fail("BAD_VALUE", { where: "train", name: "earlyStop.monitor", value: monitor, fix })
    }
    // Accuracies grow, losses shrink.
    const signed = /acc/i.test(monitor) ? -value : value
    if (this.best === undefined || signed < this.best - (earlyStop.minDelta ?? 0)) {
      this.best = signed
      this.since = 0
    } else this.since++
    this.stopped = this.since >= (earlyStop.patience ?? 1)
    return this.stopped
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
