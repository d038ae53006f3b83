// Real servers for the tests of this folder: one Spark standalone cluster or Sail server a file, from environments that
// the first test makes.

import { ensureCluster } from "../../../extension/setup/cluster.mjs"
import { startSail } from "../../../kernel/lib/engine/spark/launch/sail.js"
import { type LocalServers, startStandalone } from "../../../kernel/lib/engine/spark/launch/standalone.js"

export const products = ["spark", "sail"] as const
export type Product = (typeof products)[number]

/** Installing, three JVMs and a first query. */
export const startMs = 300_000

export async function startCluster(
  product: Product,
  options: { workers?: number } = {},
): Promise<LocalServers> {
  const python = (await ensureCluster(product)) as string
  return product === "sail" ? startSail({ python }) : startStandalone({ python, workers: 1, ...options })
}
