// Random tables, random plans: DuckDB's answer equals the one of a plain JavaScript evaluation.
import fc from "fast-check"
import { afterAll, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import type { Column, Columns } from "../../kernel/src/frame/Column.js"
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { col, count, desc, lit, when } from "../../kernel/src/frame/free.js"
import { planFromJson } from "../../kernel/src/frame/nodes/plan.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import type { AnySchema, Unknown } from "../../kernel/src/frame/types.js"
import { evaluate, type Row, rowKey } from "../doubles/evaluatePlan.js"

const engine = duckdbEngine({ threads: 1 })
const read = createReader(engine)
afterAll(() => engine.close())

const kinds = { k: "int64", x: "float64", s: "utf8", b: "boolean" } as const
const text = fc.oneof(
  fc.constantFrom("", "a", "B", "ab", "é", "😀b", "'", '"; drop table t; --', "%_", "$1"),
  fc.string({ maxLength: 6 }),
)
const nullable = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null, freq: 4 })
const row = fc.record({
  k: nullable(fc.bigInt({ min: -3n, max: 3n })),
  x: nullable(fc.integer({ min: -8, max: 8 }).map(n => n / 4)),
  s: nullable(text.filter(s => !s.includes("\0"))),
  b: nullable(fc.boolean()),
})
/** Every third row is the same one, so that duplicates, groups and join keys meet. */
const twin = fc.constant({ k: 1n, x: 0.5, s: "a", b: true })
const rows = fc.array(fc.oneof({ weight: 2, arbitrary: row }, { weight: 1, arbitrary: twin }), {
  maxLength: 12,
})

const f = { k: col("k"), x: col("x"), s: col("s"), b: col("b") }
const { number, predicate, label } = fc.letrec<{
  number: Column<Unknown>
  predicate: Column<Unknown>
  label: Column<Unknown>
}>(tie => ({
  number: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom(f.k, f.x),
    fc
      .tuple(tie("number"), fc.constantFrom("add", "sub", "mul"), fc.constantFrom(2, -1, 0.5))
      .map(([a, op, n]) => a[op as "add"](n) as Column<Unknown>),
    fc
      .tuple(tie("number"), fc.constantFrom("add", "sub", "mul"), tie("number"))
      .map(([a, op, b]) => a[op as "add"](b) as Column<Unknown>),
    fc
      .tuple(tie("predicate"), fc.integer({ min: -2, max: 2 }))
      .map(([p, n]) => when(p, f.k).otherwise(n) as Column<Unknown>),
  ),
  label: fc.oneof(
    fc.constant(f.s),
    fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 3 }))
      .map(([at, n]) => f.s.substring(at, n) as unknown as Column<Unknown>),
  ),
  predicate: fc.oneof(
    { maxDepth: 2 },
    fc.constant(f.b),
    fc
      .tuple(
        tie("number"),
        fc.constantFrom("eq", "ne", "lt", "lte", "gt", "gte"),
        fc.integer({ min: -2, max: 2 }),
      )
      .map(([a, op, n]) => a[op as "eq"](n)),
    fc
      .tuple(tie("label"), fc.constantFrom("eq", "ne", "lt", "contains", "startsWith"), text)
      .map(([a, op, t]) => a[op as "eq"](t)),
    fc
      .tuple(tie("number"), fc.integer({ min: -2, max: 0 }), fc.integer({ min: 0, max: 2 }))
      .map(([a, low, high]) => a.between(low, high)),
    fc
      .array(nullable(fc.bigInt({ min: -3n, max: 3n })), { minLength: 1, maxLength: 3 })
      .map(values => f.k.isIn(...values)),
    fc
      .tuple(tie("predicate"), fc.constantFrom("and", "or"), tie("predicate"))
      .map(([a, op, b]) => a[op as "and"](b)),
    fc.tuple(tie("predicate")).map(([a]) => a.not()),
    fc.constantFrom(f.k, f.s, f.b).map(c => c.isNull()),
  ) as fc.Arbitrary<Column<Unknown>>,
}))

type Loose = DataFrame<AnySchema>
type Step = (frame: Loose) => Loose
const keepColumns: fc.Arbitrary<Step> = fc.oneof(
  predicate.map(
    (p): Step =>
      frame =>
        frame.filter(p),
  ),
  number.map(
    (n): Step =>
      frame =>
        frame.with({ x: n.mul(0.25) }) as unknown as Loose,
  ),
  fc.constant<Step>(frame => frame.distinct()),
  rows.map(
    (more): Step =>
      frame =>
        frame.union(read.rows(more, kinds) as unknown as Loose),
  ),
)
const last: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>(frame => frame),
  fc.tuple(number, label, predicate).map(
    ([n, l, p]): Step =>
      frame =>
        frame.select({ n, l, p, one: lit("é'") }) as unknown as Loose,
  ),
  fc.subarray(["k", "s", "b"]).map(
    (keys): Step =>
      frame =>
        frame.groupBy(...keys).agg((g: Columns<AnySchema>) => ({
          n: count(),
          present: g.x!.count(),
          kinds: g.s!.countDistinct(),
          total: g.k!.sum(),
          mean: g.x!.mean(),
          low: g.x!.min(),
          high: g.s!.max(),
        })) as unknown as Loose,
  ),
  fc.tuple(rows, fc.constantFrom("inner", "left", "right", "full", "semi", "anti")).map(
    ([more, how]): Step =>
      frame =>
        frame.join(read.rows(more, kinds) as unknown as Loose, {
          on: "k",
          how: how as "full",
        }) as unknown as Loose,
  ),
)

/** Float sums may differ in the last bits with the order; these tables hold quarters, so they are exact. */
const keys = (found: Row[]) => found.map(rowKey).sort()

test("DuckDB answers what plain JavaScript answers", async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.array(keepColumns, { maxLength: 3 }), last, async (table, steps, end) => {
      const frame = end(steps.reduce((made, step) => step(made), read.rows(table, kinds) as unknown as Loose))
      const answer = (await frame.collect()) as unknown as Row[]
      expect(keys(answer)).toEqual(keys(evaluate(frame.plan)))
      expect(await frame.count()).toBe(answer.length)
      const again = planFromJson(JSON.parse(JSON.stringify(frame.plan)))
      expect(keys(evaluate(again))).toEqual(keys(evaluate(frame.plan)))
    }),
    { numRuns: 150 },
  )
}, 60_000)

test("sorting puts NULL first when ascending and last when descending, and limit keeps the order", async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.boolean(), fc.nat(13), async (table, down, n) => {
      const frame = (read.rows(table, kinds) as unknown as Loose)
        .sort(down ? desc("k") : "k", "s", desc("x"), "b")
        .limit(n)
      expect(((await frame.collect()) as unknown as Row[]).map(rowKey)).toEqual(
        evaluate(frame.plan).map(rowKey),
      )
    }),
    { numRuns: 50 },
  )
}, 60_000)

test("no name and no value becomes SQL", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1 }), fc.string(), fc.string(), async (name, value, other) => {
      fc.pre(![name, value, other].some(t => t.includes("\0")) && name.toLowerCase() !== "id")
      const table = read.rows(
        [
          { id: 1n, [name]: value },
          { id: 2n, [name]: other },
        ],
        { id: "int64", [name]: "utf8" } as Record<string, "int64" | "utf8">,
      ) as unknown as Loose
      const same = await table
        .filter(col(name).eq(value))
        .with({ [`${name}'"`]: lit(value) })
        .sort("id")
        .collect()
      expect(same.map(found => [found[name], found[`${name}'"`]])).toEqual(
        [value, other].filter(v => v === value).map(v => [v, v]),
      )
    }),
    { numRuns: 100 },
  )
}, 60_000)
