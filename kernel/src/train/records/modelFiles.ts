// A model as the files of a record: tfjs's layers format, which `tf.loadLayersModel` reads, and the recipe of its rows.

import type { RowRecipe } from "../feed/RowRecipe.js"
import type { Tf } from "../tf.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Artifacts = import("@tensorflow/tfjs").io.ModelArtifacts

export async function modelFiles(
  tf: Tf,
  model: LayersModel,
  recipe: RowRecipe | undefined,
): Promise<Readonly<Record<string, Uint8Array>>> {
  let kept: Artifacts | undefined
  await model.save(
    tf.io.withSaveHandler(async artifacts => {
      kept = artifacts
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } }
    }),
  )
  const { modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy } = kept!
  const weightsManifest = [{ paths: ["weights.bin"], weights: weightSpecs }]
  const topology = { format, generatedBy, convertedBy, modelTopology, weightsManifest }
  const bytes = Buffer.concat([weightData!].flat().map(part => new Uint8Array(part)))
  return {
    "model/model.json": Buffer.from(JSON.stringify(topology)),
    "model/weights.bin": bytes,
    ...(recipe && { "model/recipe.json": Buffer.from(JSON.stringify(recipe, plain, 1)) }),
  }
}

/** Typed arrays as lists. */
function plain(_: string, value: unknown): unknown {
  return value instanceof Float64Array ? [...value] : value
}
