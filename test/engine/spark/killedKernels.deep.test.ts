// Kernels killed in the middle of overwrites and of appends (faults.real.test.ts: of overwrites, beside the other faults).
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, test } from "vitest"
import type { LocalServers } from "../../../kernel/lib/engine/spark/launch/standalone.js"
import { openSpark } from "../../../kernel/lib/engine/spark/openSpark.js"
import type { SparkEngine } from "../../../kernel/lib/engine/spark/SparkEngine.js"
import { startCluster, startMs } from "./clusters.js"
import { expectWholeWrites } from "./killedKernels.js"

const folder = mkdtempSync(join(tmpdir(), "shardlab-killed-"))
let cluster: LocalServers
let engine: SparkEngine

beforeAll(async () => {
  cluster = await startCluster("spark", { workers: 2 })
  engine = await openSpark(cluster.address, { stateFolder: join(folder, "state") })
}, startMs)
afterAll(async () => {
  await engine?.close()
  await cluster?.servers.close()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

test.each(["overwrite", "append"] as const)("%s: readers find whole writes only", mode =>
  expectWholeWrites({ cluster, engine, folder }, mode),
)
