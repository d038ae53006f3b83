// The chains of queries.ts on a server that it starts, against raw SQL in DuckDB.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openSpark } from "../../kernel/lib/engine/spark/openSpark.js"
import { createReader } from "../../kernel/lib/frame/reader.js"
import { type Product, startCluster } from "../engine/spark/clusters.js"
import { expectSameAnswers } from "./compare.js"

export async function expectOnCluster(
  product: Product,
  scaleFactor: number,
  only?: readonly number[],
): Promise<void> {
  const stateFolder = mkdtempSync(join(tmpdir(), "shardlab-state-"))
  const { address, servers } = await startCluster(product, { executorMemory: "1g" })
  try {
    const engine = await openSpark(address, { stateFolder })
    await expectSameAnswers(createReader(engine), scaleFactor, only)
    await engine.close()
  } finally {
    await servers.close()
    rmSync(stateFolder, { recursive: true, force: true })
  }
}
