// The bounds of a driver: checked when it is made, and each time a number is asked for.

import { fail } from "../errors.js"

export interface DriverBounds {
  readonly min: number
  readonly max: number
}

export function driverBounds(where: string, min: number, max: number): DriverBounds {
  const bad = (name: string, value: unknown, fix: string) => fail("BAD_VALUE", { where, name, value, fix })
  if (!Number.isInteger(min) || min < 1) throw bad("min", min, "Give a whole number from 1 on.")
  if (!Number.isInteger(max) || max < min)
    throw bad("max", max, `Give a whole number of at least \`min\`, ${min}.`)
  return { min, max }
}

/** Throws BAD_VALUE for a number of replicas that the bounds do not allow. */
export function checkReplicas(where: string, n: number, { min, max }: DriverBounds): void {
  if (Number.isInteger(n) && n >= min && n <= max) return
  throw fail("BAD_VALUE", { where, name: "n", value: n, fix: `Give a whole number from ${min} to ${max}.` })
}
