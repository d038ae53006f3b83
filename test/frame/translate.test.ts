// Functions of a row as expressions: each is run by JavaScript on the rows and, translated, by DuckDB; the answers must be
// the same for every row, with NULL, NaN, zeros of both signs, infinities and awkward text among the values. Also what is
// not translated, and why.
import { afterAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { type NamedExpr, Project } from "../../kernel/src/frame/nodes/Project.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { hasFunction } from "../../kernel/src/frame/translate/sql.js"

const engine = duckdbEngine()
const read = createReader(engine)
afterAll(() => engine.close())

interface Row {
  n: number
  i: number
  j: number
  x: number
  y: number
  big: bigint
  t: string
  u: string
  b: boolean
  c: boolean
  d: Date
  e: Date
  at: Date
}

const ints = [0, 1, -1, 7, -7, 2147483647, -2147483648, 15, null]
const floats = [
  0,
  -0,
  1.5,
  -1.5,
  2.5,
  0.49999999999999994,
  -0.5,
  1e300,
  Infinity,
  -Infinity,
  Number.NaN,
  15,
  9e15,
  null,
]
const texts = ["", "a", "Äbc", "ORD", "late", "\u00a0 x\t\n", "null", "5", "😀", null]
const bigs = [0n, 1n, -1n, 9007199254740993n, -(2n ** 62n), 15n, null]
const days = [new Date("2024-02-29"), new Date(0), new Date("1969-12-31"), null]
const times = [new Date("2024-02-29T23:59:59.999Z"), new Date(0), new Date("1950-06-01T12:30:00Z"), null]
const pick = <T>(list: readonly T[], n: number) => list[n % list.length]!
const rows = Array.from({ length: 252 }, (_, n) => ({
  n,
  i: pick(ints, n),
  j: pick(ints, (n / 9) | 0),
  x: pick(floats, n),
  y: pick(floats, (n / 14) | 0),
  big: pick(bigs, n),
  t: pick(texts, n),
  u: pick(texts, (n / 10) | 0),
  b: pick([true, false, null], n),
  c: pick([true, false, null], (n / 3) | 0),
  d: pick(days, n),
  e: pick(days, (n / 4) | 0),
  at: pick(times, n),
}))
const frame = read.rows(rows, {
  n: "int32",
  i: "int32",
  j: "int32",
  x: "float64",
  y: "float64",
  big: "int64",
  t: "utf8",
  u: "utf8",
  b: "boolean",
  c: "boolean",
  d: "date",
  e: "date",
  at: "timestamp",
}) as unknown as DataFrame<never> & { filterRows(fn: (row: Row) => unknown): DataFrame<never> }
type RowFn = (row: Row) => unknown
const mapped = (fn: (row: Row) => object) =>
  (frame as unknown as { mapRows(fn: unknown): DataFrame<never> }).mapRows(fn)

/** -0 and 0 are one; undefined is null; where JavaScript throws for a null, the expression is NULL. */
function plain(value: unknown): unknown {
  return value === undefined ? null : value === 0 ? 0 : value
}
function byJavaScript(fn: RowFn): unknown[] {
  return rows.map(row => {
    try {
      return plain(fn({ ...row } as unknown as Row))
    } catch (error) {
      if (error instanceof TypeError) return null
      throw error
    }
  })
}

const limit = 15
const nothing = Number.NaN
const known = { high: 7, codes: ["ORD", "5", null] }

const values: readonly ((row: Row) => unknown)[] = [
  r => r.i / 60,
  r => r.i + r.j,
  r => r.i - 2 * r.j,
  r => r.i * 0.1,
  r => r.x + r.y,
  r => r.x * r.y,
  r => r.x - 1,
  r => r.i / r.j,
  r => r.x / r.y,
  r => r.i % 3,
  r => r.i % r.j,
  r => r.x % 2,
  r => -r.i,
  r => -r.x,
  r => r.big + 1n,
  r => r.big * 2n - r.big,
  r => r.i > 15,
  r => r.i < 5,
  r => r.i >= -1,
  r => 0 <= r.i,
  r => r.i > r.j,
  r => r.x > 1,
  r => r.x >= nothing,
  r => r.x < 1,
  r => r.x <= r.y,
  r => r.x > r.y,
  r => r.big > 15,
  r => r.big <= -1n,
  r => r.i === 15,
  r => r.i !== 15,
  r => r.i === r.j,
  r => r.x === r.y,
  r => r.x !== r.y,
  r => r.x === 2.5,
  r => r.big === 15n,
  r => r.t === "ORD",
  r => r.t !== r.u,
  r => r.t === null,
  r => r.t !== null,
  r => r.t != null,
  r => r.i == null,
  r => r.i === undefined,
  r => r.b === true,
  r => r.b !== r.c,
  r => !r.b,
  r => !r.i,
  r => !r.x,
  r => !r.t,
  r => !!r.big,
  r => r.b && r.c,
  r => r.b || r.c,
  r => r.i > 0 && r.x > 0,
  r => r.i > 0 || r.x > 0,
  r => r.t || r.u,
  r => r.i && r.j,
  r => r.t ?? "none",
  r => r.i ?? 0,
  r => r.x ?? r.i,
  r => (r.i > 15 ? "late" : "ok"),
  r => (r.i > 15 ? r.i : null),
  r => (r.b ? r.t : r.u),
  r => (r.x ? 1 : 2) / 2,
  r => r.t > "a",
  r => r.t <= "5",
  r => r.t < "",
  r => r.t.toUpperCase(),
  r => r.t.toLowerCase().startsWith("a"),
  r => r.t.includes("b"),
  r => r.t?.toUpperCase() ?? "NONE",
  r => !r.t?.includes("a"),
  r => Math.floor(r.x),
  r => Math.ceil(r.x),
  r => Math.round(r.x),
  r => Math.trunc(r.x),
  r => Math.abs(r.x),
  r => Math.abs(r.i),
  r => Math.sqrt(r.x),
  r => Math.sign(r.x),
  r => Math.min(r.i, r.j, 3),
  r => Math.max(r.x, r.y),
  r => Math.floor(r.i / 7),
  r => Math.round(r.i / 2),
  r => Math.PI * r.i,
  r => Number.isNaN(r.x),
  r => Number(r.b) + Number(r.i),
  r => Number(r.big),
  r => Boolean(r.t),
  r => r.d.getUTCFullYear(),
  r => r.d.getUTCMonth() + 1,
  r => r.at.getUTCDate(),
  r => r.at.getUTCDay(),
  r => r.at.getUTCHours(),
  r => r.at > new Date("2024-02-29T23:59:59.998Z"),
  r => r.at <= new Date("1950-06-01T12:30:00Z"),
  r => r.d >= new Date("1970-01-01"),
  r => r.d < r.e,
  r => r.i > limit,
  r => r.i * known.high,
  r => known.codes.includes(r.t),
  r => [1, 7, 15].includes(r.i),
  r => (["ORD", "late"].includes(r.t) ? limit + 1 : limit),
  r => String(r.i > 3),
  r => {
    const hours = r.i / 60
    return hours > 1 ? hours : -hours
  },
  ({ i, j: other }) => i - other,
]
/** Waiting for a function of the catalog. */
const needs: readonly (readonly [string, (row: Row) => unknown])[] = [
  ["concat", r => `${r.t}-${r.u}`],
  ["concat", r => `${r.i}:${r.b}:${r.big}`],
  ["concat", r => `${r.t}`.concat(String(r.i))],
  // biome-ignore lint/style/useTemplate: `+` is what is tested
  ["concat", r => "<" + r.t + ">" + r.i],
  ["concat", r => r.t.concat("x", r.u)],
  ["concat", r => `n${r.i + r.j}`],
  ["endsWith", r => r.t.endsWith("D")],
  ["regexpReplace", r => r.t.trim()],
  ["minute", r => r.at.getUTCMinutes()],
  ["unixMillis", r => r.at.getTime()],
]
const all = [...values, ...needs.filter(([name]) => hasFunction(name)).map(([, fn]) => fn)]

const titled = all.map((fn, at) => [String(fn).replace(/\s+/g, " "), fn, at] as const)

describe("what is translated gives what JavaScript gives", () => {
  // All in two queries: what is compared is the expressions, and a query each would take long.
  const asColumns = all.map(inObject).map(made => made.plan)
  const asFilters = all.map(fn => frame.filterRows(fn).plan)
  const columns = asColumns.map((plan, at) =>
    plan.op === "project" ? { name: `v${at}`, expr: plan.columns[0]!.expr } : undefined,
  )
  const conditions = asFilters.map((plan, at) =>
    plan.op === "filter" ? { name: `v${at}`, expr: plan.predicate } : undefined,
  )
  const run = async (made: readonly (NamedExpr | undefined)[]) => {
    const known = made.filter(column => column !== undefined)
    const project = new DataFrame(new Project(frame.plan, known, "select"), engine)
    return (await project.collect()) as Record<string, unknown>[]
  }
  const got = run(columns)
  const kept = run(conditions)

  test.each(titled)("%s", async (_, fn, at) => {
    expect(columns[at], `not translated: ${asColumns[at]!.describe()}`).toBeDefined()
    const expected = byJavaScript(fn)
    const found = (await got).map(row => plain(row[`v${at}`]))
    const wrong = rows.flatMap((row, n) =>
      same(found[n], expected[n]) ? [] : [{ row, got: found[n], want: expected[n] }],
    )
    expect(wrong.slice(0, 3)).toEqual([])
  })

  test.each(titled)("as a condition: %s", async (_, fn, at) => {
    expect(conditions[at], asFilters[at]!.describe()).toBeDefined()
    const expected = byJavaScript(fn).map(Boolean)
    // A condition of NULL keeps nothing: it stands where JavaScript would have thrown.
    expect((await kept).map(row => row[`v${at}`] === true)).toEqual(expected)
  })

  test("a filter keeps those rows", async () => {
    const found = (await frame.filterRows((r: Row) => r.i > limit || !r.t).collect()) as { n: number }[]
    const expected = rows.filter(r => (r.i ?? 0) > limit || !r.t).map(row => row.n)
    expect(found.map(row => row.n)).toEqual(expected)
  })
})

/** `r => ({ v: ... })` of `r => ...`, written with the same text and in the same closure as the test's own functions. */
function inObject(fn: RowFn): DataFrame<never> {
  const text = String(fn)
  const body =
    /=>\s*\{/.test(text) && !/=>\s*\(?\{ v/.test(text) ? undefined : text.slice(text.indexOf("=>") + 2).trim()
  const parameter = text.slice(0, text.indexOf("=>")).trim()
  const source =
    body === undefined
      ? text.replace(/return ([^;\n]*);?\s*\}\s*$/, "return { v: $1 } }")
      : `${parameter} => ({ v: ${body} })`
  const make = new Function("limit", "known", "nothing", `return ${source}`) as (
    ...args: unknown[]
  ) => (row: Row) => object
  return mapped(make(limit, known, nothing))
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return Object.is(a, b)
  return a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b
}

describe("rows", () => {
  const flights = read.rows(
    [
      { origin: "ORD", delay: 90 },
      { origin: "SFO", delay: null },
    ],
    {
      origin: "utf8",
      delay: "int32",
    },
  )

  test("spread, replaced in place, destructured, the row itself", async () => {
    const made = flights.mapRows(r => ({ ...r, hours: r.delay / 60, origin: r.origin.toLowerCase() }))
    expect(String(made.schema)).toBe("{ origin: Utf8, delay: Int32, hours: Float64 }")
    expect(await made.collect()).toEqual([
      { origin: "ord", delay: 90, hours: 1.5 },
      { origin: "sfo", delay: null, hours: 0 },
    ])
    expect(flights.mapRows(r => r).columns).toEqual(["origin", "delay"])
    expect(flights.mapRows(({ delay, ...rest }) => ({ ...rest, late: delay > 15 })).columns).toEqual([
      "origin",
      "late",
    ])
  })

  test("explain says translated, or why not", async () => {
    const translated = flights.mapRows(r => ({ late: r.delay > 15 })).filterRows(r => r.late)
    const { plan } = await translated.explain()
    expect(plan).toContain("mapRows, translated: late = and(isNotNull(delay), gt(delay, 15))")
    expect(plan).toContain("filterRows, translated: and(isNotNull(late), late)")
    const fallback = flights.filterRows(r => r.origin.length > 2)
    expect((await fallback.explain()).plan).toContain(
      "runs in TypeScript because `.length` counts UTF-16 units in JavaScript and characters in an engine",
    )
    expect(await fallback.count()).toBe(2)
  })

  test("what cannot be translated runs, with the types that are said", async () => {
    const score = (row: { delay: number }) => (row.delay ?? 0) * 2
    const made = flights.mapRows(r => ({ ...r, risk: score(r) }), { risk: "float64" })
    expect(String(made.schema)).toBe("{ origin: Utf8, delay: Int32, risk: Float64 }")
    expect(await made.sort("risk").collect()).toEqual([
      { origin: "SFO", delay: null, risk: 0 },
      { origin: "ORD", delay: 90, risk: 180 },
    ])
    expect(() => flights.mapRows(r => ({ ...r, risk: score(r) }))).toThrow(
      'mapRows runs in TypeScript because it calls `score`, so the type of `risk` has to be said. Say it: mapRows(fn, { risk: "float64" }).',
    )
    const block = flights.mapRows(
      r => {
        let sum = 0
        for (let i = 0; i < r.delay; i++) sum += i
        return { sum }
      },
      { sum: "int64" },
    )
    expect(await block.collect()).toEqual([{ sum: 4005n }, { sum: 0n }])
  })

  test("types that are said cast what is translated", async () => {
    const made = flights.mapRows(r => ({ half: Math.floor(r.delay / 2) }), { half: "int32" })
    expect(await made.collect()).toEqual([{ half: 45 }, { half: 0 }])
    expect(String(made.schema)).toBe("{ half: Int32 }")
  })

  test("a column that is not there is named, with the nearest", () => {
    expect(() => flights.filterRows(r => (r as { dealy?: number }).dealy! > 1)).toThrow(
      /`dealy`.*Did you mean `delay`/,
    )
  })

  const reasons: readonly (readonly [(row: Row) => unknown, string])[] = [
    [async r => r.i, "it is async"],
    [r => r.t + r.i, "`+` with text that may be null"],
    [r => r.t.slice(1), "counts UTF-16 units"],
    [r => `${r.x}`, "print numbers with fractions otherwise"],
    [r => Math.sin(r.i), "the last digit of `Math.sin` differs"],
    [r => r.i ** 2, "`**` is not the same"],
    [r => r.t < r.u, "text beyond ASCII"],
    [r => (r.big as unknown as number) + 1, "`+` has a bigint and a number, which JavaScript refuses"],
    [r => 1 / Math.ceil(r.x), "a zero whose sign"],
    [r => r.at > r.d, "by the millisecond"],
    [r => `${r.t?.toUpperCase()}`, "`?.` gives undefined"],
    [r => (r.i > 1 ? "a" : 1), "it gives a text or a number"],
    [r => JSON.stringify(r), "it uses"],
    [r => new Date() > r.at, "it makes a Date for each row"],
    [r => (r as unknown as { i: object }).i === known, "it uses `known`, which is no plain value"],
  ]
  test.each(reasons)("%s is not: %s", (fn, reason) => {
    const { plan } = frame.filterRows(fn)
    expect(plan.op).toBe("mapBatches")
    expect((plan as unknown as { reason: string }).reason).toContain(reason)
  })
})
