// The options that all charts share, and how a column is asked for by type: `NumericName<S>` are the names of S whose
// column is numeric, so that a text column as `y` does not compile. Checked again at run time, before anything runs.

import { didYouMean, fail } from "../../errors.js"
import {
  type DataType,
  isNumeric,
  isTemporal,
  type NumericType,
  type SchemaShape,
  typeName,
  type Unknown,
} from "../types.js"
import { mismatch } from "../typing.js"
import type { Query } from "./Query.js"

export type Name<S extends SchemaShape> = keyof S & string
export type NumericName<S extends SchemaShape> = NameOf<S, NumericType>
/** A `keyof`, because the compiler then lists the names in its message. */
export type NameOf<S extends SchemaShape, T extends DataType> = keyof {
  [K in keyof S as S[K] extends T | Unknown ? K & string : never]: K
}

export interface ChartOptions {
  readonly title?: string
  /** Of the drawing without its axes, in pixels. */
  readonly width?: number
  readonly height?: number
}
const shared = ["title", "width", "height"]

/** Refuses names that the chart has not, with the nearest one. */
export function checkOptions(where: string, options: object, own: readonly string[]): void {
  const known = [...own, ...shared]
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const nearest = didYouMean(name, known)
    throw fail("UNKNOWN_OPTION", { where, name, nearest, known: known.join(", ") })
  }
}

export function checkNumeric(query: Query, option: string, name: string): void {
  const type = query.type(name)
  if (isNumeric(type)) return
  throw mismatch(
    "plot",
    `\`${option}\` needs a number, and \`${name}\` is ${typeName(type)}`,
    "Name a numeric column.",
  )
}

export function checkOrdered(query: Query, option: string, name: string): void {
  const type = query.type(name)
  if (isNumeric(type) || isTemporal(type)) return
  const problem = `\`${option}\` needs a number or a time, and \`${name}\` is ${typeName(type)}`
  throw mismatch("plot", problem, "Name a numeric or temporal column; `bar` takes text.")
}

export function checkCount(where: string, name: string, value: number | undefined, most: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1 && value <= most)) return
  throw fail("BAD_VALUE", { where, name, value, fix: `Give a whole number from 1 to ${most}.` })
}
