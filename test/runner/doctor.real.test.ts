// `shardlab doctor` for real: every extension of the project's environment is loaded, and every cluster's one is asked.
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { expect, test } from "vitest"
import { ensureCluster } from "../../extension/setup/cluster.mjs"

const root = resolve(import.meta.dirname, "../..")
function doctor(options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): string[] {
  const main = join(root, "kernel/lib/main.js")
  const said = execFileSync(process.execPath, [main, "doctor"], { cwd: root, encoding: "utf8", ...options })
  return said.split("\n")
}

test("doctor says which addresses, formats and databases work", () => {
  const lines = doctor()
  expect(lines).toContain(
    "addresses that frames can read: file:, s3:, az:, azure:, gs:, gcs:, http:, https:, hdfs:, webhdfs:",
  )
  expect(lines).toContain(
    "formats that frames can read: parquet, csv, json, arrow, avro, excel, delta, iceberg",
  )
  expect(lines).toContain("databases that frames can read: postgres:, mysql:, sqlite:")
  expect(lines.join("\n")).not.toMatch(/^(addresses|formats|databases) not available/m)
})

test("doctor names the environments of clusters with their versions", async () => {
  for (const product of ["spark", "sail", "dask"] as const) await ensureCluster(product)
  const lines = doctor()
  expect(lines).toContainEqual(expect.stringMatching(/^spark: pyspark 4\.3\.0, Java \d+, in .*python$/))
  expect(lines).toContainEqual(expect.stringMatching(/^sail: pysail 0\.7\.2, in .*python$/))
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^dask: dask 2026\.8\.0, distributed 2026\.8\.0, pyarrow [\d.]+, pandas [\d.]+, in .*python$/,
    ),
  )
}, 300_000)

test("doctor says what is missing and the command that makes it; other versions are named beside the tested ones", () => {
  const cwd = mkdtempSync(join(tmpdir(), "shardlab-doctor-"))
  const env = { ...process.env, PATH: "", JAVA_HOME: "", VIRTUAL_ENV: "", SHARDLAB_PYTHON: "" }
  const missing = doctor({ cwd, env })
  expect(missing).toContainEqual(
    expect.stringMatching(
      /^dask: not available, no Python environment with `distributed`.*\.venv-dask\/bin\/pip install 'dask\[dataframe\]==/,
    ),
  )
  expect(missing).toContainEqual(expect.stringMatching(/^sail: not available, .*pip install pysail==/))
  expect(missing).toContainEqual(expect.stringMatching(/^spark: not available, /))

  // A Python that says it has an older Dask.
  const bin = join(cwd, ".venv-dask/bin")
  mkdirSync(bin, { recursive: true })
  const versions = { dask: "2025.1.0", distributed: "2025.1.0", pyarrow: "20.0.0", pandas: "2.2.0" }
  writeFileSync(join(bin, "python"), `#!/bin/sh\necho '${JSON.stringify(versions)}'\n`, { mode: 0o755 })
  expect(doctor({ cwd, env })).toContainEqual(
    expect.stringMatching(
      /^dask: dask 2025\.1\.0.*; tested with dask 2026\.8\.0, distributed 2026\.8\.0 \(.*pip install/,
    ),
  )
  rmSync(cwd, { recursive: true })
})
