// Frames to Arrow: every type, NULLs, nested values, and the same values back through Arrow's own reader.
import { tableFromIPC, tableToIPC } from "apache-arrow"
import { afterAll, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { decodeBatches } from "../../kernel/src/frame/arrow/decode.js"
import { encodeStream } from "../../kernel/src/frame/arrow/encode.js"
import { col, fn, lit, struct } from "../../kernel/src/frame/free.js"
import { createReader } from "../../kernel/src/frame/reader.js"

const engine = duckdbEngine({ threads: 1 })
const read = createReader(engine)
afterAll(() => engine.close())

test("numbers keep their type and their NULLs", async () => {
  const frame = read.rows(
    [
      { a: 1, b: 2n, c: 0.5, d: true, t: "é" },
      { a: null, b: null, c: null, d: null, t: null },
    ],
    {
      a: "int16",
      b: "int64",
      c: "float32",
      d: "boolean",
      t: "utf8",
    },
  )
  const table = tableFromIPC(tableToIPC(await frame.toArrow()))
  expect(table.schema.fields.map(({ type }) => String(type))).toEqual([
    "Int16",
    "Int64",
    "Float32",
    "Bool",
    "Utf8",
  ])
  expect(table.toArray().map(row => row!.toJSON())).toEqual([
    { a: 1, b: 2n, c: 0.5, d: true, t: "é" },
    { a: null, b: null, c: null, d: null, t: null },
  ])
})

test("decimals, times and bytes are exact", async () => {
  const at = new Date("2024-02-29T10:00:00.123Z")
  const frame = read.rows([{ k: 1 }], { k: "int32" }).select({
    m: lit(-12.5).cast({ decimal: [10, 2] }),
    d: lit(at).cast("date"),
    t: lit(at),
    b: fn.encode(lit("A\u0000")),
  })
  const row = (await frame.toArrow()).get(0)!.toJSON()
  expect((await frame.toArrow()).schema.fields.map(({ type }) => String(type))).toEqual([
    "Decimal[10e+2]",
    "Date32<DAY>",
    "Timestamp<MICROSECOND>",
    "Binary",
  ])
  expect(BigInt.asIntN(128, BigInt(String(row.m)))).toBe(-1250n)
  expect([row.d, row.t].map(Number)).toEqual([Date.parse("2024-02-29"), at.getTime()])
  expect([...(row.b as Uint8Array)]).toEqual([65, 0])
})

test("lists, structs and maps, with NULLs inside", async () => {
  const frame = read.rows([{ k: 1 }, { k: null }], { k: "int32" }).select({
    l: fn.array(col("k"), lit(7)),
    s: struct({ a: col("k"), t: lit("x") }),
    m: fn.mapFromArrays(fn.array(lit("key")), fn.array(col("k"))),
    deep: fn.array(fn.array(col("k"))),
  })
  const rows = tableFromIPC(tableToIPC(await frame.toArrow())).toArray()
  expect(JSON.parse(JSON.stringify(rows))).toEqual([
    { l: [1, 7], s: { a: 1, t: "x" }, m: { key: 1 }, deep: [[1]] },
    { l: [null, 7], s: { a: null, t: "x" }, m: { key: null }, deep: [[null]] },
  ])
})

test("text: halves of a character at the seam of two rows stay two", () => {
  const batch = { rows: 3, columns: { t: ["a\ud83d", "\ude00", "ü"] }, valid: {} }
  const fields = [{ name: "t", type: { kind: "utf8" } }] as const
  const [back] = decodeBatches(encodeStream(batch, fields), fields)
  expect(back!.columns.t).toEqual(["a\ufffd", "\ufffd", "ü"])
})

test("an empty frame has its schema", async () => {
  const table = await read.rows([], { a: "int32", t: "utf8" }).toArrow()
  expect([table.numRows, table.schema.names]).toEqual([0, ["a", "t"]])
})
