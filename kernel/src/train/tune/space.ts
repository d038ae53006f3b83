// What a search may choose from: one range or list a parameter, and seeded draws from them.

import { fail } from "../../errors.js"

export interface Range {
  readonly from: number
  readonly to: number
  /** Evenly over orders of magnitude, as for learning rates. Default false. */
  readonly log?: boolean
  /** Whole numbers only, both ends among them. Default false. */
  readonly whole?: boolean
}
/** A list is a choice of its values. */
export type Space = Readonly<Record<string, Range | readonly unknown[]>>

/** `{ rate: { from: 1e-4, to: 0.1 }, units: [8, 16] }` draws `{ rate: number, units: number }`. */
export type Draw<S extends Space> = {
  readonly [K in keyof S]: S[K] extends readonly (infer T)[] ? T : number
}

/** @throws BAD_VALUE with the parameter's name */
export function checkSpace(space: Space): void {
  const bad = (name: string, value: string, fix: string) =>
    fail("BAD_VALUE", { where: "tune", name, value, fix })
  if (Object.keys(space).length === 0)
    throw bad("space", "empty", "Name parameters: { rate: { from: 1e-4, to: 0.1, log: true } }.")
  for (const [name, one] of Object.entries(space)) {
    if (Array.isArray(one)) {
      if (one.length === 0) throw bad(name, "an empty list", "Give the values to choose from.")
      continue
    }
    const { from, to, log } = one as Range
    if (!(Number.isFinite(from) && Number.isFinite(to) && from < to))
      throw bad(name, `${from} to ${to}`, "Give { from, to } with the smaller number first, or a list.")
    if (log === true && from <= 0)
      throw bad(name, `from ${from} with \`log\``, "Orders of magnitude begin above 0.")
  }
}

export function draw<S extends Space>(space: S, random: () => number): Draw<S> {
  const drawn = Object.entries(space).map(([name, one]) => [
    name,
    Array.isArray(one) ? one[Math.floor(random() * one.length)] : fromRange(one as Range, random()),
  ])
  return Object.fromEntries(drawn) as Draw<S>
}

/** `share` from 0 to below 1. A whole range is widened by one, so that its end is as likely as the rest. */
function fromRange({ from, to, log = false, whole = false }: Range, share: number): number {
  const end = whole ? to + 1 : to
  const value = log ? from * (end / from) ** share : from + (end - from) * share
  return whole ? Math.min(Math.floor(value), to) : value
}
