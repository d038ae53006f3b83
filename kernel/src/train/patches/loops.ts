// The loops of tfjs-layers, cut into pieces that run: training steps are captured and replayed, test batches and predicted
// batches are each one program that is compiled once, instead of one program for the whole data set.

import { augmentationOf, augmented } from "../feed/augment.js"
import { withWeights } from "../feed/rowWeights.js"
import { splitOf } from "../parallel/splitting.js"
import { Stepper } from "../step/Stepper.js"
import type { Tf } from "../tf.js"
import type { XlaBackend } from "../XlaBackend.js"

type Tensor = import("@tensorflow/tfjs").Tensor

/** Takes inputs, targets, then sample weights, which are null as a rule. */
export type TrainFunction = (data: (Tensor | null)[]) => Tensor[]

/** The protected parts of LayersModel that are replaced, and those that its step depends on. */
interface LoopMethods {
  readonly isTraining: boolean
  readonly optimizer_: object
  lossFunctions: readonly ((y: Tensor, made: Tensor) => Tensor)[]
  readonly metricsTensors: unknown
  readonly collectedTrainableWeights: readonly unknown[]
  makeTrainFunction(): TrainFunction
  makeTestFunction(): void
  testFunction: TrainFunction
  predict(x: Tensor | Tensor[], args?: { batchSize?: number; verbose?: boolean }): Tensor | Tensor[]
  predictLoop(ins: Tensor | Tensor[], batchSize?: number, verbose?: boolean): Tensor | Tensor[]
  readonly inputs: readonly unknown[]
  readonly outputs: readonly unknown[]
  readonly layers: readonly { readonly outputShape: unknown }[]
}

function partsOf({ optimizer_, lossFunctions, metricsTensors, collectedTrainableWeights }: LoopMethods) {
  return [optimizer_, lossFunctions, metricsTensors, collectedTrainableWeights]
}

const steppers = new WeakMap<object, Stepper>()

/** What captures the steps of a model that has trained. */
export function stepperOf(model: object): Stepper | undefined {
  return steppers.get(model)
}

/** How often a model's step was recorded and replayed. */
export function stepCounts(model: object): { recorded: number; replayed: number } {
  // A Sequential trains the LayersModel inside it.
  const inner = (model as { model?: object }).model ?? model
  const stepper = splitOf(inner) ?? steppers.get(inner) ?? steppers.get(model)
  return stepper?.counts ?? { recorded: 0, replayed: 0 }
}

/** Has a model's captured steps run so many at a time. */
export function setStepsPerExecution(model: object, count: number): void {
  perExecution.set(model, count)
  const stepper = steppers.get(model)
  if (stepper !== undefined) stepper.stepsPerExecution = count
}

const perExecution = new WeakMap<object, number>()

export function captureSteps(tf: Tf, active: () => XlaBackend | undefined): void {
  const prototype = tf.LayersModel.prototype as unknown as LoopMethods
  const { makeTrainFunction, makeTestFunction, predict, predictLoop } = prototype

  prototype.makeTrainFunction = function () {
    const record = augmenting(tf, this, makeTrainFunction.call(this))
    const stepper = steppers.get(this) ?? new Stepper(tf, () => [...partsOf(this), augmentationOf(this)])
    steppers.set(this, stepper)
    stepper.stepsPerExecution = perExecution.get(this) ?? 1
    return data =>
      withWeights(data, this.inputs.length, whole => {
        const backend = active()
        const split = splitOf(this)
        if (split !== undefined) return split.step(backend, whole, record)
        if (backend === undefined) return record(whole)
        const tensors = whole.filter(tensor => tensor !== null && tensor !== undefined)
        const recorded = () => ({ tensors: record(whole), rest: undefined })
        const call = { model: this, tensors, key: "", record: recorded, waits: this.isTraining }
        return stepper.step(backend, call).tensors as Tensor[]
      })
  }

  prototype.makeTestFunction = function () {
    makeTestFunction.call(this)
    const test = this.testFunction
    const weighed = (data: (Tensor | null)[]) => {
      const weight = data[this.inputs.length + this.outputs.length]
      if (weight === null || weight === undefined) return test(data)
      // tfjs weighs nothing in validation: its losses are means of what these give.
      const { lossFunctions } = this
      this.lossFunctions = lossFunctions.map(loss => (y, made) => tf.mul(loss(y, made), weight))
      try {
        return test(data)
      } finally {
        this.lossFunctions = lossFunctions
      }
    }
    this.testFunction = data => {
      active()?.cut()
      const results = withWeights(data, this.inputs.length, weighed)
      active()?.cut()
      return results
    }
  }

  prototype.predict = function (x, args = {}) {
    if (active() === undefined || args.batchSize !== undefined) return predict.call(this, x, args)
    return predict.call(this, x, { ...args, batchSize: predictedAtOnce(this) })
  }

  prototype.predictLoop = function (ins, batchSize = 32, verbose = false) {
    const backend = active()
    const rows = [ins].flat()[0]!.shape[0]!
    if (backend === undefined || rows <= batchSize) return predictLoop.call(this, ins, batchSize, verbose)
    return tf.tidy(() => {
      const parts: Tensor[][] = []
      for (let from = 0; from < rows; from += batchSize) {
        const part = tf.tidy(() => {
          const size = Math.min(batchSize, rows - from)
          const batch = [ins].flat().map(x => tf.slice(x, from, size))
          return [predictLoop.call(this, batch, batchSize, verbose)].flat()
        })
        backend.cut()
        parts.push(part)
      }
      const whole = parts[0]!.map((_, output) => tf.concat(parts.map(part => part[output]!)))
      return whole.length === 1 ? whole[0]! : whole
    })
  }
}

/** With the images of its batch changed at random, where the model's training asks for that. */
function augmenting(tf: Tf, model: object, step: TrainFunction): TrainFunction {
  return data => {
    const augment = augmentationOf(model)
    if (augment === undefined) return step(data)
    const [x, ...rest] = data
    const changed = augmented(tf, x!, augment)
    try {
      return step([changed, ...rest])
    } finally {
      // Before the step is cut, or it would be one of its results.
      changed.dispose()
    }
  }
}

/** Memory that the layers' results may take while predicting, bytes. */
const predictBytes = 256 << 20

/**
 * Rows to predict at once when the caller did not say: as many as fit. tfjs's own default of 32 suits kernels that run one
 * by one; here each batch is a program run, and thousands of results would have to be joined by one program more.
 */
function predictedAtOnce({ layers }: LoopMethods): number {
  const perRow = layers.reduce((sum, { outputShape }) => sum + 4 * sizeOf(outputShape), 0)
  return Math.max(32, 2 ** Math.floor(Math.log2(predictBytes / Math.max(perRow, 1))))
}

/** Elements a row of a shape, or of several; unknown lengths count as 1. */
function sizeOf(shape: unknown): number {
  if (!Array.isArray(shape)) return 0
  if (shape.some(Array.isArray)) return shape.reduce((sum: number, one) => sum + sizeOf(one), 0)
  return (shape as (number | null)[]).slice(1).reduce<number>((size, length) => size * (length ?? 1), 1)
}
