// What the compiler accepts, refuses and infers. The assertions are types, checked by `tsc -b`; the last test runs tsc
// over this file's mistakes in a program of its own, so that the suite fails too when one of them starts to compile.
import { expect, test } from "vitest"
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { count, desc, lit, mean, sum, when } from "../../kernel/src/frame/free.js"
import type { AnySchema, Float64, Int16, Int64, Timestamp, Utf8 } from "../../kernel/src/frame/types.js"

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

  const labelled = flights.select(f => ({
    late: when(f.delay.gt(15), "late").otherwise("on time"),
    code: f.origin.lower(),
    one: lit("x"),
  }))
  same<SchemaOf<typeof labelled>, { readonly late: Utf8; readonly code: Utf8; readonly one: Utf8 }>(true)

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
]

test("mistakes do not compile, and the message has the nearest name", async () => {
  const { messagesByLine } = await import("./compile.js")
  const messages = messagesByLine([
    'import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"',
    'import { mean } from "../../kernel/src/frame/free.js"',
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

test("thirty chained steps on a hundred columns check within a second", async () => {
  const { checkTime } = await import("./compile.js")
  const columns = Array.from(
    { length: 100 },
    (_, i) => `c${i}: ${["Int64", "Float64", "Utf8", "Timestamp"][i % 4]}`,
  )
  const steps = Array.from(
    { length: 30 },
    (_, i) => `.with(f => ({ n${i}: f.c${4 * (i % 25)}.add(1) })).filter(f => f.n${i}.gt(${i}))`,
  )
  const ms = checkTime(
    [
      'import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"',
      'import type { Float64, Int64, Timestamp, Utf8 } from "../../kernel/src/frame/types.js"',
    ],
    [
      `declare const wide: DataFrame<{ ${columns.join("; ")} }>`,
      `export const end = wide${steps.join("\n")}`,
    ],
  )
  expect(ms).toBeLessThan(process.env.SHARDLAB_STRICT_TIMES ? 1_000 : 3_000)
}, 60_000)
