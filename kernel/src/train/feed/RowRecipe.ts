// How the columns of a table become the numbers of a network, as plain data: what a training learnt and what anything that
// feeds the same network again (validation, compression) needs. Not the making: RowMaker.ts.

import type { ImageShape } from "./images/ImageOptions.js"

export interface Normalisation {
  readonly mean: Float64Array
  readonly deviation: Float64Array
}

export interface RowFeature {
  readonly name: string
  /** Numbers a row. */
  readonly width: number
  /** Texts of a one-hot column in the order of their places. */
  readonly categories?: readonly string[]
  /** Words of a column of text in the order of their numbers, from 2 on (0 is padding, 1 an unknown word). */
  readonly words?: readonly string[]
  /** What each number is multiplied with. */
  readonly scale?: number
}

export interface RowRecipe {
  /** In the order of the network's inputs. */
  readonly features: readonly RowFeature[]
  readonly label: string | undefined
  /** Texts of the label by class number, when it is text. */
  readonly classes: readonly string[] | undefined
  readonly normalisation: Normalisation | undefined
  /** The column that is decoded into pixels first. */
  readonly images?: ImageShape | undefined
  /** What happens to a row with a missing value. */
  readonly missing: "error" | "drop"
}

const recipes = new WeakMap<object, RowRecipe>()

/** What `train` calls at the end; undefined (trained on tensors) forgets an earlier one. */
export function rememberRecipe(model: object, recipe: RowRecipe | undefined): void {
  if (recipe === undefined) recipes.delete(model)
  else recipes.set(model, recipe)
}

/** How the rows were made that `model` was last trained on by `train`; undefined when it was not, or on tensors. */
export function recipeOf(model: object): RowRecipe | undefined {
  return recipes.get(model)
}
