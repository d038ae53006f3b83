// The options of `train`, what they default to, and what is wrong with a bad one.

import { checkOptions, fail } from "../errors.js"
import type { Precision } from "../ir/autocast.js"
import type { CheckpointOptions } from "./checkpoint/Checkpointer.js"
import type { EarlyStopOptions } from "./earlyStop.js"
import { type AugmentOptions, checkAugment } from "./feed/augment.js"
import { type BatchSource, isBatchSource } from "./feed/BatchSource.js"
import { type ImageOptions, imageShape } from "./feed/images/ImageOptions.js"
import type { ClassWeight } from "./feed/rowWeights.js"
import { checkText, type TextOptions } from "./feed/tokens.js"
import type { Mesh } from "./parallel/Mesh.js"
import { checkPrecision } from "./precision.js"
import { type RecordOptions, recordOptions } from "./records/TrainRecord.js"
import { type Schedule, scheduleOptions } from "./schedule.js"
import { checkLayerRates, type LayerRateShares } from "./transfer/LayerRates.js"
import { type Clip, checkClip } from "./updates/clipping.js"
import { checkDecay } from "./updates/WeightAverages.js"

type Tensor = import("@tensorflow/tfjs").Tensor
type LayersModel = import("@tensorflow/tfjs").LayersModel
type CompileArgs = import("@tensorflow/tfjs").ModelCompileArgs
type Callbacks = import("@tensorflow/tfjs").ModelFitArgs["callbacks"]

export interface TensorData {
  readonly x: Tensor
  readonly y: Tensor
}

/** One tensor, or for a model of several inputs or outputs a list in its order, or a record by its names. */
export type Tensors = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>

/** Rows as tensors: inputs and targets, one row of each an example. */
export interface TrainTensors {
  readonly x: Tensors
  readonly y: Tensors
}

/** Rows to validate on. */
export interface ValidationTensors extends TrainTensors {
  /** What each row counts for in `val_loss`, one number a row; default 1. Metrics are not weighed, as in Keras. */
  readonly sampleWeight?: Tensor
}

export interface TrainOptions extends Partial<CompileArgs> {
  /** A DataFrame (or anything that streams columns), or tensors: `{ x, y }`, of several inputs `{ x: [a, b], y }`. */
  readonly data: BatchSource | TrainTensors
  /** Input columns; all numeric ones but the label when absent. A column of lists gives one input an element. */
  readonly features?: string | readonly string[]
  /** The column to predict. Texts become class numbers in alphabetical order. */
  readonly label?: string
  /** Default 1. */
  readonly epochs?: number
  /** Steps in all, in place of `epochs`: the last epoch may be cut short. */
  readonly steps?: number
  /** Default 128. */
  readonly batchSize?: number
  readonly validation?: BatchSource | ValidationTensors
  /**
   * What a row of each class counts for: `{ yes: 3 }`, or `balanced` so that all classes count the same. Default: 1. As in
   * Keras, validation knows nothing of it.
   */
  readonly classWeight?: ClassWeight
  /**
   * What each row counts for: a column of the table, or a tensor of one number a row beside tensors. Default: 1. As in Keras,
   * `val_loss` weighs by it too: rows of `validationSplit`, and a validation table that has the column. Metrics do not.
   */
  readonly sampleWeight?: string | Tensor
  /** Share of the rows kept aside for validation, 0 to 1, drawn with the seed. */
  readonly validationSplit?: number
  /** Default 0: order of rows, split and dropout repeat. */
  readonly seed?: number
  /**
   * Rows in another order each epoch; default true. Streamed rows: the shards of the frame in another order, and rows mixed
   * among `buffer` of them (default 65,536, fewer wide ones).
   */
  readonly shuffle?: boolean | { readonly buffer: number }
  /** `true`: the table is read anew each epoch. Default: only when its rows take more than 1 GiB; less stays on the device. */
  readonly stream?: boolean
  /** `standard`: each input minus its mean, over its deviation, learnt from the training rows. Default `none`. */
  readonly normalise?: "standard" | "none"
  /** `onehot`: text columns become one input a text. Default `none`: a text column is an error. */
  readonly encode?: "onehot" | "none"
  /** A column of text becomes numbers of words, for an embedding layer: `{ column: "review", length: 64 }`. */
  readonly text?: TextOptions
  /** A column of PNG or JPEG files (bytes or paths) becomes pixels: `{ column: "photo", size: 32 }`. */
  readonly images?: ImageOptions
  /** Images change at random while training: `{ flip: "horizontal", crop: 4, brightness: 0.2 }`. */
  readonly augment?: AugmentOptions
  /** `drop`: rows with a missing value are left out. Default `error`. */
  readonly missing?: "error" | "drop"
  /** Ends when `monitor` (default `val_loss` with validation, else `loss`) has not improved for `patience` epochs. */
  readonly earlyStop?: EarlyStopOptions
  /** The learning rate of each step: `{ type: "cosine", warmup: 100 }`, or a function of the step. Default: the optimizer's own. */
  readonly schedule?: Schedule
  /** Limits gradients: `{ norm: 1 }` all together, `{ value: 0.5 }` each number. Default: none. */
  readonly clip?: Clip
  /**
   * Keeps a moving average of the trained weights, of which this share (such as 0.999) stays at each step: what validation
   * is measured on, and what the model holds at the end.
   */
  readonly ema?: number
  /** Shares of the learning rate by layer: `{ "block1/*": 0.1 }`, where `*` stands for all that begin so. Default: 1. */
  readonly layerRates?: LayerRateShares
  /**
   * Runs the frozen part in front of the network over the data once, and trains the rest on what it gave: equal results,
   * without the frozen part in each step. For data that fits in memory. Default false.
   */
  readonly cacheFeatures?: boolean
  /**
   * Steps that run as one execution once they are captured: less JavaScript between small steps, the same results to the
   * bit. A checkpoint, or a callback that looks at logs, has the steps that wait run before. Default 1.
   */
  readonly stepsPerExecution?: number
  /** A folder for checkpoints, one at the end of each epoch; or when, how many, and which one is the best. */
  readonly checkpoint?: string | CheckpointOptions
  /** Goes on from the newest checkpoint of that folder, equal to a run that never stopped; from the start without one. */
  readonly resume?: boolean
  /** Records the run: `mlruns` (a folder in MLflow's layout), or the address of an MLflow server. Default: nowhere. */
  readonly record?: string | RecordOptions
  /**
   * What matrix products and convolutions are computed in: `f32`, `bf16`, or `f16` with a scaled loss; weights and the rest
   * are f32. Default: what `precision()` says, f32 at first.
   */
  readonly precision?: Precision
  readonly callbacks?: Callbacks
  /**
   * Devices that share the rows of each batch; results are those of one. Default 1; "all" is every GPU, under a launcher those
   * of all processes, which then train by XLA's own communication and not by MPI (implemented against PJRT 0.94's header and
   * run on processes of virtual devices, not on GPUs). On a CPU they are virtual, for learning and tests.
   */
  readonly devices?: number | "all"
  /** The same in full: `mesh({ data: 2, model: 2 })`, whose `model` devices share the weights of wide layers. */
  readonly mesh?: Mesh
  /** ZeRO-1, with `devices`: what the optimizer keeps of each weight is cut over them, not copied to each. Default false. */
  readonly shardOptimizer?: boolean
  /**
   * Parts of each batch that are computed one after the other, and added up for one update: the memory of a smaller batch,
   * the result of the whole one. Batch normalisation sees one part at a time. Default 1.
   */
  readonly accumulate?: number
  /**
   * Trains with the other processes that mpirun, srun, torchrun or horovodrun started, over MPI: each computes its rows of a
   * batch, and results are those of one process. Default: when there are others. `false`: this process by itself.
   */
  readonly distributed?: boolean
}

export const trainOptionNames = [
  "data",
  "features",
  "label",
  "epochs",
  "steps",
  "classWeight",
  "sampleWeight",
  "batchSize",
  "validation",
  "validationSplit",
  "seed",
  "shuffle",
  "stream",
  "normalise",
  "encode",
  "text",
  "images",
  "augment",
  "missing",
  "earlyStop",
  "schedule",
  "clip",
  "ema",
  "layerRates",
  "cacheFeatures",
  "stepsPerExecution",
  "checkpoint",
  "resume",
  "record",
  "precision",
  "callbacks",
  "devices",
  "mesh",
  "shardOptimizer",
  "accumulate",
  "distributed",
  "optimizer",
  "loss",
  "metrics",
] as const satisfies readonly (keyof TrainOptions)[]

/** Throws for an unknown option or a value that makes no sense, before any data is read. */
export function checkTrainOptions(options: TrainOptions): void {
  checkOptions("train", options, trainOptionNames)
  checkValues(options)
}

function checkValues(options: TrainOptions): void {
  const positive = (name: string, value: number | undefined) => {
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw fail("BAD_VALUE", { where: "train", name, value, fix: "Give a whole number from 1 on." })
  }
  positive("epochs", options.epochs)
  positive("steps", options.steps)
  positive("batchSize", options.batchSize)
  positive("stepsPerExecution", options.stepsPerExecution)
  if (options.steps !== undefined && options.epochs !== undefined)
    throw fail("BAD_VALUE", {
      where: "train",
      name: "steps",
      value: `${options.steps}, beside ${options.epochs} epochs`,
      fix: "Give one of the two.",
    })
  if (options.devices !== "all") positive("devices", options.devices)
  if (typeof options.shuffle === "object") {
    checkOptions("train: shuffle", options.shuffle, ["buffer"])
    positive("shuffle.buffer", options.shuffle.buffer)
  }
  positive("accumulate", options.accumulate)
  const { checkpoint, resume, schedule } = options
  if (typeof schedule === "object") {
    checkOptions("train: schedule", schedule, scheduleOptions(schedule))
    if (schedule.type === "step") positive("schedule.epochs", schedule.epochs)
    if (schedule.type === "plateau") positive("schedule.patience", schedule.patience)
  }
  if (options.earlyStop !== undefined) {
    checkOptions("train: earlyStop", options.earlyStop, ["monitor", "patience", "minDelta"])
    positive("earlyStop.patience", options.earlyStop.patience)
  }
  if (options.text !== undefined) checkText(options.text)
  if (options.images !== undefined) imageShape(options.images)
  if (options.augment !== undefined) checkAugment(options.augment)
  if (options.record !== undefined) recordOptions(options.record)
  if (options.clip !== undefined) checkClip(options.clip)
  if (options.layerRates !== undefined) checkLayerRates(options.layerRates)
  if (options.precision !== undefined) checkPrecision("train", options.precision)
  if (options.ema !== undefined) checkDecay(options.ema)
  if (typeof checkpoint === "object") {
    checkOptions("train: checkpoint", checkpoint, ["folder", "every", "keep", "monitor"])
    positive("checkpoint.every", checkpoint.every)
    positive("checkpoint.keep", checkpoint.keep)
  }
  if (resume === true && checkpoint === undefined) {
    const fix = 'Name the folder: train(model, { checkpoint: "runs/digits", resume: true, ... }).'
    throw fail("BAD_VALUE", { where: "train", name: "resume", value: "true without `checkpoint`", fix })
  }
  const split = options.validationSplit
  if (split !== undefined && !(split >= 0 && split < 1))
    throw fail("BAD_VALUE", {
      where: "train",
      name: "validationSplit",
      value: split,
      fix: "Give a share from 0 to below 1.",
    })
  if (isBatchSource(options.data) && options.label === undefined)
    throw fail("BAD_VALUE", {
      where: "train",
      name: "label",
      value: "missing",
      fix: "Name the column to predict.",
    })
}

/** How long a training is: `steps` in all, in as many epochs as it takes. */
export function lengthOf(
  options: TrainOptions,
  { dataset: { size = 0 } }: { dataset: { size: number | undefined } },
): { epochs: number; steps: number } {
  const { steps, epochs = 1 } = options
  return steps === undefined ? { epochs, steps: size * epochs } : { epochs: Math.ceil(steps / size), steps }
}

export function compileIfNeeded(model: LayersModel, { optimizer, loss, metrics }: TrainOptions): void {
  if (optimizer !== undefined || loss !== undefined) {
    model.compile({ optimizer: optimizer ?? "adam", loss: loss ?? "meanSquaredError", metrics })
  } else if (model.optimizer === undefined || model.optimizer === null)
    throw fail("BAD_VALUE", {
      where: "train",
      name: "loss",
      value: "missing, and the model is not compiled",
      fix: 'Call model.compile first, or pass `loss` (and `optimizer`, default "adam").',
    })
}
