// Formats as other programs write them: pyarrow's Feather files and streams, fastavro, deltalake, pyiceberg; and our own
// files read back by pyarrow.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { LocalStore } from "../../kernel/src/store/localStore.js"
import { storeFor } from "../../kernel/src/store/registry.js"
import { stores } from "../../kernel/src/store/settings.js"
import { startMoto } from "../services/objectStores.mjs"
import { pythonProgram, run } from "../services/service.mjs"

const folder = mkdtempSync(join(tmpdir(), "shardlab-formats-"))
const at = (name: string) => join(folder, name)
/** The process is left without its libraries' own ending: deltalake's threads sometimes abort there, after the answer. */
const python = (code: string) =>
  run(pythonProgram("python"), ["-c", `${code}\nimport os; sys.stdout.flush(); os._exit(0)`, folder]).trim()
const engine = duckdbEngine()
const read = createReader(engine)

beforeAll(() => {
  run(pythonProgram("python"), [join(import.meta.dirname, "../services/tables.py"), folder])
}, 600_000)
afterAll(() => engine.close())

const rows = [
  { i: 1n, small: 2, x: 0.5, t: "ä", yes: true, at: new Date("2024-02-29T13:45:00.123Z") },
  { i: 2n ** 60n, small: -2, x: null, t: null, yes: null, at: null },
]
const mixed = read.rows(rows, {
  i: "int64",
  small: "int8",
  x: "float64",
  t: "utf8",
  yes: "boolean",
  at: "timestamp",
}) as unknown as DataFrame

describe("arrow", () => {
  test.each(["plain.feather", "lz4.feather", "stream.arrows"])("%s has every value", async name => {
    const frame = await read.arrow(at(name))
    expect(String(frame.schema)).toBe(
      "{ n: Int64, small: Int8, x: Float64, text: Utf8, word: Utf8, yes: Boolean, day: Date, at: Timestamp, at_zone: TimestampTz, price: Decimal(10,2), bytes: Binary, list: List<Int32> }",
    )
    const [first, second, third] = (await frame.collect()) as Record<string, unknown>[]
    expect({ ...first, bytes: [...(first!.bytes as Uint8Array)] }).toEqual({
      n: 1n,
      small: -1,
      x: 0.5,
      text: "a",
      word: "x",
      yes: true,
      day: new Date("1969-12-31"),
      at: new Date("2024-02-29T13:45:00.123Z"),
      at_zone: new Date("2024-02-29"),
      price: "-12.34",
      bytes: [0, 255],
      list: [1, 2],
    })
    expect({ ...second, word: undefined, n: undefined, small: undefined }).toEqual(
      Object.fromEntries(
        frame.columns.map(column => [column, ["n", "small", "word"].includes(column) ? undefined : null]),
      ),
    )
    expect(third).toMatchObject({ n: null, text: "ä\n", word: "x", price: "0.01", list: [] })
  })

  test("microseconds survive, and a filter works on the table that the file became", async () => {
    for await (const { columns } of (await read.arrow(at("plain.feather"))).batches()) {
      expect((columns.at as BigInt64Array)[0]).toBe(1709214300123456n)
    }
    const frame = (await read.arrow([at("plain.feather"), at("stream.arrows")])) as DataFrame
    expect(await frame.filter(f => f.small!.gt(0)).count()).toBe(2)
  })

  test("a file that changed is read anew, and one that is not Arrow is named", async () => {
    await mixed.write.arrow(at("changes.arrow"))
    expect(await (await read.arrow(at("changes.arrow"))).count()).toBe(2)
    await mixed.limit(1).write.arrow(at("changes.arrow"), { mode: "overwrite" })
    expect(await (await read.arrow(at("changes.arrow"))).count()).toBe(1)
    writeFileSync(at("no.arrow"), "not arrow at all, but long enough to look")
    await expect(read.arrow(at("no.arrow"))).rejects.toThrow(/no\.arrow: not readable as Arrow IPC/)
  })

  test("pyarrow reads what we write, with types and nulls, and its own table when we write that", async () => {
    await mixed.write.arrow(at("ours.feather"))
    const text = python(`
import sys, pyarrow.feather as f
t = f.read_table(sys.argv[1] + "/ours.feather")
print([str(x.type) for x in t.schema], t.to_pylist())`)
    expect(text).toBe(
      "['int64', 'int8', 'double', 'string', 'bool', 'timestamp[us]'] " +
        "[{'i': 1, 'small': 2, 'x': 0.5, 't': 'ä', 'yes': True, 'at': datetime.datetime(2024, 2, 29, 13, 45, 0, 123000)}, " +
        "{'i': 1152921504606846976, 'small': -2, 'x': None, 't': None, 'yes': None, 'at': None}]",
    )
    const theirs = (await read.arrow(at("plain.feather"))).drop("list")
    await theirs.write.arrow(at("again.feather"))
    const same = python(`
import sys, pyarrow as pa, pyarrow.feather as f
a = f.read_table(sys.argv[1] + "/plain.feather").drop_columns(["list"])
a = a.set_column(4, "word", a["word"].cast(pa.string()))
a = a.set_column(8, "at_zone", a["at_zone"].cast(pa.timestamp("us", "UTC")))
print(a.equals(f.read_table(sys.argv[1] + "/again.feather")))`)
    expect(same).toBe("True")
    await (await read.arrow(at("plain.feather"))).select("list").write.arrow(at("list.feather"))
    expect(await (await read.arrow(at("list.feather"))).collect()).toEqual(
      await (await read.arrow(at("plain.feather"))).select("list").collect(),
    )
  })
})

test("avro: fastavro's file, and ours read back", async () => {
  expect(await (await read.avro(at("rows.avro"))).collect()).toEqual([
    { n: 1n, text: "a" },
    { n: 2n, text: null },
  ])
  await mixed.select("i", "t").write.avro(at("ours.avro"))
  expect(await (await read.avro(at("ours.avro"))).collect()).toEqual(rows.map(({ i, t }) => ({ i, t })))
})

test("excel: written and read back; a sheet and a range", async () => {
  await mixed.select("x", "t").write.excel(at("ours.xlsx"))
  expect(await (await read.excel(at("ours.xlsx"))).collect()).toEqual(rows.map(({ x, t }) => ({ x, t })))
  expect((await read.excel(at("ours.xlsx"), { range: "B1:B2" })).columns).toEqual(["t"])
  await expect(read.excel(at("ours.xlsx"), { sheet: "Sheet9" })).rejects.toThrow(/Sheet9/)
  await expect(mixed.write.excel(at("p.xlsx"), { partitionBy: ["t"] } as never)).rejects.toThrow(
    /partitionBy/,
  )
})

describe("delta", () => {
  const sorted = (frame: DataFrame) => frame.sort("n").collect()
  test("the newest version and an older one, and rows added by us", async () => {
    expect(await sorted(await read.delta(at("delta")))).toEqual([
      { g: "a", n: 1n },
      { g: "a", n: 3n },
      { g: "c", n: 4n },
    ])
    expect(await sorted(await read.delta(at("delta"), { version: 0 }))).toHaveLength(2)
    expect(await read.rows([{ n: 9n, g: "z" }]).write.delta(at("delta"))).toMatchObject({ rows: 1 })
    expect(await (await read.delta(at("delta"))).count()).toBe(4)
    await expect(read.rows([{ m: 9n, g: "z" }]).write.delta(at("delta"))).rejects.toThrow(
      /no column `m`.*Columns: g, n/,
    )
    expect(
      python(
        "import sys, deltalake; print(deltalake.DeltaTable(sys.argv[1] + '/delta').to_pyarrow_table().num_rows)",
      ),
    ).toBe("4")
  })
  test("on s3", async () => {
    const moto = await startMoto(["tables"])
    stores.s3({ keyId: "k", secret: "delta-secret-of-the-test", endpoint: moto.endpoint })
    for (const { uri } of await new LocalStore().list(`${at("delta")}/`))
      await storeFor("s3:").upload(uri, `s3://tables/delta${uri.slice(at("delta").length)}`)
    const frame = (await read.delta("s3://tables/delta/")) as DataFrame
    expect(await frame.filter(f => f.g!.eq("a")).count()).toBe(2)
    stores.clear()
    await moto.stop()
  })
})

test("iceberg: by its metadata file and a snapshot; a folder without a hint names the file", async () => {
  const [table, metadata, first] = readFileSync(at("iceberg.txt"), "utf8").split("\n")
  expect(await (await read.iceberg(metadata!)).sort("n").collect()).toEqual([
    { g: "b", n: 2n },
    { g: "c", n: 3n },
  ])
  expect(await (await read.iceberg(metadata!, { version: first! })).count()).toBe(2)
  await expect(read.iceberg(table!)).rejects.toThrow(
    /no version-hint\.text.*the newest is .*00003-.*\.metadata\.json/,
  )
})
