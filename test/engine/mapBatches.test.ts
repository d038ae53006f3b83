// TypeScript functions on the rows of a frame, on DuckDB in this process: results, what follows them, errors, memory,
// cancelling.
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { unscaled } from "../../kernel/src/frame/decimalText.js"
import { count, sum } from "../../kernel/src/frame/free.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { createSql } from "../../kernel/src/frame/sql.js"
import type { DataType } from "../../kernel/src/frame/types.js"

const engine = duckdbEngine()
const read = createReader(engine)
const sql = createSql(engine)
afterAll(() => engine.close())

const flights = read.rows(
  [
    { origin: "ORD", delay: 10, day: new Date("2024-05-01"), big: 1n },
    { origin: "SFO", delay: null, day: new Date("2024-05-02"), big: 2n },
    { origin: "ORD", delay: 30, day: null, big: 9007199254740993n },
    { origin: null, delay: 5, day: new Date("2024-05-03"), big: null },
  ],
  { origin: "utf8", delay: "int32", day: "date", big: "int64" },
)
const numbers = async (rows: number) =>
  sql<{ i: { kind: "int64" }; x: { kind: "float64" } }>`
    select range as i, range / 2 as x from range(${rows})`

describe("mapBatches", () => {
  test("gives columns, typed arrays as they are", async () => {
    const made = flights.mapBatches(
      batch => ({
        twice: Float64Array.from(batch.columns.delay, delay => delay * 2),
        known: batch.map((_, row) => !batch.isNull("delay", row)),
        delay: batch.columns.delay,
        text: batch.values("origin"),
      }),
      { twice: "float64", known: "boolean", delay: "int32", text: "utf8" },
    )
    expect(String(made.schema)).toBe("{ twice: Float64, known: Boolean, delay: Int32, text: Utf8 }")
    expect(await made.collect()).toEqual([
      { twice: 20, known: true, delay: 10, text: "ORD" },
      { twice: 0, known: false, delay: null, text: "SFO" },
      { twice: 60, known: true, delay: 30, text: "ORD" },
      { twice: 10, known: true, delay: 5, text: null },
    ])
  })

  test("gives rows; every type comes back as collect gives it", async () => {
    const same = flights.mapBatches(batch => batch.toArray(), {
      origin: "utf8",
      delay: "int32",
      day: "date",
      big: "int64",
    })
    expect(await same.collect()).toEqual(await flights.collect())
    // and through a table of DuckDB's
    expect(await same.sort("big").collect()).toEqual(await flights.sort("big").collect())
  })

  test("types with parameters and nested ones", async () => {
    const made = flights.mapBatches(
      batch =>
        batch.map((_, i) => ({ price: `${i}.5`, list: [i, null], at: new Date(i), bytes: Uint8Array.of(i) })),
      {
        price: { kind: "decimal", precision: 10, scale: 2 },
        list: { kind: "list", item: { kind: "int32" } },
        at: "timestamp",
        bytes: "binary",
      },
    )
    const rows = await made
      .filter(f => f.price.gt(1))
      .select("list", "at", "bytes")
      .limit(1)
      .collect()
    expect(rows).toEqual([{ list: [1, null], at: new Date(1), bytes: Buffer.of(1) }])
  })

  test("structs and maps, streamed and through a table", async () => {
    const made = flights.mapBatches(
      batch =>
        batch.map((row, i) => ({
          s: { x: i, t: row.origin },
          m: new Map([["n", BigInt(i)]]),
          z: new Date(i),
        })),
      {
        s: {
          kind: "struct",
          fields: [
            { name: "x", type: { kind: "int32" } },
            { name: "t", type: { kind: "utf8" } },
          ],
        },
        m: { kind: "map", key: { kind: "utf8" }, value: { kind: "int64" } },
        z: "timestamptz",
      },
    )
    const streamed = await made.collect()
    expect(streamed[0]).toEqual({ s: { x: 0, t: "ORD" }, m: new Map([["n", 0n]]), z: new Date(0) })
    expect(await made.sort("z").collect()).toEqual(streamed)
  })

  test("dates, booleans and decimals inside lists, streamed and through a table", async () => {
    const inside = (item: DataType) => ({ kind: "list", item }) as const
    const made = flights.mapBatches(
      batch => [
        { i: batch.rows, d: [new Date("1969-12-31"), null], b: [true, false], m: ["-0.05", "12.345"] },
      ],
      {
        i: "int32",
        d: inside({ kind: "date" }),
        b: inside({ kind: "boolean" }),
        m: inside({ kind: "decimal", precision: 9, scale: 2 }),
      },
    )
    const rows = [{ i: 4, d: [new Date("1969-12-31"), null], b: [true, false], m: ["-0.05", "12.35"] }]
    expect(await made.collect()).toEqual(rows)
    expect(await made.sort("i").collect()).toEqual(rows)
  })

  test("generators and promises, more rows than came in", async () => {
    const made = flights.mapBatches(
      async function* (batch) {
        for (const row of batch) for (let n = 0; n < 10_000; n++) yield { n, origin: row.origin }
      },
      { n: "int32", origin: "utf8" },
    )
    const sizes: number[] = []
    for await (const batch of made.batches(15_000)) sizes.push(batch.rows)
    expect(sizes).toEqual([15_000, 15_000, 10_000])
  })

  test("composes: what follows runs in DuckDB, also on two of them and below another", async () => {
    const frame = (await numbers(100_000)).mapBatches(
      batch => ({ i: batch.columns.i, k: batch.columns.i.map(i => i % 3n) }),
      { i: "int64", k: "int64" },
    )
    const sums = await frame
      .filter(f => f.i.lt(10))
      .groupBy("k")
      .agg({ s: sum("i"), n: count() })
      .sort("k")
      .collect()
    expect(sums).toEqual([
      { k: 0n, s: 18n, n: 4n },
      { k: 1n, s: 12n, n: 3n },
      { k: 2n, s: 15n, n: 3n },
    ])
    const joined = frame.join(
      frame.filter(f => f.i.lt(2)),
      { on: "i" },
    )
    const again = joined.mapBatches(batch => batch.map(row => ({ both: row.k + row.k_right })), {
      both: "int64",
    })
    expect((await again.sort("both").collect()).map(row => row.both)).toEqual([0n, 2n])
    expect(await frame.count()).toBe(100_000)
  })

  test("a limit above it stops the input", async () => {
    let seen = 0
    const frame = (await numbers(1_000_000)).mapBatches(
      batch => {
        seen += batch.rows
        return { i: batch.columns.i }
      },
      { i: "int64" },
    )
    expect(await frame.limit(5).collect()).toHaveLength(5)
    expect(await frame.first()).toEqual({ i: 0n })
    expect(seen).toBeLessThan(50_000)
  })

  test("writes", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "shardlab-map-")), "made.parquet")
    const made = flights.mapBatches(batch => ({ origin: batch.columns.origin }), { origin: "utf8" })
    expect((await made.write.parquet(path)).rows).toBe(4)
    expect(await (await read.parquet(path)).count()).toBe(4)
  })

  test("explain says so and shows the plans of both parts", async () => {
    const made = flights
      .mapBatches(batch => ({ origin: batch.columns.origin }), { origin: "utf8" })
      .distinct()
    const { plan, engine: text } = await made.explain()
    expect(plan).toContain("mapBatches a function: gives origin: Utf8; runs in TypeScript")
    expect(text).toContain("the input of mapBatches")
  })

  test("an empty frame never calls it", async () => {
    const none = flights.filter(f => f.delay.gt(1000))
    expect(await none.mapBatches(() => expect.unreachable(), { x: "int32" }).collect()).toEqual([])
  })
})

describe("mapGroups", () => {
  test("each group whole, NULL a key like any other", async () => {
    const made = flights.groupBy("origin").mapGroups(
      (group, key) => [
        {
          ...key,
          n: group.rows,
          delays: group
            .map(row => String(row.delay))
            .sort()
            .join(" "),
        },
      ],
      { origin: "utf8", n: "int32", delays: "utf8" },
    )
    const rows = await made.sort("origin").collect()
    expect(rows).toEqual([
      { origin: null, n: 1, delays: "5" },
      { origin: "ORD", n: 2, delays: "10 30" },
      { origin: "SFO", n: 1, delays: "null" },
    ])
  })

  test("groups larger than a batch, and many small ones", async () => {
    const frame = await sql<{ k: { kind: "int64" } }>`select range % 3 as k from range(${50_000})`
    const sizes = frame.groupBy("k").mapGroups(group => [{ n: group.rows }], { n: "int32" })
    expect((await sizes.collect()).map(row => row.n).sort()).toEqual([16_666, 16_667, 16_667])
    const many = await sql<{ k: { kind: "int64" } }>`select range // 2 as k from range(${2_000})`
    const pairs = many
      .groupBy("k")
      .mapGroups((group, key) => [{ k: key.k, n: group.rows }], { k: "int64", n: "int32" })
    expect(await pairs.filter(f => f.n.eq(2)).count()).toBe(1_000)
  }, 30_000)

  test("needs keys that exist", () => {
    expect(() => flights.groupBy().mapGroups(() => [], { n: "int32" })).toThrow(/no keys/)
  })
})

describe("what goes wrong", () => {
  const map = (fn: () => unknown) =>
    flights.mapBatches(fn as () => never[], { a: "int32", b: "utf8" }).collect()

  test("the function's own error is the cause, with its own stack", async () => {
    const bad = flights.mapBatches(
      function score(): never[] {
        throw new RangeError("no model")
      },
      { a: "int32" },
    )
    const error = await bad
      .sort("a")
      .collect()
      .catch(thrown => thrown)
    expect(error.code).toBe("FUNCTION_FAILED")
    expect(error.message).toContain("mapBatches: score threw RangeError: no model")
    expect(error.cause.stack).toContain("mapBatches.test.ts")
  })

  test.each([
    [() => [{ a: 1 }], "the function gave no `b`"],
    [() => [{ a: 1, b: "x", c: 2 }], "gave `c`, which is not in the schema"],
    [() => [{ a: 1.5, b: "x" }], "`a` of row 0 is 1.5, not an int32"],
    [() => [{ a: 1, b: 2 }], "`b` of row 0 is 2, not an utf8"],
    [() => [1], "row 0 of what the function gave is 1"],
    [() => 7, "the function gave a number"],
    [() => ({ a: [1, 2], b: ["x"] }), "column `b` has 1 values and `a` 2"],
    [() => ({ a: 1, b: ["x"] }), "column `a` is 1, not an array"],
  ])("a result that does not fit is refused: %s", async (fn, says) => {
    await expect(map(fn)).rejects.toMatchObject({
      code: "FUNCTION_RESULT",
      message: expect.stringContaining(says),
    })
  })

  test.each([
    [{ kind: "list", item: { kind: "int8" } }, [1, 300], "`x[1]` of row 0 is 300, not an int8"],
    [{ kind: "list", item: { kind: "date" } }, ["today"], '`x[0]` of row 0 is "today", not a date'],
    [
      { kind: "struct", fields: [{ name: "a", type: { kind: "utf8" } }] },
      { a: 1 },
      "`x.a` of row 0 is 1, not",
    ],
    [
      { kind: "map", key: { kind: "utf8" }, value: { kind: "int64" } },
      { a: 1 },
      "`x` of row 0 is a Object, not a map",
    ],
    [
      { kind: "map", key: { kind: "utf8" }, value: { kind: "int64" } },
      new Map([["a", 0.5]]),
      '`x.get("a")` of row 0 is 0.5',
    ],
    [{ kind: "decimal", precision: 4, scale: 2 }, "123.4", '`x` of row 0 is "123.4", not a decimal(4,2)'],
    [{ kind: "decimal", precision: 4, scale: 2 }, "99.996", '`x` of row 0 is "99.996", not a decimal(4,2)'],
  ] as [DataType, unknown, string][])("nor a part of it: %j, %j", async (type, x, says) => {
    await expect(flights.mapBatches(() => [{ x }], { x: type }).collect()).rejects.toMatchObject({
      code: "FUNCTION_RESULT",
      message: expect.stringContaining(says),
    })
  })

  test("a schema that is none is refused at once", () => {
    const frame = flights as unknown as { mapBatches(...args: unknown[]): unknown }
    expect(() => frame.mapBatches(() => [], { a: "int65" })).toThrow(/int65.*Did you mean `int64`/s)
    expect(() => frame.mapBatches(() => [])).toThrow(/schema.*missing/)
    expect(() => frame.mapBatches("fn", { a: "int32" })).toThrow(/fn.*a string/)
  })

  test("cancelling ends the query and its function", async () => {
    const stop = new AbortController()
    let calls = 0
    const frame = (await numbers(50_000_000)).mapBatches(
      batch => {
        if (++calls === 3) stop.abort()
        return { i: batch.columns.i }
      },
      { i: "int64" },
    )
    const drain = async (signal: AbortSignal) => {
      for await (const _ of engine.stream(frame.distinct().plan, { signal }));
    }
    await expect(drain(stop.signal)).rejects.toMatchObject({ code: "QUERY_CANCELLED" })
    expect(calls).toBeLessThan(6)
  })
})

test("decimals as text to DuckDB's whole numbers", () => {
  expect(unscaled("12.5", 2)).toBe(1250n)
  expect(unscaled("-0.005", 2)).toBe(-1n)
  expect(unscaled("7", 0)).toBe(7n)
})
