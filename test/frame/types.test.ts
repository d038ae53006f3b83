// What the compiler accepts, refuses and infers. The assertions are types, checked by `tsc -b`; the last test runs tsc
// over this file's mistakes in a program of its own, so that the suite fails too when one of them starts to compile.
import { expect, test } from "vitest"
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { count, desc, fn, lit, mean, struct, sum, when } from "../../kernel/src/frame/free.js"
import type {
  AnySchema,
  Boolean as BooleanType,
  Decimal,
  Float64,
  Int16,
  Int32,
  Int64,
  List,
  Nullable,
  Timestamp,
  Utf8,
} from "../../kernel/src/frame/types.js"

import { types } from "../../kernel/src/frame/typeValues.js"

type Flights = { date: Timestamp; delay: Int64; gate: Int16; origin: Utf8 }
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_: Equal<A, B>): void {}
type SchemaOf<F> = F extends { readonly columnTypes: infer S } ? S : never

/** Never called: its body is what is checked. */
export async function inferred(flights: DataFrame<Flights>, loose: DataFrame<AnySchema>): Promise<void> {
  const late = flights
    .filter(f => f.delay.gt(15))
    .groupBy("origin")
    .agg(f => ({ flights: count(), minutes: mean(f.delay), total: sum(f.gate), p95: f.delay.quantile(0.95) }))
    .sort(desc("minutes"))
  same<
    SchemaOf<typeof late>,
    {
      readonly origin: Utf8
      readonly flights: Int64
      readonly minutes: Float64
      readonly total: Int64
      readonly p95: Float64
    }
  >(true)
  const rows = await late.collect()
  same<
    (typeof rows)[number],
    { origin: string; flights: bigint; minutes: number; total: bigint; p95: number }
  >(true)
  const numbers = await late.select("flights").collect({ int64: "number" })
  same<(typeof numbers)[number], { flights: number }>(true)

  const more = flights.with(f => ({
    hours: f.delay.div(60),
    next: f.gate.add(1),
    half: f.gate.mul(0.5),
    wide: f.gate.add(f.delay),
  }))
  same<SchemaOf<typeof more>["hours"], Float64>(true)
  same<SchemaOf<typeof more>["next"], Int16>(true)
  same<SchemaOf<typeof more>["half"], Float64>(true)
  same<SchemaOf<typeof more>["wide"], Int64>(true)
  same<SchemaOf<typeof more>["origin"], Utf8>(true)

  const outer = flights.join(late, { on: "origin", how: "left" })
  same<SchemaOf<typeof outer>["minutes"], Nullable<Float64>>(true)
  const [row] = await outer.collect()
  same<typeof row.minutes, number | null>(true)
  same<typeof row.delay, bigint>(true)
  same<SchemaOf<ReturnType<typeof filled>>["minutes"], Float64>(true)
  function filled() {
    return outer.fillNull({ minutes: 0 })
  }
  const windowed = flights.with(f => ({
    before: fn.lag(f.delay).over({ orderBy: f.date }),
    place: fn.rank(),
  }))
  same<SchemaOf<typeof windowed>["before"], Nullable<Int64>>(true)
  same<SchemaOf<typeof windowed>["place"], Int32>(true)
  const nested = flights.select(f => ({
    list: fn.array(f.gate),
    doubled: fn.array(f.gate).transform(x => x.mul(2)),
    place: struct({ code: f.origin, gate: f.gate }),
    day: f.date.dateTrunc("day"),
    money: f.gate.cast({ decimal: [10, 2] }).mul(2),
    maybe: f.origin.tryCast("int32"),
  }))
  same<SchemaOf<typeof nested>["list"], List<Int16>>(true)
  same<SchemaOf<typeof nested>["doubled"], List<Int16>>(true)
  same<SchemaOf<typeof nested>["day"], Timestamp>(true)
  same<SchemaOf<typeof nested>["money"], Decimal>(true)
  same<SchemaOf<typeof nested>["maybe"], Nullable<Int32>>(true)
  const [cells] = await nested.collect()
  same<typeof cells.list, readonly number[]>(true)
  same<typeof cells.place, { code: string; gate: number }>(true)
  same<typeof cells.money, string>(true)
  const element = nested.select("list").explode("list", { as: "gate", position: "at" })
  same<SchemaOf<typeof element>, { readonly gate: Int16; readonly at: Int32 }>(true)
  const wide = flights.groupBy("origin").pivot("gate", [1, 2]).agg({ n: count() })
  same<
    SchemaOf<typeof wide>,
    { readonly origin: Utf8; readonly 1: Nullable<Int64>; readonly 2: Nullable<Int64> }
  >(true)
  const long = flights.unpivot({ ids: ["origin"], values: ["delay"], name: "what" })
  same<SchemaOf<typeof long>, { readonly origin: Utf8; readonly what: Utf8; readonly value: Int64 }>(true)
  const both = flights
    .select("origin", "gate")
    .unionByName(flights.select("origin", "delay"), { allowMissing: true })
  same<SchemaOf<typeof both>["delay"], Nullable<Int64>>(true)
  const compared = flights.join(flights, { on: (l, r) => l.delay.lt(r.delay), suffix: "_later" })
  same<SchemaOf<typeof compared>["delay_later"], Int64>(true)

  const labelled = flights.select(f => ({
    late: when(f.delay.gt(15), "late").otherwise("on time"),
    code: f.origin.lower(),
    one: lit("x"),
  }))
  same<SchemaOf<typeof labelled>, { readonly late: Utf8; readonly code: Utf8; readonly one: Utf8 }>(true)

  const constants = flights.select(f => {
    const price = f.gate.cast({ decimal: [10, 2] })
    return {
      one: lit(1),
      many: lit(-3_000_000_000),
      half: lit(0.5),
      big: lit(1n),
      yes: lit(true),
      nothing: lit(null),
      plain: 7,
      left: lit(1).sub(price),
      right: price.sub(lit(1)),
      free: fn.sub(1, price),
      share: lit(0.5).mul(price),
      gate: lit(1).add(f.gate),
      gates: fn.mul(f.gate, lit(0.5)),
      next: f.gate.add(lit(1)),
      minutes: lit(0.5).add(f.delay),
      sum: lit(1).add(2),
    }
  })
  same<
    SchemaOf<typeof constants>,
    {
      readonly one: Int32
      readonly many: Int32 | Int64
      readonly half: Float64
      readonly big: Int64
      readonly yes: BooleanType
      readonly nothing: Nullable<Int32>
      readonly plain: Int32
      readonly left: Decimal
      readonly right: Decimal
      readonly free: Decimal
      readonly share: Decimal
      readonly gate: Int16
      readonly gates: Float64
      readonly next: Int16
      readonly minutes: Float64
      readonly sum: Int32
    }
  >(true)

  const parsed = flights.select(f => ({
    all: f.origin.fromJson({
      id: "int64",
      kind: "utf8",
      place: { lat: "float64" },
      tags: types.list("utf8"),
    }),
    list: fn.fromJson(f.origin, types.list({ d: types.decimal(5, 2) })),
    id: f.origin.fromJson({ id: "int64" }).field("id"),
  }))
  const [read] = await parsed.collect()
  same<typeof read.all, { id: bigint; kind: string; place: { lat: number }; tags: readonly string[] } | null>(
    true,
  )
  same<typeof read.list, readonly { d: string }[] | null>(true)
  same<SchemaOf<typeof parsed>["id"], Nullable<Int64>>(true)

  const joined = flights.join(late, { on: "origin", how: "left" })
  same<keyof SchemaOf<typeof joined>, keyof Flights | "flights" | "minutes" | "total" | "p95">(true)
  const twice = flights.join(flights, { on: ["delay", "gate"] })
  same<SchemaOf<typeof twice>["origin_right"], Utf8>(true)
  const kept = flights.join(late, { on: "origin", how: "semi" })
  same<SchemaOf<typeof kept>, Flights>(true)
  const renamed = flights.rename({ delay: "minutes" }).drop("gate")
  same<keyof SchemaOf<typeof renamed>, "date" | "minutes" | "origin">(true)

  loose.filter(f => f.anything!.gt(15).and(f.other!.eq("x"))).select("whatever")
  const known = loose.groupBy("origin").agg(f => ({ n: count(), m: mean(f.delay!) }))
  same<SchemaOf<typeof known>["n"], Int64>(true)
}

const mistakes: readonly (readonly [code: string, says: RegExp])[] = [
  ["flights.filter(f => f.dealy.gt(15))", /Property 'dealy' does not exist.*Did you mean 'delay'\?/s],
  ['flights.groupBy("orign")', /'"orign"'.*"delay".*"origin"/s],
  ['flights.select("dely")', /"delay"/],
  ['flights.filter(f => f.delay.gt("15"))', /not assignable/],
  ["flights.filter(f => f.origin.gt(15))", /not assignable/],
  ["flights.filter(f => f.delay)", /not assignable/],
  ['flights.select(f => ({ x: f.origin.fromJson({ id: "int65" }) }))', /not assignable/],
  ['flights.select(f => ({ x: f.delay.fromJson({ id: "int64" }) }))', /Property 'fromJson' does not exist/],
  ['lit(1).add("x")', /No overload matches this call.*not assignable/s],
  ["lit(1).upper()", /Property 'upper' does not exist/],
  ["flights.with(f => ({ x: f.origin.add(1) }))", /Property 'add' does not exist/],
  ["flights.with(f => ({ x: f.delay.lower() }))", /Property 'lower' does not exist/],
  ["flights.with(f => ({ x: f.origin.year() }))", /Property 'year' does not exist/],
  ["flights.agg(f => ({ x: mean(f.origin) }))", /not assignable/],
  ['flights.sort("dealy")', /not assignable/],
  ['flights.drop("gatte")', /"gate"/],
  ['flights.join(flights, { on: "nowhere" })', /not assignable/],
  ['flights.join(flights, { on: "gate", how: "outer" })', /not assignable/],
  ['flights.select("delay").filter(f => f.origin.eq("x"))', /Property 'origin' does not exist/],
  ['flights.with(f => ({ x: f.delay.cast("int65") }))', /not assignable/],
  ["flights.with(f => ({ x: f.delay.arrayMax() }))", /Property 'arrayMax' does not exist/],
  [
    "flights.with(f => ({ x: f.origin.splt(',') }))",
    /Property 'splt' does not exist.*Did you mean 'split'\?/s,
  ],
  ['flights.explode("gatte")', /not assignable/],
  ['flights.unpivot({ ids: ["origin"], values: ["dealy"] })', /not assignable/],
  ["flights.join(flights, { on: (l, r) => l.delay.eq(r.dealy) })", /Property 'dealy' does not exist/],
]

test("mistakes do not compile, and the message has the nearest name", async () => {
  const { messagesByLine } = await import("./compile.js")
  const messages = messagesByLine([
    'import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"',
    'import { lit, mean } from "../../kernel/src/frame/free.js"',
    'import type { Int16, Int64, Timestamp, Utf8 } from "../../kernel/src/frame/types.js"',
    "declare const flights: DataFrame<{ date: Timestamp; delay: Int64; gate: Int16; origin: Utf8 }>",
    "flights.agg(f => ({ fine: mean(f.delay) }))",
    ...mistakes.map(([code]) => code),
  ])
  expect(messages.slice(0, 5)).toEqual(["", "", "", "", ""])
  mistakes.forEach(([code, says], index) => {
    expect(messages[index + 5], code).toMatch(says)
  })
}, 60_000)

test("thirty chained steps on a hundred columns cost the checker little: npm run bench:types has the time", async () => {
  const { checkCost, longChain } = await import("./compile.js")
  const { instantiations } = checkCost(...longChain())
  expect(instantiations).toBeLessThan(60_000)
}, 60_000)
