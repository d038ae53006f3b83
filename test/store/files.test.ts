// Paths, globs and URIs: what they find and what they say when there is nothing.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { expect, test } from "vitest"
import { findFiles } from "../../kernel/src/store/files.js"
import { globPattern } from "../../kernel/src/store/glob.js"

const folder = mkdtempSync(join(tmpdir(), "shardlab-files-"))
mkdirSync(join(folder, "year=2001"))
for (const name of ["a.parquet", "b.parquet", "c.csv", "[x].parquet", "year=2001/d.parquet", "_SUCCESS"]) {
  writeFileSync(join(folder, name), "")
}
const found = async (path: string) =>
  (await findFiles([join(folder, path)], ["parquet"])).map(file => file.uri.slice(folder.length + 1))

test("globs, folders and files", async () => {
  expect(await found("?.parquet")).toEqual(["a.parquet", "b.parquet"])
  expect(await found("{a,c}.*")).toEqual(["a.parquet", "c.csv"])
  expect(await found("**/*.parquet")).toEqual([
    "[x].parquet",
    "a.parquet",
    "b.parquet",
    "year=2001/d.parquet",
  ])
  expect(await found("[ac].*")).toEqual(["a.parquet", "c.csv"])
  expect(await found("")).toEqual(["[x].parquet", "a.parquet", "b.parquet", "year=2001/d.parquet"])
  expect(await found("[x].parquet")).toEqual(["[x].parquet"])
  expect(await findFiles([pathToFileURL(join(folder, "a.parquet")).href], ["parquet"])).toHaveLength(1)
})

test("a missing file names the nearest one and the working folder", async () => {
  await expect(found("a.parqet")).rejects.toThrow(
    /There is no file .*a\.parqet`\. Did you mean `a\.parquet`\?.*relative/,
  )
  await expect(found("nowhere/a.parquet")).rejects.toThrow(/There is no folder .*nowhere/)
  await expect(found("z*.parquet")).rejects.toThrow(/There is no file/)
})

test("schemes without a store are named, with what there is", async () => {
  await expect(findFiles(["s4://lake/a.parquet"], ["parquet"])).rejects.toThrow(
    /cannot reach `s4:` addresses\. Did you mean `s3`.*Available: file, s3, az/,
  )
})

test("a glob's other characters stand for themselves", () => {
  expect(globPattern("/a.b+(c)/*.x").test("/a.b+(c)/y.x")).toBe(true)
  expect(globPattern("/a.b/*.x").test("/aXb/y.x")).toBe(false)
  expect(globPattern("/a/*.x").test("/a/b/y.x")).toBe(false)
})
