// The options of `compress`, what they default to, and what is wrong with a bad one.

import { checkOptions, didYouMean, fail } from "../errors.js"
import { type BatchSource, isBatchSource } from "../train/feed/BatchSource.js"
import type { TrainRun } from "../train/TrainRun.js"
import type { TensorData } from "../train/trainOptions.js"
import { type FormatName, formats } from "./formats/registry.js"
import { type ObserverName, observers } from "./quantize/observers/registry.js"
import type { SampleTensors } from "./tensorSamples.js"

export interface CompressOptions {
  /** The number format of weights and activations. */
  readonly to: FormatName
  /** Typical rows, a few hundred, whose values set the ranges: a DataFrame (or anything that streams columns), or `{ x }`. */
  readonly calibrate: BatchSource | SampleTensors
  /** Labelled rows that the network was not trained on. Without them accuracy is not measured, and the report says so. */
  readonly evaluate?: BatchSource | TensorData
  /**
   * What `train` gave for this model, to make rows as it did: texts, classes, normalisation. Not needed in the session that
   * trained it, where the model remembers.
   */
  readonly run?: Pick<TrainRun, "recipe">
  /** Input columns; those of the training, or without one all numeric ones but the label. */
  readonly features?: string | readonly string[]
  /** The column to predict; that of the training when absent. */
  readonly label?: string
  /** `drop`: rows with a missing value are left out. Default as in the training, or `error`. */
  readonly missing?: "error" | "drop"
  /** How a range is told from the values that occur. Default `minMax`. */
  readonly ranges?: ObserverName
  /**
   * Default true: weights take seven bits. With eight, processors without VNNI (AMD before Zen 4, most of Intel's before
   * 2021) add up wrongly; give false only for a file that will never run on one.
   */
  readonly reduceRange?: boolean
  /** Of the measured runs and of `predict`. Default 1. */
  readonly threads?: number
  /** How long latency is measured for, in all. Default 1 second. */
  readonly measure?: { readonly seconds?: number }
}

const known = [
  "to",
  "calibrate",
  "evaluate",
  "run",
  "features",
  "label",
  "missing",
  "ranges",
  "reduceRange",
  "threads",
  "measure",
] as const satisfies readonly (keyof CompressOptions)[]

/** Throws for an unknown option or a value that makes no sense, before anything is read. */
export function checkCompressOptions(options: CompressOptions): void {
  checkOptions("compress", options, known)
  checkOptions("compress: measure", options.measure ?? {}, ["seconds"])
  checkName("to", options.to, Object.keys(formats))
  checkName("ranges", options.ranges ?? "minMax", Object.keys(observers))
  checkName("missing", options.missing ?? "error", ["error", "drop"])
  checkData("calibrate", options.calibrate, false)
  if (options.evaluate !== undefined) checkData("evaluate", options.evaluate, true)
  const { threads = 1, measure: { seconds = 1 } = {} } = options
  if (!Number.isSafeInteger(threads) || threads < 1)
    throw bad("threads", threads, "Give a whole number from 1 on.")
  if (!(Number.isFinite(seconds) && seconds > 0))
    throw bad("measure.seconds", seconds, "Give a number above 0.")
}

function checkName(name: string, value: unknown, names: readonly string[]): void {
  if (names.includes(value as string)) return
  const near = typeof value === "string" ? didYouMean(value, names) : ""
  const shown = value === undefined ? "missing" : `\`${value}\``
  throw bad(name, shown, `Known: ${names.join(", ")}.${near}`)
}

function checkData(name: string, data: unknown, isLabelled: boolean): void {
  if (isBatchSource(data)) return
  const { x, y } = (data ?? {}) as Partial<TensorData>
  if (isTensor(x) && (isTensor(y) || !isLabelled)) return
  const form = isLabelled ? "{ x, y } tensors" : "{ x } with a tensor"
  const shown = data === undefined ? "missing" : `neither a DataFrame nor ${form}`
  throw bad(name, shown, `Pass \`${name}: frame\`, or \`${name}: ${isLabelled ? "{ x, y }" : "{ x }"}\`.`)
}

function isTensor(value: unknown): boolean {
  const tensor = value as { shape?: unknown; data?: unknown } | undefined
  return Array.isArray(tensor?.shape) && typeof tensor.data === "function"
}

function bad(name: string, value: unknown, fix: string): Error {
  return fail("BAD_VALUE", { where: "compress", name, value, fix })
}
