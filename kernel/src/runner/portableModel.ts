// How a tf model travels to a pool worker: as its topology and weights, which make it again on the worker's own backend.

import { ensureBackend } from "../train/backend.js"
import { loadTf } from "../train/tf.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Artifacts = import("@tensorflow/tfjs").io.ModelArtifacts

/** Without loading TensorFlow.js for a notebook that has no model. */
export function matches(value: unknown): boolean {
  const { getClassName, layers, save } = (value ?? {}) as Record<string, unknown>
  return typeof getClassName === "function" && typeof save === "function" && Array.isArray(layers)
}

export async function pack(model: LayersModel): Promise<unknown> {
  let packed: Artifacts | undefined
  const keep = async (artifacts: Artifacts) => {
    packed = artifacts
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" as const } }
  }
  await model.save(loadTf().io.withSaveHandler(keep))
  const { modelTopology, weightSpecs, weightData } = packed!
  return { modelTopology, weightSpecs, weightData }
}

export async function unpack(artifacts: unknown): Promise<LayersModel> {
  await ensureBackend()
  const tf = loadTf()
  return tf.loadLayersModel(tf.io.fromMemory(artifacts as Artifacts))
}
