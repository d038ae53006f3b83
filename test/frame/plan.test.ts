// Plans without an engine: what is checked when they are built, and that they survive JSON.
import { expect, test } from "vitest"
import { ShardlabError } from "../../kernel/src/errors.js"
import { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import type { Engine } from "../../kernel/src/frame/Engine.js"
import { col, count, desc, lit, mean, when } from "../../kernel/src/frame/free.js"
import { localRows } from "../../kernel/src/frame/localRows.js"
import { planFromJson, planText } from "../../kernel/src/frame/nodes/plan.js"
import { createSql } from "../../kernel/src/frame/sql.js"
import type { AnySchema, SimpleKind } from "../../kernel/src/frame/types.js"
import { types } from "../../kernel/src/frame/typeValues.js"

/** Any use of the engine fails: nothing here may run. */
const noEngine = new Proxy({} as Engine, {
  get(_, name) {
    throw new Error(`the plan asked the engine for ${String(name)}`)
  },
})
const kinds = { date: "timestamp", delay: "int64", gate: "int16", origin: "utf8", ok: "boolean" } as const
function frame(types: Record<string, SimpleKind> = kinds): DataFrame<AnySchema> {
  return new DataFrame(localRows([], types), noEngine)
}
function error(make: () => unknown): ShardlabError {
  try {
    make()
  } catch (caught) {
    if (caught instanceof ShardlabError) return caught
    throw caught
  }
  throw new Error("nothing was thrown")
}

test("a misspelt column names the operation, the nearest column and all columns", () => {
  const wrong = error(() => frame().filter(f => f.dealy!.gt(15)))
  expect(wrong.code).toBe("UNKNOWN_COLUMN")
  expect(wrong.message).toBe(
    "filter: there is no column `dealy`. Did you mean `delay`? Columns: date, delay, gate, origin, ok.",
  )
  for (const [operation, make] of Object.entries({
    select: () => frame().select("dealy"),
    groupBy: () => frame().groupBy("dealy"),
    agg: () => frame().agg({ m: mean("dealy") }),
    sort: () => frame().sort("dealy"),
    drop: () => frame().drop("dealy"),
    rename: () => frame().rename({ dealy: "x" }),
    with: () => frame().with({ x: col("dealy").add(1) }),
    join: () => frame().join(frame(), { on: "dealy" }),
    union: () => frame().unionByName(frame({ dealy: "int64" })),
  })) {
    expect(error(make).message, operation).toContain(operation)
    expect(error(make).message, operation).toContain("Did you mean `delay`?")
  }
})

test.each([
  [
    "a predicate that is not Boolean",
    () => frame().filter(f => f.delay as never),
    /delay is Int64, not Boolean/,
  ],
  [
    "text compared with a number",
    () => frame().filter(f => f.origin!.gt(1)),
    /cannot compare Utf8 with Int32/,
  ],
  ["adding to text", () => frame().with(f => ({ x: f.origin!.add(1) })), /`add` needs a number, not Utf8/],
  ["the year of a number", () => frame().with(f => ({ x: f.delay!.year() })), /needs Date or Timestamp/],
  ["an aggregation in a filter", () => frame().filter(f => f.delay!.mean().gt(1)), /aggregation/],
  ["an aggregation in select", () => frame().select(f => ({ x: f.delay!.mean() })), /groupBy\(\)\.agg/],
  [
    "a column that is not grouped",
    () =>
      frame()
        .groupBy("origin")
        .agg(f => ({ x: f.delay! })),
    /neither grouped nor aggregated/,
  ],
  [
    "an aggregation of an aggregation",
    () => frame().agg(f => ({ x: f.delay!.mean().max() })),
    /aggregates an aggregation/,
  ],
  [
    "branches without a common type",
    () => frame().with(f => ({ x: when(f.ok!, 1).otherwise("a" as never) })),
    /no common type/,
  ],
  [
    "joining text with numbers",
    () => frame().join(frame(), { on: ["origin", "delay"] }),
    /`origin` is Utf8 and `delay` is Int64/,
  ],
  ["two columns of one name", () => frame().rename({ gate: "delay" }), /two columns named `delay`/],
  ["no columns", () => frame().drop("date", "delay", "gate", "origin", "ok"), /no column would be left/],
  ["a negative limit", () => frame().limit(-1), /`rows` is -1/],
  [
    "an unknown join",
    () => frame().join(frame(), { on: "ok", how: "inne" as never }),
    /Did you mean `inner`/,
  ],
  [
    "JSON of an unknown type",
    () => frame().with(f => ({ x: f.origin!.fromJson({ a: { b: "int65" as never } }) })),
    /`type` is "int65".*Did you mean `int64`/,
  ],
  [
    "JSON as a single number",
    () => frame().with(f => ({ x: f.origin!.fromJson("int64") })),
    /`type` is Int64\. Give a struct, list or map/,
  ],
  [
    "JSON with numbers as keys",
    () => frame().with(f => ({ x: f.origin!.fromJson({ m: types.map("int32", "utf8") }) })),
    /Keys of JSON are text/,
  ],
  [
    "numbers as JSON",
    () => frame().with(f => ({ x: f.delay!.fromJson({ a: "utf8" }) })),
    /`fromJson` needs JSON text, and delay is Int64/,
  ],
  [
    "undefined as a value",
    () => frame().filter(f => f.delay!.gt(undefined as unknown as number)),
    /undefined/,
  ],
])("%s is refused when the plan is built", (_, make, says) => {
  expect(error(make).message).toMatch(says)
})

test("schemas follow every operation", () => {
  const late = frame()
    .filter(f => f.delay!.gt(15))
    .groupBy("origin")
    .agg(f => ({ n: count(), m: mean(f.delay!), top: f.gate!.max() }))
  expect(String(late.schema)).toBe("{ origin: Utf8, n: Int64, m: Float64, top: Int16 }")
  const more = frame().with(f => ({
    gate: f.gate!.add(1),
    wide: f.gate!.add(f.delay!),
    half: f.gate!.mul(0.5),
    big: f.gate!.add(100_000),
  }))
  expect(String(more.select("gate", "wide", "half", "big").schema)).toBe(
    "{ gate: Int16, wide: Int64, half: Float64, big: Int64 }",
  )
  const constants = frame().select({
    one: 1,
    big: 1n,
    far: 3_000_000_000,
    half: 0.5,
    nothing: null,
    yes: true,
  })
  expect(String(constants.schema)).toBe(
    "{ one: Int32, big: Int64, far: Int64, half: Float64, nothing: Int32, yes: Boolean }",
  )
  const joined = late.join(late, { on: "origin", how: "full" })
  expect(joined.columns).toEqual(["origin", "n", "m", "top", "n_right", "m_right", "top_right"])
  expect(late.join(late, { on: "origin", how: "anti" }).columns).toEqual(late.columns)
  expect(late[Symbol.for("shardlab.type") as never]).toBeTypeOf("function")
})

test("a plan survives JSON with its checks", () => {
  const plan = frame()
    .with(f => ({
      label: when(f.delay!.gt(15n), "late").otherwise(null),
      when: lit(new Date(5)),
      nan: lit(Number.NaN),
    }))
    .join(frame().rename({ gate: "g2" }), { on: ["delay", "delay"], how: "left", suffix: "_2" })
    .filter(f => f.origin!.isIn("ORD", "x'\"").or(f.ok!.not()))
    .distinct()
    .sort(desc("delay"), f => f.origin!.lower())
    .limit(7).plan
  const back = planFromJson(JSON.parse(JSON.stringify(plan)))
  expect(planText(back)).toBe(planText(plan))
  expect(String(back.schema)).toBe(String(plan.schema))
  const wrong = JSON.parse(
    JSON.stringify(plan).replaceAll('"op":"column","name":"ok"', '"op":"column","name":"okay"'),
  )
  expect(() => planFromJson(wrong)).toThrow(/okay/)
})

test("the type text quotes names that need it", () => {
  const odd = frame({ 'a"b': "int8", plain: "date" })
  expect(odd.schema.typeText()).toBe('{ "a\\"b": import("shardlab").Int8; plain: import("shardlab").Date }')
})

test("columns of a lambda can be listed and spread", () => {
  let seen: string[] = []
  const all = frame().select(f => {
    seen = Object.keys(f)
    return { ...f, twice: f.delay!.mul(2) }
  })
  expect(seen).toEqual(Object.keys(kinds))
  expect(all.columns).toEqual([...Object.keys(kinds), "twice"])
})

test("a frame of another engine is refused by both names, before anything runs", async () => {
  const on = (name: string) => new DataFrame(localRows([], kinds), { name } as Engine) as DataFrame<AnySchema>
  const [here, there] = [on("duckdb"), on("spark")]
  for (const make of [
    () => here.join(there, { on: "origin" }),
    () => here.crossJoin(there),
    () => here.asOfJoin(there, { time: "date" }),
    () => here.union(there),
    () => here.unionByName(there),
    () => here.except(there),
  ]) {
    expect(error(make)).toMatchObject({
      code: "OTHER_ENGINE",
      message: expect.stringMatching(/^\w+: a frame of spark cannot run on duckdb\./),
    })
  }
  await expect(createSql({ name: "duckdb" } as Engine)`select * from ${there}`).rejects.toMatchObject({
    code: "OTHER_ENGINE",
  })
})
