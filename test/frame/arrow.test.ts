// Frames to Arrow: every type, NULLs, nested values, and the same values back through Arrow's own reader.
import { makeData, tableFromIPC, tableToIPC, Utf8 } from "apache-arrow"
import { afterAll, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { decodeBatches } from "../../kernel/src/frame/arrow/decode.js"
import { encodeStream } from "../../kernel/src/frame/arrow/encode.js"
import { texts } from "../../kernel/src/frame/arrow/text.js"
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

test.each([
  ["ASCII", ["a", "", "bc", "d"]],
  ["characters of one to four bytes", ["é", "", "a😀€", "\ufeffx", "z"]],
])("text is cut where its values end, also of a part of a column: %s", (_, values) => {
  const bytes = Buffer.from(values.join(""))
  const valueOffsets = Int32Array.from([0, ...values], (_value, i) =>
    Buffer.byteLength(values.slice(0, i).join("")),
  )
  const type = new Utf8()
  const none = { type, length: 0, nullCount: 0, valueOffsets: new Int32Array(), data: bytes }
  expect(texts(makeData(none))).toEqual([])
  for (let from = 0; from < values.length; from++) {
    const length = values.length - from
    const part = { type, length, nullCount: 0, valueOffsets: valueOffsets.subarray(from), data: bytes }
    expect(texts(makeData(part))).toEqual(values.slice(from))
  }
})

test.each([
  [
    [0x61, 0xff, 0xc3, 0xc3, 0xa9, 0x80, 0x7a],
    [0, 1, 3, 5, 6, 7],
    ["a", "\ufffd\ufffd", "é", "\ufffd", "z"],
  ],
  [
    [0x61, 0xc3, 0xa9, 0xc3, 0xa9],
    [0, 2, 3, 5],
    ["a\ufffd", "\ufffd", "é"],
  ],
])("bytes that are no text spoil no other value: %j", (bytes, offsets, found) => {
  const [data, valueOffsets] = [Uint8Array.from(bytes), Int32Array.from(offsets)]
  const length = offsets.length - 1
  expect(texts(makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets, data }))).toEqual(found)
})

test("numbers are views of bytes that lie aligned, and right where they do not", () => {
  const fields = [{ name: "n", type: { kind: "float64" } }] as const
  const bytes = encodeStream({ rows: 3, columns: { n: Float64Array.of(1, 2, 0.5) }, valid: {} }, fields)
  const [aligned] = decodeBatches(bytes, fields)
  expect((aligned!.columns.n as Float64Array).buffer).toBe(bytes.buffer)
  const message = Buffer.concat([Buffer.from("x"), bytes])
  expect(decodeBatches(message.subarray(1), fields)[0]!.columns.n).toEqual(Float64Array.of(1, 2, 0.5))
})

test("an empty frame has its schema", async () => {
  const table = await read.rows([], { a: "int32", t: "utf8" }).toArrow()
  expect([table.numRows, table.schema.names]).toEqual([0, ["a", "t"]])
})
