// Puts a FitRun around every `fit` and `fitDataset`, and has tfjs's own bookkeeping of logs go through it. tfjs adds up a
// batch's loss and metrics in graph operations, one more program a step; here they are numbers, read a few steps late.

import { type EpochSums, FitRun, type FitRunOptions } from "../FitRun.js"
import type { Tf } from "../tf.js"
import type { XlaBackend } from "../XlaBackend.js"
import { heldLogs, lookWhenAsked, type TfLogs } from "./batchLogs.js"
import { setStepsPerExecution } from "./loops.js"

type Tensor = import("@tensorflow/tfjs").Tensor

/** What we read of tfjs-layers' BaseLogger, which sums up an epoch, and of the list that holds it. */
interface BaseLogger {
  seen: number
  totals: Record<string, number>
  onBatchEnd(batch: number, logs?: TfLogs): Promise<void>
  onEpochEnd(epoch: number, logs?: TfLogs): Promise<void>
}
interface CallbackList {
  callbacks: object[]
  setModel(model: object): void
}
interface FitMethods {
  isTraining: boolean
  fit(x: Tensor | Tensor[], y: unknown, args?: FitArgs): Promise<unknown>
  fitDataset(dataset: { size?: number | null }, args: FitArgs): Promise<unknown>
}
interface FitArgs {
  epochs?: number
  initialEpoch?: number
  batchSize?: number
  batchesPerEpoch?: number
  /** Ours: see `TrainOptions.stepsPerExecution`. */
  stepsPerExecution?: number
}

/** Who wants to follow the next fit of a model: set by `train` around its call. */
export interface Follower
  extends Pick<FitRunOptions, "start" | "rowsOfBatch" | "onProgress" | "onLogs" | "onStep" | "onEpoch"> {
  readonly steps?: number | undefined
  onStart?(run: FitRun): void
}

const followers = new WeakMap<object, Follower>()
const runs = new WeakMap<object, FitRun>()
const runOfLogger = new WeakMap<object, FitRun>()

/** Has `follower` follow the fit that `call` starts on `model`. */
export async function following<T>(model: object, follower: Follower, call: () => Promise<T>): Promise<T> {
  // A Sequential trains the LayersModel inside it.
  const inner = (model as { model?: object }).model ?? model
  followers.set(inner, follower)
  try {
    return await call()
  } finally {
    followers.delete(inner)
  }
}

export function followFits(tf: Tf, active: () => XlaBackend | undefined, device: string): void {
  const prototype = tf.LayersModel.prototype as unknown as FitMethods
  const { fit, fitDataset } = prototype

  async function followed(
    model: FitMethods,
    args: FitArgs,
    steps: number | undefined,
    call: () => Promise<unknown>,
  ) {
    recoverModel(tf, model)
    const follower = followers.get(model)
    const epochs =
      follower?.start === undefined ? (args.epochs ?? 1) - (args.initialEpoch ?? 0) : args.epochs!
    // What was recorded before, such as preparing the data, is not part of the first step.
    active()?.cut()
    const together = args.stepsPerExecution ?? 1
    setStepsPerExecution(model, together)
    const run = new FitRun({ ...follower, epochs, steps: follower?.steps ?? steps, device, together })
    follower?.onStart?.(run)
    runs.set(model, run)
    try {
      const history = await call()
      run.end("ok")
      return history
    } catch (error) {
      run.end(run.signal.aborted ? "interrupted" : "error")
      throw error
    }
  }

  prototype.fit = function (x, y, args = {}) {
    if (this.isTraining && !isStale(this)) return fit.call(this, x, y, args)
    const rows = x instanceof tf.Tensor ? x.shape[0] : Array.isArray(x) ? x[0]?.shape[0] : undefined
    const steps = rows === undefined ? undefined : Math.ceil(rows / (args.batchSize ?? 32))
    return followed(this, args, steps, () => fit.call(this, x, y, args))
  }
  prototype.fitDataset = function (dataset, args) {
    if (this.isTraining && !isStale(this)) return fitDataset.call(this, dataset, args)
    const steps = args?.batchesPerEpoch ?? dataset?.size ?? undefined
    return followed(this, args ?? {}, steps, () => fitDataset.call(this, dataset, args))
  }

  const list = tf.CallbackList.prototype as unknown as CallbackList
  const { setModel } = list
  list.setModel = function (model) {
    const run = runs.get(model)
    const logger = this.callbacks.find(callback => callback.constructor.name === "BaseLogger")
    if (run !== undefined && logger !== undefined) {
      patchLogger(logger as BaseLogger, active)
      runOfLogger.set(logger, run)
      for (const callback of this.callbacks) lookWhenAsked(callback)
    }
    setModel.call(this, model)
  }
}

/** A fit whose cell was interrupted never came to its end: tfjs still believes that it goes on. */
function isStale(model: object): boolean {
  const run = runs.get(model)
  return run !== undefined && !run.ended && run.signal.aborted
}

function recoverModel(tf: Tf, model: FitMethods): void {
  if (!isStale(model)) return
  runs.get(model)!.end("interrupted")
  model.isTraining = false
  recoverEngine(tf)
}

/** Scopes and tapes that an interrupt left open are closed, or every later tensor would be kept on them. */
export function recoverEngine(tf: Tf): void {
  const engine = tf.engine()
  const { state } = engine as unknown as {
    state: { scopeStack: unknown[]; gradientDepth: number; kernelDepth: number; activeTape: unknown }
  }
  while (state.scopeStack.length > 0) engine.endScope()
  state.gradientDepth = 0
  state.kernelDepth = 0
  state.activeTape = null
}

let patched = false

/** BaseLogger is not exported, so its prototype is reached through the first one made. */
function patchLogger(logger: BaseLogger, active: () => XlaBackend | undefined): void {
  if (patched) return
  patched = true
  const prototype = Object.getPrototypeOf(logger) as BaseLogger
  const { onBatchEnd, onEpochEnd } = prototype

  prototype.onBatchEnd = async function (batch, logs = {}) {
    const run = runOfLogger.get(this)
    if (run === undefined) return onBatchEnd.call(this, batch, logs)
    // The first step of its kind waits here for its program, with the event loop free.
    await active()?.stepCompiled()
    const size = run.options.rowsOfBatch?.() ?? (logs.size as number | undefined) ?? 0
    carryOver(this, run)
    this.seen += size
    const sums = sumsOf(this, run)
    lastSums.set(run, sums)
    run.batchEnd(size, heldLogs(logs, active()), adding(this))
    await run.options.onStep?.(run, sums)
  }

  prototype.onEpochEnd = async function (epoch, logs = {}) {
    const run = runOfLogger.get(this)
    if (run !== undefined) carryOver(this, run)
    run?.drain(adding(this))
    await onEpochEnd.call(this, epoch, logs)
    await run?.epochEnd(numbersOf(logs))
  }
}

/** What an earlier run had summed up of this epoch. */
function carryOver(logger: BaseLogger, run: FitRun): void {
  const carried = run.takeCarried()
  if (carried === undefined) return
  logger.seen += carried.seen
  logger.totals = { ...carried.totals }
}

const lastSums = new WeakMap<FitRun, EpochSums>()

/** Of the epoch that a run was in when it ended. */
export function sumsAtEnd(run: FitRun): EpochSums | undefined {
  return lastSums.get(run)
}

function sumsOf(logger: BaseLogger, run: FitRun): EpochSums {
  return {
    settle: () => run.drain(adding(logger)),
    seen: () => logger.seen,
    totals: () => ({ ...logger.totals }),
  }
}

function adding(logger: BaseLogger) {
  return (logs: Readonly<Record<string, number>>, size: number) => {
    for (const [name, value] of Object.entries(logs))
      logger.totals[name] = (logger.totals[name] ?? 0) + value * size
  }
}

function numbersOf(logs: TfLogs): Record<string, number> {
  const entries = Object.entries(logs).map(([name, log]) => [
    name,
    typeof log === "number" ? log : log.dataSync()[0]!,
  ])
  return Object.fromEntries(entries)
}
