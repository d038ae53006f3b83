// What every store does, run against a real service each: see objectStores.real.test.ts and hdfs.real.test.ts.
import { afterAll, describe, expect, test } from "vitest"
import { displaySymbol } from "../../kernel/src/display.js"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import type { AnySchema } from "../../kernel/src/frame/types.js"
import { storeFor } from "../../kernel/src/store/registry.js"
import { logEntry } from "../../kernel/src/store/tableLog.js"

export interface StoreCase {
  readonly name: string
  /** Address of a folder that the tests may fill, without a slash at the end; known once the service runs. */
  readonly root: () => string
  /** Credentials that may never be shown. */
  readonly secrets: () => readonly string[]
}

type Loose = DataFrame<AnySchema>

export function storeConformance({ name, root, secrets }: StoreCase): void {
  describe(name, () => {
    const engine = duckdbEngine()
    const read = createReader(engine)
    afterAll(() => engine.close())
    const at = (path: string) => `${root()}/${path}`
    const rows = (from: number, count: number) =>
      read.rows(
        Array.from({ length: count }, (_, i) => ({ g: `g ${(from + i) % 3}/ä`, n: BigInt(from + i) })),
      ) as unknown as Loose
    const sum = async (frame: Loose) =>
      Number(Object.values((await frame.agg(f => ({ s: f.n!.sum() })).first())!)[0])
    const hidden = (uris: readonly string[]) => uris.filter(uri => uri.includes("/_staging/"))

    test("bytes: put, stat, read a range, list, move, remove", async () => {
      const store = storeFor(root())
      expect(await store.put(at("raw/a b+c=ä%.txt"), Buffer.from("0123456789"))).toBe(true)
      expect(await store.put(at("raw/a b+c=ä%.txt"), Buffer.from("x"), { mustBeNew: true })).toBe(false)
      expect(await store.put(at("raw/new.txt"), Buffer.from("new"), { mustBeNew: true })).toBe(true)
      const [file] = await store.list(at("raw/"))
      expect(file).toMatchObject({ uri: at("raw/a b+c=ä%.txt"), bytes: 10 })
      expect(await store.stat(file!.uri)).toEqual(file)
      expect(await store.stat(at("raw/nothing"))).toBeUndefined()
      const parts: Uint8Array[] = []
      for await (const part of await store.read(file!.uri, { start: 2, bytes: 3 })) parts.push(part)
      expect(Buffer.concat(parts).toString()).toBe("234")
      await store.move(file!.uri, at("raw/moved/b.txt"))
      expect((await store.list(at("raw/"))).map(({ uri }) => uri)).toEqual([
        at("raw/moved/b.txt"),
        at("raw/new.txt"),
      ])
      await store.removeFolder(at("raw"))
      expect(await store.list(at("raw/"))).toEqual([])
    })

    test.each(["parquet", "csv", "json"] as const)("%s: one file, written and read back", async format => {
      const path = at(`one.${format}`)
      expect(await rows(0, 10).write[format](path)).toEqual({ path, rows: 10 })
      expect(await sum(await read[format](path))).toBe(45)
      await expect(rows(0, 1).write[format](path)).rejects.toMatchObject({ code: "TARGET_EXISTS" })
      expect(await rows(0, 1).write[format](path, { mode: "ignore" })).toEqual({ path, rows: 0 })
      await rows(5, 1).write[format](path, { mode: "overwrite" })
      expect(await sum(await read[format](path))).toBe(5)
    })

    test("a partitioned folder: globs, pruning with the files counted, row groups as shards", async () => {
      await rows(0, 30).write.parquet(at("parts"), { partitionBy: ["g"] })
      const all = await read.parquet(at("parts"))
      expect(await all.count()).toBe(30)
      expect((await all.shards()).map(shard => shard.rows)).toEqual([10, 10, 10])
      const one = all.filter(f => f.g!.eq("g 1/ä"))
      expect(await one.count()).toBe(10)
      expect(String(await one.explain())).toContain("files read: 1 of 3")
      expect(await (await read.parquet(at("parts/*/*.parquet"))).count()).toBe(30)
      const shard = JSON.parse(JSON.stringify((await all.shards())[2]))
      expect(await read.shard(shard).count()).toBe(10)
    })

    test("append adds, overwrite replaces, and nothing but the table's files and its log is left", async () => {
      const path = at("grows/")
      await rows(0, 10).write.parquet(path, { mode: "append" })
      await rows(10, 10).write.parquet(path, { mode: "append", partitionBy: ["g"] })
      await rows(20, 10).write.parquet(path, { mode: "append", partitionBy: ["g"] })
      expect(await sum((await read.parquet(at("grows"), { schema: "merge" })) as Loose)).toBe(435)
      await rows(1, 2).write.parquet(path, { mode: "overwrite" })
      expect(await sum(await read.parquet(path))).toBe(3)
      await expect(rows(1, 2).write.parquet(path)).rejects.toMatchObject({ code: "TARGET_EXISTS" })
      const left = (await storeFor(root()).list(path)).map(({ uri }) => uri)
      expect(hidden(left)).toEqual([])
      expect(left.filter(uri => uri.endsWith(".parquet"))).toHaveLength(1)
    })

    test("two writers append at once: both count", async () => {
      const path = at("race/")
      await Promise.all([0, 1, 2, 3].map(i => rows(i * 10, 10).write.parquet(path, { mode: "append" })))
      expect(await (await read.parquet(path)).count()).toBe(40)
    })

    test("files of other programs count; moved files of a write that never committed do not", async () => {
      const path = at("mixed")
      const store = storeFor(root())
      await rows(0, 10).write.parquet(`${path}/`, { mode: "append" })
      const [own] = (await store.list(`${path}/`)).filter(({ uri }) => uri.endsWith(".parquet"))
      const parts: Uint8Array[] = []
      for await (const part of await store.read(own!.uri)) parts.push(part)
      const bytes = Buffer.concat(parts)
      await store.put(`${path}/spark-00000.parquet`, bytes)
      await store.put(`${path}/shardlab-0abcdefdead-0.parquet`, bytes)
      await store.put(`${path}/_staging/0abcdefdead/x.parquet`, bytes)
      expect(await (await read.parquet(path)).count()).toBe(20)
      expect(await (await read.parquet(`${path}/*.parquet`)).count()).toBe(20)
      await rows(0, 1).write.parquet(`${path}/`, { mode: "overwrite" })
      expect(await (await read.parquet(path)).count()).toBe(1)
      expect(await store.stat(`${path}/spark-00000.parquet`)).toBeUndefined()
      expect(await store.stat(`${path}/_staging/0abcdefdead/x.parquet`), "a day old: swept").toBeUndefined()
      expect(await store.stat(logEntry(path, 2))).toBeDefined()
    })

    test("a failing query leaves the old data and no trace", async () => {
      await rows(0, 3).write.parquet(at("kept/"), { mode: "append" })
      const bad = rows(0, 3).with(f => ({ n: f.n!.div(f.n!.sub(2)) })) as unknown as Loose
      await expect(bad.write.parquet(at("kept/"), { mode: "overwrite" })).rejects.toThrow(/division by zero/)
      await expect(bad.write.parquet(at("kept.parquet"))).rejects.toThrow(/division by zero/)
      expect(await (await read.parquet(at("kept"))).count()).toBe(3)
      expect(await storeFor(root()).stat(at("kept.parquet"))).toBeUndefined()
      expect(hidden((await storeFor(root()).list(at(""))).map(({ uri }) => uri))).toEqual([])
    })

    test("what is not there is named with what is", async () => {
      await expect(read.parquet(at("onee.parquet"))).rejects.toThrow(
        /There is nothing at .*onee\.parquet.*Did you mean `one\./,
      )
      await expect(read.parquet(at("nowhere/*.parquet"))).rejects.toMatchObject({ code: "STORE_MISSING" })
    })

    test("no credential is in plans, explanations, shards, displays or errors", async () => {
      const frame = (await read.parquet(at("parts"))) as Loose
      const failed = await read.parquet(at("one.csv")).then(
        () => "",
        error => `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`,
      )
      const shown = [
        JSON.stringify(frame.plan),
        String(await frame.explain()),
        JSON.stringify(await frame.shards()),
        JSON.stringify(await frame[displaySymbol]()),
        failed,
      ].join("\n")
      expect(failed).not.toBe("")
      for (const secret of secrets()) expect(shown.includes(secret), "a credential is shown").toBe(false)
    })
  })
}
