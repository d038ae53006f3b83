// Random plans on a real Spark and on DuckDB: each gives the same rows, without their order. fast-check shrinks what differs.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { duckdbEngine } from "../../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import { openSpark } from "../../../kernel/lib/engine/spark/openSpark.js"
import { createReader } from "../../../kernel/src/frame/reader.js"
import { plainPlans, type RandomPlan, richPlans } from "../randomPlans.js"
import { sameRows } from "../sameRows.js"
import { startCluster, tiny } from "./clusters.js"

/** Plans that are under way at once; each of them has a seed of its own. */
const lanes = 4
const seed = 20_261

/** Compares `plans` plans, a third of them plain. */
export async function comparePlans(plans: number): Promise<void> {
  const stateFolder = mkdtempSync(join(tmpdir(), "shardlab-state-"))
  const { address, servers } = await startCluster("spark", { cores: 2 })
  const duckdb = duckdbEngine({ threads: 1 })
  try {
    const spark = await openSpark(address, { stateFolder })
    await spark.session.configure(tiny)
    const [here, there] = [createReader(duckdb), createReader(spark)]
    const same = async (plan: RandomPlan) => {
      const [wanted, found] = await Promise.all([plan.on(here).collect(), plan.on(there).collect()])
      sameRows(wanted, found)
    }
    const either = fc.oneof({ weight: 2, arbitrary: richPlans }, { weight: 1, arbitrary: plainPlans })
    const lane = (n: number) =>
      fc.assert(fc.asyncProperty(either, same), { numRuns: Math.ceil(plans / lanes), seed: seed + n })
    await Promise.all(Array.from({ length: lanes }, (_, n) => lane(n)))
    await spark.close()
  } finally {
    duckdb.close()
    await servers.close()
    rmSync(stateFolder, { recursive: true, force: true })
  }
}
