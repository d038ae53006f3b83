// Rows drawn by chance: one part, or parts that together are all rows. The same seed draws the same rows.

import { fail } from "../../errors.js"
import type { Plan } from "../nodes/plan.js"
import { Sample } from "../nodes/Sample.js"

interface SeedOption {
  readonly seed?: number
}

export function sample(plan: Plan, fraction: number, { seed = newSeed() }: SeedOption): Plan {
  return new Sample(plan, 0, fraction, seed)
}

export function randomSplit(
  plan: Plan,
  weights: readonly number[],
  { seed = newSeed() }: SeedOption,
): Plan[] {
  if (!(weights.length > 0 && weights.every(weight => weight > 0)))
    throw fail("BAD_VALUE", {
      where: "randomSplit",
      name: "weights",
      value: JSON.stringify(weights),
      fix: "Give numbers above 0.",
    })
  const sum = (some: readonly number[]) => some.reduce((total, weight) => total + weight, 0)
  const edges = weights.map((_, i) => sum(weights.slice(0, i)) / sum(weights))
  return edges.map((lower, i) => new Sample(plan, lower, edges[i + 1] ?? 1, seed))
}

function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 31)
}
