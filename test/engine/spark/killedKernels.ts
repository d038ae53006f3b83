// Kernels that write to a table on a real cluster and are killed in the middle, at several moments: what DuckDB and Spark then
// read is whole writes only, and the kernel that comes next finds what runs on. Not a test by itself.
import { spawn } from "node:child_process"
import { join } from "node:path"
import { expect } from "vitest"
import { duckdbEngine } from "../../../kernel/lib/engine/duckdb/DuckdbEngine.js"
import type { LocalServers } from "../../../kernel/lib/engine/spark/launch/standalone.js"
import { findOperations } from "../../../kernel/lib/engine/spark/operations.js"
import type { SparkEngine } from "../../../kernel/lib/engine/spark/SparkEngine.js"
import { createReader } from "../../../kernel/lib/frame/reader.js"

interface Place {
  readonly cluster: LocalServers
  readonly engine: SparkEngine
  /** Where the tables go, and the state of the kernels that write. */
  readonly folder: string
}

/** Rows of each write. */
const rows = 200_000

export async function expectWholeWrites(place: Place, mode: "overwrite" | "append"): Promise<void> {
  const { engine, folder } = place
  const path = join(folder, `killed-${mode}`)
  const duckdb = duckdbEngine()
  await write(place, path, "overwrite", 0)
  let { took } = await write(place, path, mode, 1)
  let [killed, before] = [0, await seedsOf(path, duckdb)]
  for (let seed = 2; seed <= 5; seed++) {
    const written = await write(place, path, mode, seed, (took * (seed - 1)) / 5)
    const { finished } = written
    if (!finished) killed++
    // The machine has become less busy.
    else took = Math.min(took, written.took)
    const after = await seedsOf(path, duckdb)
    const whole = mode === "append" ? { ...before, [seed]: rows } : { [seed]: rows }
    expect(finished ? [whole] : [before, whole]).toContainEqual(after)
    expect(await seedsOf(path, engine)).toEqual(after)
    before = after
  }
  expect(killed).toBeGreaterThanOrEqual(2)
  await duckdb.close()
  // The kernel that comes after it finds what it left, and can stop it.
  for (const operation of await findOperations(engine.session, engine.capabilities, join(folder, "writer"))) {
    expect(operation.what).toMatch(/^write parquet /)
    await operation.cancel()
  }
}

/** Seeds in the table with their rows, as an engine reads it. */
async function seedsOf(path: string, on: SparkEngine | ReturnType<typeof duckdbEngine>) {
  const frame = await createReader(on).parquet(path)
  const found = await frame
    .groupBy("seed")
    .agg(f => ({ n: f.id!.count() }))
    .collect()
  return Object.fromEntries(found.map(({ seed, n }) => [String(seed), Number(n)]))
}

/** A kernel of its own writes, and is killed `ms` after it began; without, it ends by itself. */
function write({ cluster, folder }: Place, path: string, mode: string, seed: number, ms?: number) {
  return new Promise<{ finished: boolean; took: number }>(done => {
    const script = join(import.meta.dirname, "sparkWriter.mjs")
    const args = [script, cluster.address, path, mode, String(rows), String(seed), join(folder, "writer")]
    const writer = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    let [said, start] = ["", 0]
    writer.stdout.on("data", data => {
      said += data
      if (start > 0 || !said.includes("ready")) return
      start = performance.now()
      if (ms !== undefined) setTimeout(() => writer.kill("SIGKILL"), ms)
    })
    writer.on("close", () => done({ finished: said.includes("done"), took: performance.now() - start }))
  })
}
