// The metrics a policy can follow: those every pool measures, and those a user publishes. A metric is per worker (its
// target is what one worker should show) or a total (its target is one worker's share). Not a sampler: values come from
// the scale target, or from the function a user gave.

import { didYouMean, fail } from "../errors.js"

export interface Metric {
  readonly name: string
  readonly words: string
  readonly unit: string
  readonly of: "worker" | "total"
  /** Only for published metrics. */
  readonly read?: () => number | Promise<number>
}

/** What a pool measures by itself. Completes in an editor; any published name is allowed too. */
export type MetricName = "backlogPerWorker" | "queue" | "cpu" | (string & {})

const builtin: readonly Metric[] = [
  { name: "backlogPerWorker", words: "Backlog per worker", unit: "", of: "worker" },
  { name: "queue", words: "Queue length", unit: "", of: "total" },
  { name: "cpu", words: "CPU per worker", unit: "%", of: "worker" },
]

const published = new Map<string, Metric>()

/**
 * Publishes a number for policies to follow, and returns its name. `read` is called once a tick; what it throws becomes
 * a hold with that reason. With `of: "total"` the target is one worker's share of the number; the default, `"worker"`,
 * compares the number with the target as it is. Publishing a name again replaces it.
 */
export function metric(
  name: string,
  read: () => number | Promise<number>,
  options: { unit?: string; of?: "worker" | "total" } = {},
): string {
  if (builtin.some(known => known.name === name))
    throw fail("BAD_VALUE", {
      where: "scale.metric",
      name: "name",
      value: `\`${name}\`, which the pool measures itself`,
      fix: "Choose another name.",
    })
  published.set(name, { name, words: name, unit: options.unit ?? "", of: options.of ?? "worker", read })
  return name
}

/** The metric of that name; UNKNOWN_METRIC with the nearest name when there is none. */
export function findMetric(name: string): Metric {
  const found = published.get(name) ?? builtin.find(known => known.name === name)
  if (found) return found
  const known = [...builtin.map(each => each.name), ...published.keys()]
  throw fail("UNKNOWN_METRIC", { name, nearest: didYouMean(name, known), known: known.join(", ") })
}

/** Values of the published metrics among `names`. */
export async function readPublished(names: Iterable<string>): Promise<Record<string, number>> {
  const values: Record<string, number> = {}
  for (const name of names) {
    const read = published.get(name)?.read
    if (read) values[name] = await read()
  }
  return values
}
