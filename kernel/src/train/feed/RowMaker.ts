// Turns columns into the numbers of a network: which columns, how wide each is, how texts and lists become numbers, what
// the mean and spread of each number are. Learnt in one pass over the data, or taken from the recipe of an earlier
// training; applied to every batch.

import { didYouMean, fail } from "../../errors.js"
import type { SourceBatch } from "./BatchSource.js"
import { type CellPlace, cellLabel, cellNumber, cellWeight, mixed } from "./cells.js"
import { type Column, describe, gapsOf, isList, isText, widthOf } from "./columns.js"
import type { ImageShape } from "./images/ImageOptions.js"
import type { LabelRule } from "./labels.js"
import type { Normalisation, RowRecipe } from "./RowRecipe.js"
import { type TextOptions, Vocabulary } from "./tokens.js"

export interface RowOptions {
  /** What the user called, for messages. */
  readonly where: string
  readonly features: readonly string[] | undefined
  /** Absent where only inputs are made. */
  readonly label: string | undefined
  readonly normalise: "standard" | "none"
  readonly encode: "onehot" | "none"
  readonly missing: "error" | "drop"
  /** The column that says what a row counts for; never an input by itself. */
  readonly weight?: string | undefined
  /** A column of text that becomes numbers of words. */
  readonly text?: TextOptions | undefined
  /** A column that holds pixels, and what they were decoded to. */
  readonly images?: { readonly shape: ImageShape; readonly scale: number } | undefined
  /** What the labels may be, where the model says so. */
  readonly labelRule?: LabelRule | undefined
  /** What to advise for a column of text, where `encode` is not to be had. */
  readonly textFix?: string
}

/** Rows as the network takes them: `x` is rows x width, `y` one number a row. */
export interface Rows {
  readonly count: number
  readonly x: Float32Array
  readonly y: Float32Array
  /** What each counts for, where a column says so. */
  readonly w?: Float32Array | undefined
}

export interface MakeOptions {
  /** Default true. */
  readonly labels?: boolean
  /** Default false. */
  readonly weights?: boolean
  /** The batch's first row in the data, for messages. */
  readonly from?: number
}

/** Rows of a batch, and the place of the batch's first row in the data. */
interface PickedRows {
  readonly rows: Int32Array
  readonly from: number
}

interface Feature {
  readonly name: string
  /** Numbers a row. */
  readonly width: number
  /** Values of a text column in the order of their one-hot places. */
  readonly categories?: Map<string, number>
  readonly words?: Vocabulary
  readonly scale?: number
}

const encodeFix =
  'Pass `encode: "onehot"` to give each text a place of its own, or leave the column out of `features`.'
/** More different texts than this is an identifier, not a category. */
const categoryLimit = 256

export class RowMaker {
  /** Values of a text label in the order of their class numbers. */
  classes: readonly string[] | undefined
  normalisation: Normalisation | undefined
  rows = 0
  private features: Feature[] | undefined
  private labels = new Map<string, number>()
  private sums: { mean: Float64Array; squares: Float64Array } | undefined

  constructor(private readonly options: RowOptions) {}

  /** A maker that has nothing to learn: it makes rows as those of the recipe were made. */
  static of(recipe: RowRecipe, where: string, label = recipe.label): RowMaker {
    const { normalisation, classes, missing } = recipe
    const normalise = normalisation === undefined ? "none" : "standard"
    const features = recipe.features.map(feature => feature.name)
    const scale = recipe.features.find(({ name }) => name === recipe.images?.column)?.scale ?? 1
    const images = recipe.images && { shape: recipe.images, scale }
    const maker = new RowMaker({ where, features, label, normalise, encode: "none", missing, images })
    maker.features = recipe.features.map(({ categories, words, ...feature }) => ({
      ...feature,
      ...(categories && { categories: places(categories) }),
      ...(words && { words: Vocabulary.of(words, feature.width) }),
    }))
    maker.classes = classes
    maker.labels = places(classes ?? [])
    maker.normalisation = normalisation
    return maker
  }

  /** What this maker learnt, as data. */
  get recipe(): RowRecipe {
    const features = (this.features ?? []).map(({ categories, words, ...feature }) => ({
      ...feature,
      ...(categories && { categories: [...categories.keys()] }),
      ...(words && { words: words.list }),
    }))
    const { label, missing, images } = this.options
    const { classes, normalisation } = this
    return { features, label, classes, normalisation, missing, ...(images && { images: images.shape }) }
  }

  get names(): readonly string[] {
    return this.features?.map(feature => feature.name) ?? []
  }

  /** Rows come with what they count for. */
  get weighs(): boolean {
    return this.options.weight !== undefined
  }

  /** Whether rows of the batch come with what they count for: one to validate on may lack the column. */
  weighsOf(batch: SourceBatch): boolean {
    return this.weighs && this.options.weight! in batch.columns
  }

  /** Numbers a row. */
  get width(): number {
    return this.features?.reduce((sum, feature) => sum + feature.width, 0) ?? 0
  }

  /** First pass: what columns there are, which texts occur. */
  meet(batch: SourceBatch): void {
    if (batch.rows === 0) return
    this.features ??= this.choose(batch)
    for (const { name, categories, words } of this.features) {
      const column = batch.columns[name]!
      if (categories) this.meetTexts(name, column, categories, batch.rows)
      if (words)
        for (let row = 0; row < batch.rows; row++)
          if (typeof column[row] === "string") words.meet(column[row] as string)
    }
    const { label } = this.options
    if (label === undefined) return
    const column = batch.columns[label]!
    if (isText(column)) this.meetTexts(label, column, this.labels, batch.rows)
  }

  /** The end of the first look: texts get their places in alphabetical order, whatever order they came in. */
  settle(): void {
    if (this.features === undefined) return
    for (const { categories, words } of this.features) {
      if (categories) sortPlaces(categories)
      words?.settle()
    }
    this.features = this.features.map(feature =>
      feature.categories ? { ...feature, width: feature.categories.size } : feature,
    )
    sortPlaces(this.labels)
    if (this.labels.size > 0) this.classes = [...this.labels.keys()]
  }

  /** Adds rows to the running mean and spread (Welford, so that large offsets do not cancel). */
  measure({ x, count }: Rows): void {
    const width = this.width
    this.sums ??= { mean: new Float64Array(width), squares: new Float64Array(width) }
    const { mean, squares } = this.sums
    for (let row = 0; row < count; row++) {
      this.rows++
      for (let i = 0; i < width; i++) {
        const value = x[row * width + i]!
        const off = value - mean[i]!
        mean[i]! += off / this.rows
        squares[i]! += off * (value - mean[i]!)
      }
    }
  }

  /** The end of measuring. A feature that never varies keeps a deviation of 1. */
  settleNormalisation(): void {
    if (this.options.normalise !== "standard" || this.sums === undefined) return
    const { mean } = this.sums
    const deviation = this.sums.squares.map(sum => Math.sqrt(sum / this.rows) || 1)
    // Numbers of words are names, not amounts.
    let at = 0
    for (const { width, words } of this.features!) {
      if (words) {
        mean.fill(0, at, at + width)
        deviation.fill(1, at, at + width)
      }
      at += width
    }
    this.normalisation = { mean, deviation }
  }

  /** In place. */
  normalise(x: Float32Array): void {
    if (this.normalisation === undefined) return
    const { mean, deviation } = this.normalisation
    for (let at = 0; at < x.length; )
      for (let i = 0; i < mean.length; i++, at++) x[at] = (x[at]! - mean[i]!) / deviation[i]!
  }

  /** The numbers of a batch, before normalisation. */
  make(batch: SourceBatch, { labels = true, weights = false, from = 0 }: MakeOptions = {}): Rows {
    const label = labels ? this.options.label : undefined
    const weight = weights ? this.options.weight : undefined
    const names = [
      ...this.names,
      ...(label === undefined ? [] : [label]),
      ...(weight === undefined ? [] : [weight]),
    ]
    for (const name of names) this.column(batch, name)
    const rows = this.completeRows(batch, names, from)
    const width = this.width
    const x = new Float32Array(rows.length * width)
    let at = 0
    for (const feature of this.features!) {
      this.fillFeature(feature, batch.columns[feature.name]!, { rows, from }, x.subarray(at))
      at += feature.width
    }
    const y = new Float32Array(label === undefined ? 0 : rows.length)
    if (label !== undefined) this.fillLabel(batch.columns[label]!, { rows, from }, y)
    const w = weight === undefined ? undefined : this.weightsOf(batch.columns[weight]!, { rows, from })
    return { count: rows.length, x, y, w }
  }

  private column(batch: SourceBatch, name: string): Column {
    const found = batch.columns[name]
    if (found !== undefined) return found
    const known = Object.keys(batch.columns)
    throw fail("UNKNOWN_COLUMN", {
      operation: this.options.where,
      name,
      nearest: didYouMean(name, known),
      columns: known.join(", "),
    })
  }

  private choose(batch: SourceBatch): Feature[] {
    const { label, weight, where } = this.options
    for (const name of [label, weight]) if (name !== undefined) this.column(batch, name)
    const numeric = (name: string) =>
      name !== label && name !== weight && widthOf(this.column(batch, name)) !== undefined
    const { text, images } = this.options
    for (const special of [text?.column, images?.shape.column])
      if (special !== undefined) this.column(batch, special)
    const taken = (name: string) => name === text?.column || name === images?.shape.column || numeric(name)
    const names = this.options.features ?? Object.keys(batch.columns).filter(taken)
    const features = names.map(name => this.feature(name, this.column(batch, name)))
    if (features.length > 0) return features
    throw fail("TRAIN_NO_DATA", {
      where,
      fix: "No numeric column is left beside the label: name some in `features`.",
    })
  }

  private feature(name: string, column: Column): Feature {
    const { text, images } = this.options
    if (text?.column === name && isText(column))
      return { name, width: text.length, words: new Vocabulary(text.length, text.vocabulary ?? 10_000) }
    const width = widthOf(column)
    const scale = images?.shape.column === name ? { scale: images.scale } : {}
    if (width !== undefined) return { name, width, ...scale }
    if (isText(column) && this.options.encode === "onehot") return { name, width: 0, categories: new Map() }
    const { textFix = encodeFix } = this.options
    const fix = isText(column) ? textFix : "Convert it to a number, or leave it out of `features`."
    throw this.badColumn(name, isText(column) ? "text" : describe(column), fix)
  }

  private meetTexts(name: string, column: Column, texts: Map<string, number>, rows: number): void {
    for (let row = 0; row < rows; row++) {
      const text = column[row]
      if (typeof text === "string" && !texts.has(text)) texts.set(text, texts.size)
    }
    if (texts.size > categoryLimit)
      throw this.badColumn(
        name,
        `more than ${categoryLimit} different texts`,
        "Group the rare ones first, or leave the column out of `features`.",
      )
  }

  /** Rows without a gap in any column that is used. */
  private completeRows(batch: SourceBatch, names: readonly string[], from: number): Int32Array {
    const keep = new Uint8Array(batch.rows).fill(1)
    let kept = batch.rows
    for (const name of names) {
      const missing = gapsOf(batch, name)
      if (missing === undefined) continue
      for (let row = 0; row < batch.rows; row++) {
        if (!missing(row) || keep[row] === 0) continue
        if (this.options.missing === "error") throw this.missingValue(name, from + row)
        keep[row] = 0
        kept--
      }
    }
    const rows = new Int32Array(kept)
    for (let row = 0, at = 0; row < batch.rows; row++) if (keep[row] === 1) rows[at++] = row
    return rows
  }

  /** `x` begins at the feature's first place in the first row. */
  private fillFeature(feature: Feature, column: Column, { rows, from }: PickedRows, x: Float32Array): void {
    const { categories, name, words, scale = 1 } = feature
    if (categories === undefined && words === undefined && isText(column))
      throw this.badColumn(name, "text", "It held numbers when the network was trained.")
    const place: CellPlace = { where: this.options.where, name, row: 0 }
    for (let i = 0; i < rows.length; i++) {
      const value = column[rows[i]!]
      const base = i * this.width
      place.row = from + rows[i]!
      if (words !== undefined) {
        if (typeof value !== "string") throw mixed(value, "texts", place)
        words.fill(value, x.subarray(base, base + feature.width))
      } else if (categories !== undefined) {
        if (typeof value !== "string") throw mixed(value, "texts", place)
        const at = categories.get(value)
        if (at !== undefined) x[base + at] = 1
      } else if (isList(value)) {
        if (value.length !== feature.width) throw this.unevenList(feature, value.length)
        // Bytes are finite numbers, and an image has many of them.
        if (value instanceof Uint8Array)
          for (let j = 0; j < value.length; j++) x[base + j] = scale * value[j]!
        else for (let j = 0; j < value.length; j++) x[base + j] = scale * cellNumber(value[j], place, j)
      } else if (feature.width === 1) x[base] = cellNumber(value, place)
      else throw mixed(value, `lists of ${feature.width} numbers`, place)
    }
  }

  private fillLabel(column: Column, { rows, from }: PickedRows, y: Float32Array): void {
    const { label, where, labelRule } = this.options
    const place: CellPlace = { where, name: label!, row: 0 }
    for (let i = 0; i < rows.length; i++) {
      place.row = from + rows[i]!
      y[i] = cellLabel(column[rows[i]!], place, this.labels, labelRule)
    }
  }

  private weightsOf(column: Column, { rows, from }: PickedRows): Float32Array {
    const place: CellPlace = { where: this.options.where, name: this.options.weight!, row: 0 }
    return Float32Array.from(rows, row => {
      place.row = from + row
      return cellWeight(column[row], place)
    })
  }

  private missingValue(name: string, row: number) {
    const fix = `Filter the rows (\`.filter(f => f.${name}.isNotNull())\`), or pass \`missing: "drop"\`.`
    return this.badColumn(name, `missing values, the first in row ${row} (from 0)`, fix)
  }

  private unevenList({ name, width }: Feature, found: number) {
    const fix = "All lists of a feature have the same length."
    return this.badColumn(name, `lists of ${width} and of ${found} numbers`, fix)
  }

  private badColumn(name: string, found: string, fix: string) {
    return fail("TRAIN_COLUMN_TYPE", { where: this.options.where, name, found, fix })
  }
}

function places(texts: readonly string[]): Map<string, number> {
  return new Map(texts.map((text, place) => [text, place]))
}

function sortPlaces(texts: Map<string, number>): void {
  const sorted = [...texts.keys()].sort()
  texts.clear()
  for (const [place, text] of sorted.entries()) texts.set(text, place)
}
