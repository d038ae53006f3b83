// `shardlab doctor` for real: every extension of the project's environment is loaded.
import { execFileSync } from "node:child_process"
import { join, resolve } from "node:path"
import { expect, test } from "vitest"

test("doctor says which addresses, formats and databases work", () => {
  const main = join(resolve(import.meta.dirname, "../.."), "kernel/lib/main.js")
  const lines = execFileSync(process.execPath, [main, "doctor"], { encoding: "utf8" }).split("\n")
  expect(lines).toContain(
    "addresses that frames can read: file:, s3:, az:, azure:, gs:, gcs:, http:, https:, hdfs:, webhdfs:",
  )
  expect(lines).toContain(
    "formats that frames can read: parquet, csv, json, arrow, avro, excel, delta, iceberg",
  )
  expect(lines).toContain("databases that frames can read: postgres:, mysql:, sqlite:")
  expect(lines.join("\n")).not.toContain("not available")
})
