// TPC-H through the typed API on Dask, scale factor 0.01 in files of several row groups, so that rows move between workers.
// Dask has every operation that the 22 queries use: each must equal raw SQL in DuckDB, and none may be refused. Not a test by
// itself: tpch.real.test.ts asks some of them, tpch.deep.test.ts all.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterAll, beforeAll, test } from "vitest"
// The build, as the queries take theirs from "shardlab".
import { connectDask, type DaskCluster } from "../../../kernel/lib/engine/dask/connectDask.js"
import { createReader } from "../../../kernel/lib/frame/reader.js"
import { tables } from "../../services/tpch.mjs"
import { expectSameAnswers } from "../../tpch/compare.js"
import { rawTpch } from "../../tpch/raw.mjs"
import { daskPython, startMs } from "./clusters.js"

/** Rows of a row group, which is a partition: three of lineitem and orders, two of partsupp. */
const rowGroup: Readonly<Record<string, number>> = { lineitem: 24_576, orders: 6_144, partsupp: 4_096 }
const scaleFactor = 0.01
/** Starts Dask, writes the tables, and declares a test for each of these queries. */
export function testOnDask(queries: readonly number[]): void {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-tpch-"))
  let dask: DaskCluster

  beforeAll(async () => {
    dask = await connectDask("dask", { workers: 2, python: await daskPython() })
    const raw = await rawTpch(scaleFactor, { threads: "1" })
    for (const table of tables) {
      const options = `format parquet, row_group_size ${rowGroup[table] ?? 122_880}`
      await raw.run(`copy (from ${table}) to '${join(folder, table)}.parquet' (${options})`)
    }
  }, startMs)
  afterAll(async () => {
    await dask.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test.each(queries)("query %i", number => {
    const read = createReader(dask.engine)
    const split = { parquet: (path: string) => read.parquet(join(folder, basename(path))) }
    return expectSameAnswers(split, scaleFactor, [number])
  })
}
