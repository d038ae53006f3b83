// The loop of tfjs-layers over the batches of `fit`, written anew for tensors that lie on the device: a batch is a stretch of
// row numbers, and a captured step gathers those rows itself. tfjs's own loop slices and gathers each batch by kernels of
// its own, which takes longer than many a step. Callbacks, order, logs and validation are as in tfjs.

import { splitOf } from "../parallel/splitting.js"
import type { Tf } from "../tf.js"
import type { XlaBackend } from "../XlaBackend.js"
import { stepperOf, type TrainFunction } from "./loops.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type Logs = Record<string, Tensor | number>

interface Callback {
  onBatchBegin(batch: number, logs: Logs): Promise<void>
  onBatchEnd(batch: number, logs: Logs): Promise<void>
}
interface CallbackList {
  readonly callbacks: (Callback & { readonly params: object })[]
  setParams(params: object): void
  setModel(model: object): void
  onTrainBegin(): Promise<void>
  onEpochBegin(epoch: number): Promise<void>
  onEpochEnd(epoch: number, logs: Logs): Promise<void>
  onTrainEnd(): Promise<void>
}
interface History {
  syncData(): Promise<void>
}

type FitLoop = (
  this: Model,
  f: TrainFunction,
  ins: readonly (Tensor | null)[],
  labels: readonly string[],
  batchSize: number | null,
  epochs: number | null,
  verbose: unknown,
  callbacks: unknown,
  testFunction: TrainFunction | null,
  testIns: readonly Tensor[] | null,
  shuffle: boolean | "batch" | null,
  metrics: unknown,
  initialEpoch: number | null,
  stepsPerEpoch: number | null,
  ...rest: unknown[]
) => Promise<History>

interface Model {
  history: History
  stopTraining_: boolean
  fitLoop: FitLoop
  testLoop(f: TrainFunction, ins: readonly Tensor[], batchSize: number): Tensor[]
}

export function pickRowsInFit(tf: Tf, active: () => XlaBackend | undefined): void {
  const prototype = tf.LayersModel.prototype as unknown as Model
  const { fitLoop } = prototype
  const callbacksOf = callbackMaker(tf, fitLoop)

  prototype.fitLoop = async function (...args) {
    const [f, ins, labels, size, lastEpoch, , , testFunction, testIns, shuffle, , from, stepsPerEpoch] = args
    const whole = ins.filter(tensor => tensor !== null && tensor !== undefined)
    if (active() === undefined || stepsPerEpoch !== null || shuffle === "batch" || whole.length === 0)
      return fitLoop.apply(this, args)
    const [batchSize, epochs, list] = [size ?? 32, lastEpoch ?? 1, await callbacksOf(this, args)]
    const order = new Int32Array(whole[0]!.shape[0]!)
    for (let row = 0; row < order.length; row++) order[row] = row
    const step = rowStep(tf, active, this, f, ins)
    const [beginning, ending] = [heard(tf, list, "onBatchBegin"), heard(tf, list, "onBatchEnd")]

    const validate = (logs: Logs) => {
      if (testFunction === null || testFunction === undefined || !testIns) return
      const results = tf.tidy(() => this.testLoop(testFunction, testIns, batchSize))
      for (const [i, label] of labels.entries()) logs[`val_${label}`] = results[i]!
    }
    const runEpoch = async (epochLogs: Logs) => {
      for (let start = 0, batch = 0; start < order.length; start += batchSize, batch++) {
        const logs: Logs = {}
        for (const callback of beginning) await callback.onBatchBegin(batch, logs)
        const rows = order.slice(start, start + batchSize)
        logs.batch = batch
        logs.size = rows.length
        const results = step(rows)
        for (const [i, label] of labels.entries()) logs[label] = results[i]!
        if (start + batchSize >= order.length) validate(epochLogs)
        for (const callback of ending) await callback.onBatchEnd(batch, logs)
        for (const log of Object.values(logs)) if (typeof log !== "number") log.dispose()
        if (this.stopTraining_) return
      }
    }

    list.setModel(this)
    this.history = list.callbacks.at(-1) as unknown as History
    await list.onTrainBegin()
    this.stopTraining_ = false
    for (let epoch = from ?? 0; epoch < epochs && !this.stopTraining_; epoch++) {
      const logs: Logs = {}
      await list.onEpochBegin(epoch)
      if (shuffle !== false) tf.util.shuffle(order)
      await runEpoch(logs)
      await list.onEpochEnd(epoch, logs)
    }
    await list.onTrainEnd()
    await this.history.syncData()
    return this.history
  }
}

/** A training step on some rows of `ins`. Its results are the caller's. */
function rowStep(
  tf: Tf,
  active: () => XlaBackend | undefined,
  model: object,
  f: TrainFunction,
  ins: readonly (Tensor | null)[],
): (rows: Int32Array) => readonly Tensor[] {
  const whole = ins.filter(tensor => tensor !== null && tensor !== undefined)
  return rows => {
    const [backend, stepper] = [active(), splitOf(model) === undefined ? stepperOf(model) : undefined]
    const again = backend && stepper?.again(backend, whole, rows)
    if (again !== undefined) return again.tensors
    return tf.tidy(() => {
      const indices = tf.tensor1d(rows, "int32")
      // Also one row numbered 0 or 1, which would be a constant of the program.
      backend?.own(indices.dataId)
      if (stepper !== undefined) stepper.picked = { whole, rows: indices }
      return f(ins.map(tensor => tensor && tf.gather(tensor, indices)))
    })
  }
}

/** The callbacks that do something then: most do nothing at a batch, and waiting for it takes as long as a small step's call. */
function heard(tf: Tf, { callbacks }: CallbackList, event: keyof Callback): readonly Callback[] {
  const silent = Object.getPrototypeOf(tf.Callback.prototype) as Callback
  return callbacks.filter(callback => callback[event] !== silent[event])
}

/**
 * What makes the callbacks of a fit is tfjs's own affair: so its loop is begun, and stopped where it has made them, before
 * anybody was called.
 */
function callbackMaker(
  tf: Tf,
  fitLoop: FitLoop,
): (model: Model, args: Parameters<FitLoop>) => Promise<CallbackList> {
  const prototype = tf.CallbackList.prototype as unknown as CallbackList
  const { setModel } = prototype
  class Made {
    constructor(readonly list: CallbackList) {}
  }
  let isAsked = false
  prototype.setModel = function (model) {
    if (!isAsked) return setModel.call(this, model)
    isAsked = false
    throw new Made(this)
  }
  return async (model, [f, ins, ...rest]) => {
    const samples = ins[0]!.shape[0]!
    isAsked = true
    try {
      // No rows: it would list them all.
      await fitLoop.call(model, f, [{ shape: [0] } as unknown as Tensor], ...rest)
    } catch (stop) {
      if (!(stop instanceof Made)) throw stop
      stop.list.setParams({ ...stop.list.callbacks[0]!.params, samples })
      return stop.list
    } finally {
      isAsked = false
    }
    throw new TypeError("tfjs's fitLoop made no callbacks")
  }
}
