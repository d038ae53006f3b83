// The record of a training, opened with what its options say: every option that is data is a parameter.

import type { Prepared } from "../feed/split.js"
import { lengthOf, type TrainOptions } from "../trainOptions.js"
import { TrainRecord } from "./TrainRecord.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

/** Undefined where the options name no place. @throws RECORD_FAILED */
export async function openRecord(
  model: LayersModel,
  options: TrainOptions,
  prepared: Prepared,
): Promise<TrainRecord | undefined> {
  const { record, data, validation, callbacks, optimizer, metrics, loss, sampleWeight, mesh, ...plain } =
    options
  if (record === undefined) return undefined
  const { epochs, steps } = lengthOf(options, prepared)
  const made = model.optimizer as unknown as { getClassName(): string; learningRate?: number }
  const params = {
    ...plain,
    ...(typeof sampleWeight === "string" && { sampleWeight }),
    mesh: mesh?.axes,
    epochs,
    steps,
    batchSize: options.batchSize ?? 128,
    seed: options.seed ?? 0,
    rows: prepared.rows,
    features: prepared.maker?.names.join(", "),
    optimizer: made.getClassName(),
    learningRate: made.learningRate,
    loss: typeof model.loss === "string" ? model.loss : JSON.stringify(model.loss),
    parameters: model.countParams(),
    layers: model.layers.map(layer => layer.getClassName()).join(", "),
  }
  return TrainRecord.open(record, { model, params, steps }, line => console.log(line))
}
