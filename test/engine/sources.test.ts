// Several files as one table, folders that grow, and what is said when an extension is missing.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { extensionPath, findExtension } from "../../kernel/src/engine/duckdb/extensions.js"
import { decodeLz4 } from "../../kernel/src/engine/duckdb/lz4.js"
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { exchange } from "../../kernel/src/store/exchange.js"

const engine = duckdbEngine()
const read = createReader(engine)
afterAll(() => engine.close())
const folder = mkdtempSync(join(tmpdir(), "shardlab-sources-"))
const at = (name: string) => join(folder, name)

describe("files whose columns differ", () => {
  const write = async (name: string, rows: Record<string, unknown>[]) => {
    mkdirSync(at("evolved"), { recursive: true })
    await read.rows(rows).write.parquet(at(`evolved/${name}`), { mode: "overwrite" })
  }
  test("are an error that names the file, the column and the option", async () => {
    await write("a.parquet", [{ n: 1n, t: "x" }])
    await write("b.parquet", [{ n: 2n, t: "y", more: 0.5 }])
    await expect(read.parquet(at("evolved"))).rejects.toThrow(
      /b\.parquet: column `more` is in this file and not in .*a\.parquet.*schema: "merge"/,
    )
    await write("b.parquet", [{ n: 2n }])
    await expect(read.parquet(at("evolved/*.parquet"))).rejects.toThrow(
      /b\.parquet: column `t` is missing and is there in .*a\.parquet/,
    )
    await write("b.parquet", [{ n: "2", t: "y" }])
    await expect(read.parquet(at("evolved"))).rejects.toThrow(
      /b\.parquet: column `n` is VARCHAR and not BIGINT as in .*a\.parquet/,
    )
  })
  test("merge takes the columns of all by name", async () => {
    await write("b.parquet", [{ more: 0.5, n: 2n }])
    expect(await (await read.parquet(at("evolved"), { schema: "merge" })).sort("n").collect()).toEqual([
      { n: 1n, t: "x", more: null },
      { n: 2n, t: null, more: 0.5 },
    ])
  })
  test("CSV files too", async () => {
    mkdirSync(at("csv"))
    writeFileSync(at("csv/a.csv"), "n,t\n1,x\n")
    writeFileSync(at("csv/b.csv"), "n,u\n2,y\n")
    await expect(read.csv(at("csv"))).rejects.toThrow(
      /b\.csv: column `u` is in this file and not in .*a\.csv/,
    )
    expect(await (await read.csv(at("csv"), { schema: "merge" })).sort("n").collect()).toEqual([
      { n: 1n, t: "x", u: null },
      { n: 2n, t: null, u: "y" },
    ])
    await expect(read.csv(at("csv"), { schema: "any" as never })).rejects.toThrow(/Give "same" or "merge"/)
  })
})

describe("folders", () => {
  const rows = (n: number) => read.rows([{ g: "a", n: BigInt(n) }]) as unknown as DataFrame
  test("append makes one, adds files to it, and needs a folder", async () => {
    await rows(1).write.parquet(at("grown"), { mode: "append" })
    await rows(2).write.parquet(at("grown"), { mode: "append", partitionBy: ["g"] })
    expect(readdirSync(at("grown")).sort()).toEqual([
      "_shardlab",
      "g=a",
      expect.stringMatching(/^shardlab-.*\.parquet$/),
    ])
    await rows(1).write.csv(at("file.csv"))
    await expect(rows(1).write.csv(at("file.csv"), { mode: "append" })).rejects.toThrow(
      /is one file.*Append to a folder/,
    )
  })
  test("ignore writes nothing when something is there", async () => {
    await rows(1).write.parquet(at("once.parquet"), { mode: "ignore" })
    expect(await rows(2).write.parquet(at("once.parquet"), { mode: "ignore" })).toMatchObject({ rows: 0 })
    expect(await (await read.parquet(at("once.parquet"))).collect()).toEqual([{ g: "a", n: 1n }])
  })
  test("an overwritten folder has only the new files, and its neighbours no trace", async () => {
    await rows(1).write.parquet(at("whole/"))
    await rows(2).write.parquet(at("whole/"), { mode: "overwrite" })
    expect(readdirSync(at("whole"))).toEqual(["part-0.parquet"])
    expect(await (await read.parquet(at("whole"))).collect()).toEqual([{ g: "a", n: 2n }])
    expect(readdirSync(folder)).not.toContain("_staging")
    await expect(rows(1).write.parquet(at("whole/"))).rejects.toMatchObject({ code: "TARGET_EXISTS" })
  })
  test("two folders swap names", () => {
    for (const name of ["x", "y"]) {
      mkdirSync(at(name))
      writeFileSync(at(`${name}/name`), name)
    }
    exchange(at("x"), at("y"))
    expect(["x", "y"].map(name => readFileSync(at(`${name}/name`), "utf8"))).toEqual(["y", "x"])
  })
})

describe("extensions", () => {
  const wheel = (version: string, name: string) => {
    const packages = at(`env-${version}/lib/python3.11/site-packages`)
    mkdirSync(join(packages, `duckdb_extension_${name}/extensions/${version}`), { recursive: true })
    const file = join(packages, `duckdb_extension_${name}/extensions/${version}/${name}.duckdb_extension`)
    writeFileSync(file, "")
    return { file, env: { VIRTUAL_ENV: at(`env-${version}`) } }
  }
  const context = (env: Record<string, string>) => ({ env, folders: [folder], pythonSitePackages: () => [] })
  test("are found in the active environment, in the engine's version only", () => {
    const { file, env } = wheel("v1.5.5", "httpfs")
    expect(findExtension("httpfs", { version: "v1.5.5" }, context(env)).path).toBe(file)
    const old = wheel("v1.4.4", "azure")
    expect(findExtension("azure", { version: "v1.5.5" }, context(old.env))).toMatchObject({
      others: ["v1.4.4"],
    })
  })
  test("a directory of the user's own comes first, flat or in DuckDB's layout", () => {
    mkdirSync(at("own/v1.5.5/linux_amd64"), { recursive: true })
    const file = at("own/v1.5.5/linux_amd64/avro.duckdb_extension")
    writeFileSync(file, "")
    expect(findExtension("avro", { version: "v1.5.5", directory: at("own") }, context({})).path).toBe(file)
  })
  test("a missing one names the wheel and pip's command; nothing is downloaded", () => {
    const look = () =>
      extensionPath("postgres_scanner", "`read.table`", { version: "v9.9.9", directory: at("nothing") })
    expect(look).toThrow(
      /`read\.table` needs DuckDB's extension `postgres_scanner`, which is not on this machine.*pip install duckdb-extension-postgres-scanner==9\.9\.9/,
    )
  })
})

test("LZ4: literals, an overlapping copy, a stored block, a long run", () => {
  // Frame: magic, flags 0x60 (independent blocks), block size, header checksum; blocks; end mark.
  const frame = (...blocks: number[][]) =>
    Uint8Array.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0, ...blocks.flat(), 0, 0, 0, 0])
  const block = (bytes: number[], stored = false) => [bytes.length, 0, 0, stored ? 0x80 : 0, ...bytes]
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
  const [a, b, c] = [97, 98, 99]
  expect(text(decodeLz4(frame(block([a!, b!, c!], true))))).toBe("abc")
  // Two literals, then nine bytes from two back; then one last literal.
  expect(text(decodeLz4(frame(block([0x25, a!, b!, 2, 0, 0x10, c!]))))).toBe(
    `${"ab".repeat(6).slice(0, 11)}c`,
  )
  expect(text(decodeLz4(frame(block([0x1f, a!, 1, 0, 255, 10, 0x10, b!]))))).toBe(
    `${"a".repeat(1 + 15 + 255 + 10 + 4)}b`,
  )
  expect(() => decodeLz4(frame(block([0x10, a!, 9, 0])))).toThrow(/damaged/)
  expect(() => decodeLz4(Uint8Array.from([1, 2, 3, 4, 5, 6, 7]))).toThrow(/not an LZ4 frame/)
})
