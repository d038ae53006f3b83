// Random plans on Dask and on DuckDB give the same rows, without their order; those that Dask's record refuses by name are
// counted and left out.
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { DaskCluster } from "../../../kernel/src/engine/dask/connectDask.js"
import { duckdbEngine } from "../../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { ShardlabError } from "../../../kernel/src/errors.js"
import { createReader } from "../../../kernel/src/frame/reader.js"
import { plainPlans, type RandomPlan, richPlans } from "../randomPlans.js"
import { sameRows } from "../sameRows.js"
import { startDask, startMs } from "./clusters.js"

/** More with SHARDLAB_PLANS=500. */
const plans = Number(process.env.SHARDLAB_PLANS ?? 30)
const seed = Number(process.env.SHARDLAB_SEED ?? 20_262)
const duckdb = duckdbEngine({ threads: 1 })
let dask: DaskCluster

beforeAll(async () => {
  dask = await startDask()
}, startMs)
afterAll(async () => {
  await dask.close()
  await duckdb.close()
})

test(`${plans} random plans give on Dask what they give on DuckDB`, async () => {
  const [here, there] = [createReader(duckdb), createReader(dask.engine)]
  const refused: string[] = []
  let ran = 0
  const same = async (plan: RandomPlan) => {
    const wanted = await plan.on(here).collect()
    const found = await onDask(() => plan.on(there).collect())
    if (typeof found === "string") return void refused.push(found)
    sameRows(found, wanted)
    ran++
  }
  const either = fc.oneof({ weight: 2, arbitrary: richPlans }, { weight: 1, arbitrary: plainPlans })
  await fc.assert(fc.asyncProperty(either, same), { numRuns: plans, seed })
  expect(ran + refused.length).toBe(plans)
  expect(ran, `refused: ${[...new Set(refused)].join("; ")}`).toBeGreaterThanOrEqual(Math.floor(plans * 0.8))
}, 3_600_000)

/** The rows, or what the refusal says. */
async function onDask<T>(run: () => Promise<T>): Promise<T | string> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof ShardlabError && error.code === "NOT_ON_ENGINE") return error.message
    throw error
  }
}
