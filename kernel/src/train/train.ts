// `train`: a model, a table of any size, and a few words; what comes back is the run. A layer over tfjs's own fit: it
// reads the data, makes rows of numbers, feeds batches, shows progress. Everything it does can be done by hand with tf.

import { meshText } from "../device/sharding.js"
import { backendReport, ensureBackend, settleFor } from "./backend.js"
import { Checkpointer, startOf } from "./checkpoint/Checkpointer.js"
import { currentPrecision } from "./currentPrecision.js"
import { EarlyStop } from "./earlyStop.js"
import type { EpochResult, EpochSums, FitRun } from "./FitRun.js"
import { augmentSteps } from "./feed/augment.js"
import { type FeedMeter, metered, validationData } from "./feed/dataset.js"
import { feedOf, prepare } from "./feed/prepare.js"
import { rememberRecipe } from "./feed/RowRecipe.js"
import type { Prepared } from "./feed/split.js"
import { activeXla } from "./install.js"
import { trainingSignal } from "./interruption.js"
import { lossScaleOf, skippedBy } from "./LossScale.js"
import type { Communicator } from "./parallel/Communicator.js"
import { type Mesh, meshOf } from "./parallel/Mesh.js"
import { meetAtStart, processesOf, shareWeights, splitStep } from "./parallel/processes.js"
import { crewOf } from "./parallel/spanning.js"
import { splitting } from "./parallel/splitting.js"
import { following, sumsAtEnd } from "./patches/fit.js"
import { withPrecision } from "./precision.js"
import { ProgressBar } from "./progress.js"
import { openRecord } from "./records/openRecord.js"
import type { TrainRecord } from "./records/TrainRecord.js"
import { rateAt } from "./schedule.js"
import { plural, short, TrainRun } from "./TrainRun.js"
import { loadTf } from "./tf.js"
import { checkTrainOptions, compileIfNeeded, lengthOf, type TrainOptions } from "./trainOptions.js"
import { cutAtFrozen, throughBase } from "./transfer/features.js"
import { StepUpdates } from "./updates/StepUpdates.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

/**
 * Trains `model` on rows of `data` and resolves to the run: history, speed, where the time went.
 *
 * @throws UNKNOWN_OPTION, UNKNOWN_COLUMN with the nearest name; TRAIN_NO_DATA without rows; TRAIN_COLUMN_TYPE for texts or
 * missing values; DATA_NOT_FINITE, DATA_MIXED, LABEL_RANGE, IMAGE_FAILED with row and column; SHAPE_MISMATCH with the layer;
 * LOSS_NOT_FINITE with the step; CHECKPOINT_OTHER_MODEL, CHECKPOINT_DAMAGED, CHECKPOINT_EXISTS on `resume`; CHECKPOINT_FAILED
 * when the disk is full: the model and the checkpoints before stay as they are; RECORD_FAILED.
 * @example const run = await train(model, { data: flights, features: ["distance"], label: "late", epochs: 3 })
 */
export function train(model: LayersModel, options: TrainOptions): Promise<TrainRun> {
  return trainWatched(model, options, {})
}

/** What else follows a training: `lrFind`. */
export interface Watch {
  onLogs?(step: number, logs: Readonly<Record<string, number>>): void
  /** Without the progress bar. */
  readonly quiet?: boolean
}

/** The same, for whoever wants each step's numbers. */
export async function trainWatched(
  model: LayersModel,
  options: TrainOptions,
  watch: Watch,
): Promise<TrainRun> {
  checkTrainOptions(options)
  const { device } = await ensureBackend()
  settleFor(model)
  const tf = loadTf()
  compileIfNeeded(model, options)
  activeXla(tf)?.cutter.setSeed(options.seed ?? 0)
  const together = meshOf(options)
  // Processes meet on their devices, or over MPI.
  const crew = crewOf(tf, together)
  const processes = crew === undefined ? processesOf(options) : undefined
  const started = performance.now()
  const whole = await prepare(tf, model, options, processes)
  const cut = options.cacheFeatures ? cutAtFrozen(tf, model) : undefined
  const feed = feedOf(options, processes)
  // Before they give features.
  if (cut !== undefined) shareWeights(tf, cut.base, crew ?? processes)
  const prepared = cut === undefined ? whole : await throughBase(tf, cut, whole, feed)
  const trained = cut?.head ?? model
  const compileMs = backendReport().compileMs
  const dataMs = performance.now() - started
  const text = together === undefined ? device : `${device}, ${meshText(together.axes)}`
  const timing = { device: text, dataMs, compileMs, mesh: together, processes: crew ?? processes }
  const updates = new StepUpdates(tf, trained, options)
  const split = splitStep(tf, trained, options, processes)
  augmentSteps(trained, options)
  const signal = trainingSignal()
  let record: TrainRecord | undefined
  const parts = () => ({ prepared, updates, record, watch })
  const step = () => splitting(trained, split, () => fit(trained, options, parts(), timing))
  const call = () => withPrecision(options.precision, step)
  try {
    if (isFirst(timing.processes)) record = await openRecord(model, options, prepared)
    const run = await (together === undefined ? call() : together.run(call))
    if (cut !== undefined) rememberRecipe(model, run.recipe)
    await record?.finish(tf, model, run)
    return run
  } catch (error) {
    await record?.stopped(error, signal.aborted)
    throw error
  } finally {
    updates.close()
    augmentSteps(trained, {})
    cut?.close()
    for (const tensor of prepared.tensors) tensor.dispose()
  }
}

interface Timing {
  readonly device: string
  readonly dataMs: number
  /** Before the run. */
  readonly compileMs: number
  readonly mesh: Mesh | undefined
  readonly processes: Communicator | undefined
}

interface Parts {
  readonly prepared: Prepared
  readonly updates: StepUpdates
  readonly record: TrainRecord | undefined
  readonly watch: Watch
}

async function fit(
  model: LayersModel,
  options: TrainOptions,
  { prepared, updates, record, watch }: Parts,
  timing: Timing,
): Promise<TrainRun> {
  const tf = loadTf()
  const bar = new ProgressBar(timing.device)
  const meter: FeedMeter = { waitMs: 0 }
  const dataset = metered(prepared.dataset, meter)
  const optimizer = model.optimizer as unknown as { learningRate: number }
  const base = optimizer.learningRate
  const { processes } = timing
  const checkpoints = Checkpointer.of(tf, model, options, prepared, isFirst(processes))
  // What a checkpoint of such a training holds.
  if (currentPrecision() === "f16") lossScaleOf(tf, model.optimizer)
  // Nobody writes one before all have read theirs.
  const from = checkpoints?.resume(options.resume ?? isRestart(), line => console.log(line))
  const skippedBefore = from === undefined ? skippedBy(model.optimizer) : 0
  processes?.barrier()
  meetAtStart(tf, model, processes)
  updates.begin()
  const history: Record<string, number[]> = structuredClone({ ...from?.history }) as Record<string, number[]>
  let run: FitRun | undefined
  const best = new EarlyStop(options.earlyStop, history)
  const started = performance.now()
  Object.assign(dataset.place, { epoch: from?.epoch ?? 0, skip: from?.batch ?? 0 })
  const { schedule } = options
  const { epochs, steps } = lengthOf(options, prepared)
  const setRate = (step: number, epoch: number) => {
    if (schedule === undefined) return
    optimizer.learningRate = rateAt(schedule, { step, steps, epoch, history, base })
  }
  setRate(from?.step ?? 0, from?.epoch ?? 0)
  const follower = {
    steps: dataset.size,
    start: from === undefined ? undefined : startOf(from),
    onStart: (begun: FitRun) => {
      run = begun
    },
    rowsOfBatch: () => dataset.place.rows,
    ...(watch.quiet !== true && { onProgress: bar.show.bind(bar) }),
    onLogs: (step: number, logs: Readonly<Record<string, number>>) => {
      record?.step(step, logs)
      watch.onLogs?.(step, logs)
    },
    onStep: async (now: FitRun, sums: EpochSums) => {
      await checkpoints?.step(now, sums, history)
      setRate(now.step, now.epoch - 1)
    },
    onEpoch: async ({ logs }: EpochResult, now: FitRun) => {
      // One that `steps` cut short is no epoch that is over: a longer run goes on within it.
      const isCut = now.batch < (dataset.size ?? 0)
      if (isCut) await checkpoints?.interrupted(now, sumsAtEnd(now), structuredClone(history))
      for (const [name, value] of Object.entries(logs)) history[name] = [...(history[name] ?? []), value]
      Object.assign(dataset.place, { epoch: now.epoch, skip: 0 })
      if (best.isOver(logs)) model.stopTraining = true
      record?.epoch(now.step, logs, optimizer.learningRate)
      setRate(now.step, now.epoch)
      if (!isCut) await checkpoints?.epoch(now, history)
    },
  }
  const call = () =>
    model.fitDataset(dataset as never, {
      epochs,
      initialEpoch: from?.epoch ?? 0,
      verbose: 0,
      callbacks: options.callbacks,
      ...{ stepsPerExecution: options.stepsPerExecution ?? 1 },
      validationBatchSize: options.batchSize ?? 128,
      ...(prepared.validation === undefined
        ? {}
        : { validationData: validationData(tf, prepared.validation, options.batchSize ?? 128) as never }),
    })
  try {
    if (!best.stopped) await following(model, follower, call)
    updates.end()
  } catch (error) {
    if (run?.signal.aborted) await checkpoints?.interrupted(run, sumsAtEnd(run), history)
    throw error
  } finally {
    optimizer.learningRate = base
    await meter.close?.()
    await checkpoints?.idle()
  }
  activeXla(tf)?.cut()
  await checkpoints?.end()
  const fitMs = performance.now() - started
  const compile = (backendReport().compileMs - timing.compileMs) / 1000
  const [samples, step] = [run?.samples ?? from?.samples ?? 0, run?.step ?? from?.step ?? 0]
  const done = new TrainRun({
    history,
    epochs: history.loss?.length ?? 0,
    steps: step,
    samples,
    samplesPerSecond: (samples - (from?.samples ?? 0)) / Math.max(fitMs / 1000 - compile, 1e-9),
    stepMs: median(run?.stepMs ?? []),
    device: timing.device,
    memory: timing.mesh?.memory(),
    seconds: { data: timing.dataMs / 1000, compile, fit: fitMs / 1000 - compile },
    feed: {
      streamed: prepared.streamed === true,
      shards: prepared.shards,
      waitSeconds: meter.waitMs / 1000,
    },
    features: prepared.maker?.names ?? [],
    classes: prepared.maker?.classes,
    normalisation: prepared.maker?.normalisation,
    recipe: prepared.maker?.recipe,
    precision: currentPrecision(),
    skippedSteps: currentPrecision() === "f16" ? skippedBy(model.optimizer) - skippedBefore : undefined,
    stoppedEarly: best.stopped,
    resumedAt: from?.step,
    recordedAt: record?.place,
  })
  rememberRecipe(model, done.recipe)
  bar.end(`${plural(done.epochs, "epoch")} in ${short(fitMs / 1000)} s`)
  return done
}

/** `shardlab launch` started this again because a process was lost. */
const isRestart = () => process.env.SHARDLAB_RESUME === "1"

/** Of several processes one writes for all. */
const isFirst = (processes: Communicator | undefined) => (processes?.rank ?? 0) === 0

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
