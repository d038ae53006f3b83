// The rows of a table as samples. They are made as the training made its rows (the recipe of a TrainRun, or what `train`
// remembers of the model); without one, numeric columns go in as they are. Nothing is learnt here: categories, class
// numbers and spread of a calibration sample are not those the network was trained with.

import { fail } from "../errors.js"
import type { BatchSource, SourceBatch } from "../train/feed/BatchSource.js"
import { imageSource } from "../train/feed/images/imageSource.js"
import { inputShape } from "../train/feed/inputShape.js"
import { RowMaker } from "../train/feed/RowMaker.js"
import type { RowRecipe } from "../train/feed/RowRecipe.js"
import { noRows, pieces, rowSize, type Samples } from "./samples.js"

type LayersModel = import("@tensorflow/tfjs").LayersModel

export interface TableOptions {
  /** The option that the table was given in. */
  readonly name: "calibrate" | "evaluate"
  readonly features: string | readonly string[] | undefined
  readonly label: string | undefined
  readonly missing: "error" | "drop" | undefined
  readonly recipe: RowRecipe | undefined
}

/** Read at a time, however few go on together: a query a row would take its time. */
const fewestRows = 256

export async function tableSamples(
  model: LayersModel,
  source: BatchSource,
  options: TableOptions,
): Promise<Samples> {
  const labelled = options.name === "evaluate"
  const where = `compress: ${options.name}`
  const maker = options.recipe
    ? restored(options.recipe, options, where)
    : await numeric(source, options, where)
  const shape = inputShape(model, maker, where)
  const labelWidth = labelled ? 1 : 0
  return {
    shape,
    labelWidth,
    async *batches(rows) {
      let seen = 0
      const { images } = maker.recipe
      const table = images ? imageSource(source, images, { where }) : source
      for await (const batch of table.batches(Math.max(rows, fewestRows))) {
        if (batch.rows === 0) continue
        const made = maker.make(batch, { labels: labelled })
        maker.normalise(made.x)
        seen += made.count
        yield* pieces(made, rowSize(shape), labelWidth, rows)
      }
      if (seen === 0)
        throw noRows(options.name, "Check the frame's filters; `missing` may have dropped every row.")
    },
  }
}

function restored(
  recipe: RowRecipe,
  { features, label, missing, name }: TableOptions,
  where: string,
): RowMaker {
  const trained = recipe.features.map(feature => feature.name)
  const asked = features === undefined ? trained : [features].flat()
  if (asked.join("\n") !== trained.join("\n"))
    throw bad(
      "features",
      `${asked.join(", ")}, and the model was trained on ${trained.join(", ")}`,
      "Leave `features` out, or rename the columns to those of the training.",
    )
  const target = label ?? recipe.label
  if (name === "evaluate" && target === undefined) throw noLabel()
  return RowMaker.of({ ...recipe, missing: missing ?? recipe.missing }, where, target)
}

/** The first rows tell which columns are numbers and how wide they are. */
async function numeric(source: BatchSource, options: TableOptions, where: string): Promise<RowMaker> {
  const { features, label, missing = "error", name } = options
  const isLabelled = name === "evaluate"
  if (isLabelled && label === undefined) throw noLabel()
  const first = await firstBatch(source)
  if (first === undefined) throw noRows(name, "The frame is empty: check its filters and its path.")
  const maker = new RowMaker({
    where,
    features: features === undefined ? undefined : [features].flat(),
    // Where no labels are wanted, a label column is still no input.
    label: isLabelled || (label !== undefined && label in first.columns) ? label : undefined,
    normalise: "none",
    encode: "none",
    missing,
    textFix: "Only the training knows its texts: pass `run`, what `train` gave for this model.",
  })
  maker.meet(first)
  maker.settle()
  if (isLabelled && maker.classes !== undefined) throw textLabel(label!)
  return maker
}

async function firstBatch(source: BatchSource): Promise<SourceBatch | undefined> {
  for await (const batch of source.batches(64)) if (batch.rows > 0) return batch
  return undefined
}

function textLabel(label: string): Error {
  const value = `\`${label}\`, a column of text, and only the training knows which class is which number`
  return bad("label", value, "Pass `run`, what `train` gave for this model.")
}

function noLabel(): Error {
  return bad("label", "missing, and `evaluate` compares with it", "Name the column to predict.")
}

function bad(name: string, value: string, fix: string): Error {
  return fail("BAD_VALUE", { where: "compress", name, value, fix })
}
