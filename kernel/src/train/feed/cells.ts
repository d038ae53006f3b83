// One value of a table as a number of a network, or why it is none: the row, the column and the value are named.

import { didYouMean, fail, type ShardlabError } from "../../errors.js"
import type { LabelRule } from "./labels.js"

export interface CellPlace {
  readonly where: string
  readonly name: string
  /** In the data, from 0. */
  row: number
}

/** `element`: the place in the row's list. @throws DATA_NOT_FINITE, DATA_MIXED */
export function cellNumber(value: unknown, place: CellPlace, element?: number): number {
  const number = typeof value === "number" ? value : Number(value)
  if (typeof value === "string" || isObject(value)) throw mixed(value, "numbers", place, element)
  if (Number.isFinite(Math.fround(number))) return number
  throw fail("DATA_NOT_FINITE", { ...place, name: nameOf(place, element), value: String(value) })
}

/** A label as its number. @throws LABEL_RANGE, and what `cellNumber` does */
export function cellLabel(
  value: unknown,
  place: CellPlace,
  classes: ReadonlyMap<string, number>,
  rule: LabelRule | undefined,
): number {
  if (classes.size === 0) {
    const number = cellNumber(value, place)
    if (rule !== undefined && !rule.allows(number)) throw labelRange(number, place, rule)
    return number
  }
  if (typeof value !== "string") throw mixed(value, "texts", place)
  const number = classes.get(value)
  if (number === undefined) throw unknownClass(value, place, [...classes.keys()])
  if (rule !== undefined && !rule.allows(number)) throw labelRange(value, place, rule, classes.size)
  return number
}

/** @throws BAD_VALUE below 0 */
export function cellWeight(value: unknown, place: CellPlace): number {
  const number = cellNumber(value, place)
  if (number >= 0) return number
  const fix = "A weight is a number from 0 on."
  const name = "sampleWeight"
  throw fail("BAD_VALUE", {
    where: place.where,
    name,
    value: `${number} in column ${place.name}, row ${place.row} (from 0)`,
    fix,
  })
}

export function labelRange(value: unknown, place: CellPlace, rule: LabelRule, texts?: number): ShardlabError {
  const fix =
    texts === undefined
      ? "Number the classes from 0 on, or give the last layer as many units as there are classes."
      : `Give the last layer ${texts} units: so many texts are in the column.`
  return fail("LABEL_RANGE", {
    ...place,
    name: quoted(place.name),
    value: shown(value),
    expected: rule.expected,
    fix,
  })
}

function unknownClass(value: string, place: CellPlace, known: readonly string[]): ShardlabError {
  const expected = `the classes are ${known.slice(0, 8).join(", ")}${known.length > 8 ? ", ..." : ""}`
  const fix = `The training data has no such text.${didYouMean(value, known)}`
  return fail("LABEL_RANGE", { ...place, name: quoted(place.name), value: shown(value), expected, fix })
}

/** `kind`: what the rest of the column holds. */
export function mixed(value: unknown, kind: string, place: CellPlace, element?: number): ShardlabError {
  return fail("DATA_MIXED", { ...place, name: nameOf(place, element), value: shown(value), kind })
}

function nameOf({ name }: CellPlace, element: number | undefined): string {
  return element === undefined ? quoted(name) : `${quoted(name)}, element ${element}`
}

const quoted = (name: string) => `column \`${name}\``
const isObject = (value: unknown) => typeof value === "object" && value !== null

/** As a cell would write it, cut where it is long. */
function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value)
  return text.length > 40 ? `${text.slice(0, 40)}...` : text
}
