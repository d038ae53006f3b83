// Turns columns into the numbers of a network: which columns, how wide each is, how texts and lists become numbers, what
// the mean and spread of each number are. Learnt in one pass over the data, kept with the result, applied to every batch.

import { didYouMean, fail } from "../../errors.js"
import type { SourceBatch } from "./BatchSource.js"

export interface RowOptions {
  readonly features: readonly string[] | undefined
  readonly label: string
  readonly normalise: "standard" | "none"
  readonly encode: "onehot" | "none"
  readonly missing: "error" | "drop"
}

export interface Normalisation {
  readonly mean: Float64Array
  readonly deviation: Float64Array
}

/** Rows as the network takes them: `x` is rows x width, `y` one number a row. */
export interface Rows {
  readonly count: number
  readonly x: Float32Array
  readonly y: Float32Array
}

type Column = ArrayLike<unknown>

interface Feature {
  readonly name: string
  /** Numbers a row. */
  readonly width: number
  /** Values of a text column in the order of their one-hot places. */
  readonly categories?: Map<string, number>
}

const where = "train"
/** More different texts than this is an identifier, not a category. */
const categoryLimit = 256

export class RowMaker {
  /** Values of a text label in the order of their class numbers. */
  classes: readonly string[] | undefined
  normalisation: Normalisation | undefined
  rows = 0
  private features: Feature[] | undefined
  private readonly labels = new Map<string, number>()
  private sums: { mean: Float64Array; squares: Float64Array } | undefined

  constructor(private readonly options: RowOptions) {}

  get names(): readonly string[] {
    return this.features?.map(feature => feature.name) ?? []
  }

  /** Numbers a row. */
  get width(): number {
    return this.features?.reduce((sum, feature) => sum + feature.width, 0) ?? 0
  }

  /** First pass: what columns there are, which texts occur. */
  meet(batch: SourceBatch): void {
    if (batch.rows === 0) return
    this.features ??= this.choose(batch)
    for (const { name, categories } of this.features)
      if (categories) meetTexts(name, batch.columns[name]!, categories, batch.rows)
    const label = batch.columns[this.options.label]!
    if (isText(label)) meetTexts(this.options.label, label, this.labels, batch.rows)
  }

  /** The end of the first look: texts get their places in alphabetical order, whatever order they came in. */
  settle(): void {
    if (this.features === undefined) return
    for (const { categories } of this.features) if (categories) sortPlaces(categories)
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
    const deviation = this.sums.squares.map(sum => Math.sqrt(sum / this.rows) || 1)
    this.normalisation = { mean: this.sums.mean, deviation }
  }

  /** In place. */
  normalise(x: Float32Array): void {
    if (this.normalisation === undefined) return
    const { mean, deviation } = this.normalisation
    for (let at = 0; at < x.length; )
      for (let i = 0; i < mean.length; i++, at++) x[at] = (x[at]! - mean[i]!) / deviation[i]!
  }

  /** The numbers of a batch, before normalisation. */
  make(batch: SourceBatch, withLabel = true): Rows {
    const rows = this.completeRows(batch, withLabel)
    const width = this.width
    const x = new Float32Array(rows.length * width)
    let at = 0
    for (const feature of this.features!) {
      fillFeature(feature, batch.columns[feature.name]!, rows, x, at, width)
      at += feature.width
    }
    const y = new Float32Array(withLabel ? rows.length : 0)
    if (withLabel) fillLabel(batch.columns[this.options.label]!, rows, y, this.labels)
    return { count: rows.length, x, y }
  }

  private choose(batch: SourceBatch): Feature[] {
    const known = Object.keys(batch.columns)
    const column = (name: string): Column => {
      const found = batch.columns[name]
      if (found === undefined)
        throw fail("UNKNOWN_COLUMN", {
          operation: where,
          name,
          nearest: didYouMean(name, known),
          columns: known.join(", "),
        })
      return found
    }
    column(this.options.label)
    const numeric = (name: string) => name !== this.options.label && widthOf(column(name)) !== undefined
    const names = this.options.features ?? known.filter(numeric)
    const features = names.map(name => this.feature(name, column(name)))
    if (features.length === 0)
      throw fail("TRAIN_NO_DATA", {
        where,
        fix: "No numeric column is left beside the label: name some in `features`.",
      })
    return features
  }

  private feature(name: string, column: Column): Feature {
    const width = widthOf(column)
    if (width !== undefined) return { name, width }
    if (isText(column) && this.options.encode === "onehot") return { name, width: 0, categories: new Map() }
    const fix = isText(column)
      ? 'Pass `encode: "onehot"` to give each text a place of its own, or leave the column out of `features`.'
      : "Convert it to a number, or leave it out of `features`."
    throw fail("TRAIN_COLUMN_TYPE", { where, name, found: isText(column) ? "text" : describe(column), fix })
  }

  /** Rows without a gap in any column that is used. */
  private completeRows(batch: SourceBatch, withLabel: boolean): Int32Array {
    const names = withLabel ? [...this.names, this.options.label] : this.names
    const keep = new Uint8Array(batch.rows).fill(1)
    let kept = batch.rows
    for (const name of names) {
      const missing = gapsOf(batch, name)
      if (missing === undefined) continue
      for (let row = 0; row < batch.rows; row++) {
        if (!missing(row) || keep[row] === 0) continue
        if (this.options.missing === "error") throw missingValue(name)
        keep[row] = 0
        kept--
      }
    }
    const rows = new Int32Array(kept)
    for (let row = 0, at = 0; row < batch.rows; row++) if (keep[row] === 1) rows[at++] = row
    return rows
  }
}

function missingValue(name: string) {
  const fix = `Filter the rows (\`.filter(f => f.${name}.isNotNull())\`), or pass \`missing: "drop"\`.`
  return fail("TRAIN_COLUMN_TYPE", { where, name, found: "missing values", fix })
}

/** Tells of a row whether it has no value; undefined when the column has no gaps. */
function gapsOf(batch: SourceBatch, name: string): ((row: number) => boolean) | undefined {
  const [column, valid] = [batch.columns[name]!, batch.valid?.[name]]
  if (valid !== undefined) return row => valid[row] === 0
  if (column instanceof Float32Array || column instanceof Float64Array)
    return row => Number.isNaN(column[row])
  if (!Array.isArray(column)) return undefined
  return row => column[row] === null || column[row] === undefined || Number.isNaN(column[row])
}

const isNumber = (value: unknown) =>
  typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || ArrayBuffer.isView(value)

/** Numbers a row; undefined for what is not numbers. */
function widthOf(column: Column): number | undefined {
  if (ArrayBuffer.isView(column)) return 1
  const first = firstValue(column)
  if (isNumber(first)) return 1
  return isList(first) && first.length > 0 && isNumber(first[0]) ? first.length : undefined
}

function isText(column: Column): boolean {
  return !ArrayBuffer.isView(column) && typeof firstValue(column) === "string"
}

function firstValue(column: Column): unknown {
  for (let i = 0; i < column.length; i++) if (column[i] !== null && column[i] !== undefined) return column[i]
  return undefined
}

function describe(column: Column): string {
  const first = firstValue(column)
  if (first === undefined) return "no values"
  return first instanceof Date ? "dates" : `values such as ${JSON.stringify(first)?.slice(0, 40)}`
}

function meetTexts(name: string, column: Column, places: Map<string, number>, rows: number): void {
  for (let row = 0; row < rows; row++) {
    const text = column[row]
    if (typeof text === "string" && !places.has(text)) places.set(text, places.size)
  }
  if (places.size > categoryLimit)
    throw fail("TRAIN_COLUMN_TYPE", {
      where,
      name,
      found: `more than ${categoryLimit} different texts`,
      fix: "Group the rare ones first, or leave the column out of `features`.",
    })
}

function sortPlaces(places: Map<string, number>): void {
  const texts = [...places.keys()].sort()
  places.clear()
  for (const [place, text] of texts.entries()) places.set(text, place)
}

function fillFeature(
  feature: Feature,
  column: Column,
  rows: Int32Array,
  x: Float32Array,
  at: number,
  width: number,
): void {
  const { categories } = feature
  for (let i = 0; i < rows.length; i++) {
    const value = column[rows[i]!]
    const base = i * width + at
    if (categories !== undefined) {
      const place = categories.get(value as string)
      if (place !== undefined) x[base + place] = 1
    } else if (!isList(value)) x[base] = Number(value)
    else {
      if (value.length !== feature.width) throw unevenList(feature, value.length)
      for (let j = 0; j < value.length; j++) x[base + j] = Number(value[j])
    }
  }
}

function unevenList({ name, width }: Feature, found: number) {
  return fail("TRAIN_COLUMN_TYPE", {
    where,
    name,
    found: `lists of ${width} and of ${found} numbers`,
    fix: "All lists of a feature have the same length.",
  })
}

function fillLabel(
  column: Column,
  rows: Int32Array,
  y: Float32Array,
  labels: ReadonlyMap<string, number>,
): void {
  for (let i = 0; i < rows.length; i++) {
    const value = column[rows[i]!]
    y[i] = typeof value === "string" ? (labels.get(value) ?? -1) : Number(value)
  }
}
