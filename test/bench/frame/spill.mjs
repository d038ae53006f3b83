// A group-by of ten million rows into ten million groups under a memory limit of 600 MB, in a process of its own, whose
// greatest memory is printed. db-benchmark's question 10 on data of its shape.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import { servicesFolder } from "../../services/service.mjs"

const folder = join(servicesFolder, "bench")
export const groupsFile = join(folder, "G1_1e7_1e2_0_0.parquet")

export async function bench() {
  await makeGroups()
  const { stdout, stderr, status } = spawnSync(process.execPath, [import.meta.filename, "child"], {
    encoding: "utf8",
  })
  console.log(status === 0 ? stdout.trim() : `failed:\n${stdout}${stderr}`)
}

/** The table of db-benchmark's group-by questions: id1-id6 and v1-v3, seeded. */
export async function makeGroups(rows = 1e7) {
  if (existsSync(groupsFile)) return
  mkdirSync(folder, { recursive: true })
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(`set threads = 1; select setseed(0.42)`)
  await connection.run(`copy (
    select printf('id%03d', 1 + (random() * 99)::int) as id1, printf('id%03d', 1 + (random() * 99)::int) as id2,
      printf('id%010d', 1 + (random() * ${rows / 100 - 1})::int) as id3, 1 + (random() * 99)::int as id4,
      1 + (random() * 99)::int as id5, 1 + (random() * ${rows / 100 - 1})::int as id6,
      1 + (random() * 4)::int as v1, 1 + (random() * 14)::int as v2, round(random() * 100, 6) as v3
    from range(${rows})) to '${groupsFile}.making' (format parquet)`)
  renameSync(`${groupsFile}.making`, groupsFile)
}

if (process.argv[2] === "child") {
  const { duckdbEngine } = await import("../../../kernel/lib/engine/duckdb/DuckdbEngine.js")
  const { count, sum } = await import("../../../kernel/lib/frame/free.js")
  const { createReader } = await import("../../../kernel/lib/frame/reader.js")
  const engine = duckdbEngine({ memoryLimit: "600MB" })
  const groups = await createReader(engine).parquet(groupsFile)
  const start = performance.now()
  const frame = groups
    .groupBy("id1", "id2", "id3", "id4", "id5", "id6")
    .agg({ v3: sum("v3"), count: count() })
  let rows = 0
  for await (const batch of frame.batches()) rows += batch.rows
  const seconds = (performance.now() - start) / 1000
  const peak = process.resourceUsage().maxRSS / 1024
  console.log(
    `1e7 rows into ${rows.toLocaleString("en-US")} groups, memory limit 600 MB: ${seconds.toFixed(1)} s, process at most ${peak.toFixed(0)} MB`,
  )
  await engine.close()
}
