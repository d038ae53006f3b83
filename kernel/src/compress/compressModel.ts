// What `compress` does, step by step: options, export, rows, format, measurement, report. Loaded at its first call, with the
// message types and all it needs.

import { availableParallelism } from "node:os"
import { fail } from "../errors.js"
import { cellSignal } from "../interrupt.js"
import type { Graph } from "../onnx/Graph.js"
import { writeModel } from "../onnx/writeModel.js"
import { isBatchSource } from "../train/feed/BatchSource.js"
import { recipeOf } from "../train/feed/RowRecipe.js"
import { Compressed } from "./Compressed.js"
import { type CompressOptions, checkCompressOptions } from "./compressOptions.js"
import { exportModel } from "./export/exportModel.js"
import { formats } from "./formats/registry.js"
import { metricOf } from "./measure/Metric.js"
import { type Measured, type Measurement, measureBoth } from "./measure/measureBoth.js"
import { processor } from "./measure/processor.js"
import { verdict } from "./measure/verdict.js"
import { Report } from "./Report.js"
import { loadRuntime, runtimeName } from "./runtime/loadRuntime.js"
import type { Samples } from "./samples.js"
import { tableSamples } from "./tableSamples.js"
import { tensorSamples } from "./tensorSamples.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

export async function compressModel(model: LayersModel, options: CompressOptions): Promise<Compressed> {
  checkCompressOptions(options)
  checkBorders(model)
  loadRuntime()
  const signal = cellSignal()
  const calibration = counted(await samplesOf(model, "calibrate", options))
  const evaluation = await evaluationOf(model, options)
  const graph = await exportModel(model)
  const small = await formats[options.to](graph, {
    samples: calibration.samples,
    observer: options.ranges ?? "minMax",
    reduceRange: options.reduceRange ?? true,
    threads: availableParallelism(),
    signal,
  })
  const calibrated = calibration.count()
  const [float32, bytes] = [writeModel(graph), writeModel(small)]
  const border = { input: small.inputs[0]!.name, output: small.outputs[0]!.name, shape: rowShape(model) }
  const measured = await measureBoth(float32, bytes, {
    ...border,
    typical: calibration.samples,
    evaluation,
    threads: options.threads ?? 1,
    seconds: options.measure?.seconds ?? 1,
    signal,
  })
  const report = reportOf({ options, graph: small, float32, bytes, measured, evaluation, calibrated })
  return new Compressed({ report, bytes, float32, border })
}

interface Outcome {
  readonly options: CompressOptions
  readonly graph: Graph
  readonly float32: Uint8Array
  readonly bytes: Uint8Array
  readonly measured: Measured
  readonly evaluation: Measurement["evaluation"]
  readonly calibrated: number
}

function reportOf({ options, graph, float32, bytes, measured, evaluation, calibrated }: Outcome): Report {
  const { before, after, scores } = measured
  const { to: format, threads = 1 } = options
  const machine = processor()
  const first = { bytes: float32.length, score: scores?.before, latency: before }
  const second = { bytes: bytes.length, score: scores?.after, latency: after }
  const said = verdict(first, second, graph, machine)
  return new Report({
    rows: [
      { format: "float32", ...first, drop: undefined, speed: undefined, note: "" },
      { format, ...second, drop: scores?.drop, ...said },
    ],
    metric: evaluation?.metric.name,
    evaluated: scores?.rows ?? 0,
    calibrated,
    runtime: runtimeName(),
    threads,
    processor: machine.name,
  })
}

async function evaluationOf(
  model: LayersModel,
  options: CompressOptions,
): Promise<Measurement["evaluation"]> {
  if (options.evaluate === undefined) return undefined
  const samples = await samplesOf(model, "evaluate", options)
  return { samples, metric: metricOf(model, samples.labelWidth) }
}

function samplesOf(
  model: LayersModel,
  name: "calibrate" | "evaluate",
  options: CompressOptions,
): Promise<Samples> {
  const data = options[name]!
  const { features, label, missing } = options
  if (!isBatchSource(data))
    return tensorSamples(name, name === "calibrate" ? { x: data.x } : data, rowShape(model))
  const recipe = options.run === undefined ? recipeOf(model) : options.run.recipe
  return tableSamples(model, data, { name, features, label, missing, recipe })
}

/** The samples, and how many rows of them went by in the longest pass. */
function counted(samples: Samples): { samples: Samples; count(): number } {
  let most = 0
  return {
    count: () => most,
    samples: {
      ...samples,
      async *batches(rows) {
        let seen = 0
        for await (const batch of samples.batches(rows)) {
          seen += batch.count
          most = Math.max(most, seen)
          yield batch
        }
      },
    },
  }
}

function rowShape(model: LayersModel): (number | null)[] {
  return model.inputs[0]!.shape.slice(1)
}

/** Exporting takes any number of both; rows for calibration and labels are for one. */
function checkBorders({ inputs, outputs }: LayersModel): void {
  if (inputs?.length === 1 && outputs?.length === 1) return
  const value =
    inputs === undefined ? "not built" : `one of ${inputs.length} inputs and ${outputs.length} outputs`
  const fix = "Give a model with one of each, such as `tf.model({ inputs, outputs })` of a part."
  throw fail("BAD_VALUE", { where: "compress", name: "model", value, fix })
}
