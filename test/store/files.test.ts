// Paths, globs and URIs: what they find and what they say when there is nothing.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { expect, test } from "vitest"
import { globPattern, resolveFiles } from "../../kernel/src/store/files.js"

const folder = mkdtempSync(join(tmpdir(), "shardlab-files-"))
mkdirSync(join(folder, "year=2001"))
for (const name of ["a.parquet", "b.parquet", "c.csv", "[x].parquet", "year=2001/d.parquet", "_SUCCESS"]) {
  writeFileSync(join(folder, name), "")
}
const found = (path: string) =>
  resolveFiles([join(folder, path)], "parquet").map(file => file.slice(folder.length + 1))

test("globs, folders and files", () => {
  expect(found("?.parquet")).toEqual(["a.parquet", "b.parquet"])
  expect(found("{a,c}.*")).toEqual(["a.parquet", "c.csv"])
  expect(found("**/*.parquet")).toEqual(["[x].parquet", "a.parquet", "b.parquet", "year=2001/d.parquet"])
  expect(found("[ac].*")).toEqual(["a.parquet", "c.csv"])
  expect(found("")).toEqual(["[x].parquet", "a.parquet", "b.parquet", "year=2001/d.parquet"])
  expect(found("[x].parquet")).toEqual(["[x].parquet"])
  expect(resolveFiles([pathToFileURL(join(folder, "a.parquet")).href], "parquet")).toHaveLength(1)
})

test("a missing file names the nearest one and the working folder", () => {
  expect(() => found("a.parqet")).toThrow(
    /There is no file .*a\.parqet`\. Did you mean `a\.parquet`\?.*relative/,
  )
  expect(() => found("nowhere/a.parquet")).toThrow(/There is no folder .*nowhere/)
  expect(() => found("z*.parquet")).toThrow(/There is no file/)
})

test("other stores are named as missing, with what there is", () => {
  expect(() => resolveFiles(["s3://lake/a.parquet"], "parquet")).toThrow(
    /cannot reach `s3:` addresses.*Available:/,
  )
})

test("a glob's other characters stand for themselves", () => {
  expect(globPattern("/a.b+(c)/*.x").test("/a.b+(c)/y.x")).toBe(true)
  expect(globPattern("/a.b/*.x").test("/aXb/y.x")).toBe(false)
  expect(globPattern("/a/*.x").test("/a/b/y.x")).toBe(false)
})
