// What a trained model says of new rows: a table is made into rows as those of the training were (its recipe: columns, texts,
// vocabulary, images, normalisation), without the label. Not the measuring of a model: `model.evaluate`, `compress`.

import { displaySymbol, type MimeBundle, tableBundle } from "../display.js"
import { checkOptions, fail } from "../errors.js"
import { ensureBackend } from "./backend.js"
import type { BatchSource } from "./feed/BatchSource.js"
import { imageSource } from "./feed/images/imageSource.js"
import { inputShape } from "./feed/inputShape.js"
import { outputsOf } from "./feed/labels.js"
import { RowMaker } from "./feed/RowMaker.js"
import { type RowRecipe, recipeOf } from "./feed/RowRecipe.js"
import { short } from "./TrainRun.js"
import { loadTf } from "./tf.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel
type Tensor = import("@tensorflow/tfjs").Tensor

export interface PredictOptions {
  /** How rows are made; default: as in the model's last `train`. `run.recipe` of another session's run. */
  readonly recipe?: RowRecipe
  /** Rows at a time; default 1,024. */
  readonly batchSize?: number
}

export class Prediction {
  constructor(
    readonly rows: number,
    /** Numbers a row that the model gives. */
    readonly outputs: number,
    /** Row by row. */
    readonly values: Float32Array,
    /** The class of each row, as the label's text or its number; undefined where the model gives no classes. */
    readonly classes: readonly (string | number)[] | undefined,
  ) {}

  [displaySymbol](): MimeBundle {
    const shown = Math.min(this.rows, 10)
    const row = (i: number) =>
      Array.from(this.values.subarray(i * this.outputs, (i + 1) * this.outputs), short)
    return tableBundle({
      caption: `${this.rows} rows${shown < this.rows ? `, the first ${shown}` : ""}`,
      columns: ["row", ...(this.classes === undefined ? [] : ["class"]), "values"],
      rows: Array.from({ length: shown }, (_, i) => [
        String(i),
        ...(this.classes === undefined ? [] : [String(this.classes[i])]),
        row(i).slice(0, 8).join(", "),
      ]),
    })
  }
}

/**
 * Resolves to the outputs of `model` for the rows of `data`.
 *
 * @throws BAD_VALUE for a model without a recipe; UNKNOWN_COLUMN, TRAIN_COLUMN_TYPE, DATA_MIXED, DATA_NOT_FINITE as `train`
 * @example const found = await predict(model, flights); found.classes
 */
export async function predict(
  model: LayersModel,
  data: BatchSource,
  options: PredictOptions = {},
): Promise<Prediction> {
  checkOptions("predict", options, ["recipe", "batchSize"])
  const { recipe = recipeOf(model), batchSize = 1024 } = options
  if (recipe === undefined)
    throw fail("BAD_VALUE", {
      where: "predict",
      name: "recipe",
      value: "missing, and this model was not trained on a table here",
      fix: "Pass the `recipe` of the run that trained it, or call model.predict with a tensor.",
    })
  await ensureBackend()
  const tf = loadTf()
  // A row that is left out would shift the results of those after it.
  const maker = RowMaker.of({ ...recipe, missing: "error" }, "predict")
  const shape = inputShape(model, maker, "predict")
  const source = recipe.images ? imageSource(data, recipe.images, { where: "predict" }) : data
  const parts: Float32Array[] = []
  let rows = 0
  for await (const batch of source.batches(batchSize)) {
    const { x, count } = maker.make(batch, { labels: false, from: rows })
    if (count === 0) continue
    maker.normalise(x)
    const out = tf.tidy(() => model.predict(tf.tensor(x, [count, ...shape]), { batchSize: count }) as Tensor)
    parts.push((await out.data()) as Float32Array)
    out.dispose()
    rows += count
  }
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    values.set(part, at)
    at += part.length
  }
  const outputs = rows === 0 ? outputsOf(model) : values.length / rows
  return new Prediction(rows, outputs, values, classesOf(model, recipe, values, outputs))
}

/** The largest of several outputs; of one, above a half where the loss is one of two classes. */
function classesOf(
  model: LayersModel,
  { classes }: RowRecipe,
  values: Float32Array,
  outputs: number,
): (string | number)[] | undefined {
  const binary = outputs === 1 && String((model as { loss?: unknown }).loss) === "binaryCrossentropy"
  if (outputs === 1 && !binary && classes === undefined) return undefined
  const named = (number: number) => classes?.[number] ?? number
  return Array.from({ length: values.length / outputs }, (_, row) => {
    const own = values.subarray(row * outputs, (row + 1) * outputs)
    return named(outputs === 1 ? Number(own[0]! > 0.5) : own.indexOf(Math.max(...own)))
  })
}
