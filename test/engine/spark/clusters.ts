// Real servers for the tests of this folder: one Spark standalone cluster or Sail server a file, from environments that
// the first test makes.

import { ensureCluster } from "../../../extension/setup/cluster.mjs"
import { startSail } from "../../../kernel/lib/engine/spark/launch/sail.js"
import {
  type LocalServers,
  type StandaloneOptions,
  startStandalone,
} from "../../../kernel/lib/engine/spark/launch/standalone.js"

export const products = ["spark", "sail"] as const
export type Product = (typeof products)[number]

/** Settings of a session whose tables are tiny: one partition, no broadcasts, and plans interpreted, which Janino would
 * compile for longer than they run. */
export const tiny = {
  "spark.sql.leafNodeDefaultParallelism": "1",
  "spark.sql.autoBroadcastJoinThreshold": "-1",
  "spark.sql.shuffle.partitions": "1",
  "spark.sql.adaptive.enabled": "false",
  "spark.sql.codegen.wholeStage": "false",
  "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}

/** Servers that live for a minute: making their code fast takes longer than it saves. */
const java = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
const brief = { "spark.driver.extraJavaOptions": java, "spark.executor.extraJavaOptions": java }

/** Installing, three JVMs and a first query. */
export const startMs = 300_000

export async function startCluster(product: Product, options: StandaloneOptions = {}): Promise<LocalServers> {
  const python = (await ensureCluster(product)) as string
  if (product === "sail") return startSail({ python })
  return startStandalone({ python, workers: 1, ...options, conf: { ...brief, ...options.conf } })
}
