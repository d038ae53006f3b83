// Random tables and random plans over them. A plan is made anew on each engine, so the same one can be compared between
// engines, or with the plain evaluation of test/doubles/evaluatePlan.ts.
import fc from "fast-check"
import type { Column, Columns } from "../../kernel/src/frame/Column.js"
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import { col, count, lit, when } from "../../kernel/src/frame/free.js"
import type { createReader } from "../../kernel/src/frame/reader.js"
import type { AnySchema, Unknown } from "../../kernel/src/frame/types.js"

type Read = ReturnType<typeof createReader>

export const kinds = { k: "int64", x: "float64", s: "utf8", b: "boolean" } as const
export const text = fc.oneof(
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
export const rows = fc.array(fc.oneof({ weight: 2, arbitrary: row }, { weight: 1, arbitrary: twin }), {
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

export type Loose = DataFrame<AnySchema>
export type Step = (frame: Loose) => Loose
export const keepColumns: fc.Arbitrary<Step> = fc.oneof(
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
        frame.union(current!.rows(more, kinds) as unknown as Loose),
  ),
)
export const last: fc.Arbitrary<Step> = fc.oneof(
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
        frame.join(current!.rows(more, kinds) as unknown as Loose, {
          on: "k",
          how: how as "full",
        }) as unknown as Loose,
  ),
)

/** What the plain evaluator lacks, so only engines are compared on it. Answers are exact on every engine. */
const richSteps: fc.Arbitrary<Step> = fc.oneof(
  keepColumns,
  fc.tuple(rows, fc.constantFrom("intersect", "except", "intersectAll", "exceptAll")).map(
    ([more, op]): Step =>
      frame =>
        frame[op as "intersect"](current!.rows(more, kinds) as unknown as Loose),
  ),
  fc.constantFrom("k", "s", "b").map(
    (name): Step =>
      frame =>
        frame.dropNull(name),
  ),
  fc.constant<Step>(frame => frame.fillNull({ k: 7, s: "?", x: 0.25 }) as unknown as Loose),
  fc.constantFrom("k", "x").map(
    (name): Step =>
      frame =>
        frame.with(f => ({ x: whole(f[name]!.coalesce(0)) })) as unknown as Loose,
  ),
  fc.constantFrom("lower", "upper", "reverse", "trim", "initcap").map(
    (name): Step =>
      frame =>
        frame.with(f => ({
          s: (f.s as unknown as Record<string, () => Column<Unknown>>)[name]!(),
        })) as unknown as Loose,
  ),
  fc.tuple(fc.constantFrom("concat", "replace", "lpad", "splitPart"), fc.constantFrom("a", "ab", "B")).map(
    ([name, part]): Step =>
      frame =>
        frame.with(f => ({ s: textCall(name, f.s!, part) })) as unknown as Loose,
  ),
  fc.constantFrom("sum", "min", "max", "count").map(
    (name): Step =>
      frame =>
        frame
          .with(f => ({
            k: (f.k as unknown as Record<string, () => Column<Unknown>>)[name]!().over({ partitionBy: "s" }),
          }))
          .cast({ k: "int64" }) as unknown as Loose,
  ),
)

function whole(of: Column<Unknown>): Column<Unknown> {
  return of.cast("int64").mul(2).cast("float64") as unknown as Column<Unknown>
}

function textCall(name: string, of: Column<Unknown>, part: string): Column<Unknown> {
  const calls: Record<string, () => unknown> = {
    concat: () => of.concat(part, of),
    replace: () => of.replace(part, "-"),
    lpad: () => of.lpad(4, part),
    splitPart: () => of.splitPart(part, 1),
  }
  return calls[name]!() as Column<Unknown>
}

const richEnds: fc.Arbitrary<Step> = fc.oneof(
  last,
  fc.subarray(["k", "s", "b"], { minLength: 1 }).chain(keys =>
    fc.constantFrom("rollup", "cube").map(
      (grouping): Step =>
        frame =>
          frame[grouping as "rollup"](...keys).agg((g: Columns<AnySchema>) => ({
            n: count(),
            total: g.x!.sum(),
          })) as unknown as Loose,
    ),
  ),
  fc.constant<Step>(
    frame =>
      frame.groupBy("b").agg((g: Columns<AnySchema>) => ({
        every: g.b!.every(),
        texts: g.s!.collectSet().arraySort(),
        sorted: g.k!.collectList().arraySort(),
        spread: g.x!.max().sub(g.x!.min()),
      })) as unknown as Loose,
  ),
  fc.constant<Step>(
    frame =>
      frame
        .groupBy("s")
        .pivot("b", [true, false])
        .agg((g: Columns<AnySchema>) => ({ n: count(), low: g.k!.min() })) as unknown as Loose,
  ),
  fc.constant<Step>(
    frame =>
      frame
        .with(f => ({ x: f.k!.cast("float64") }))
        .unpivot({ ids: ["s", "b"], values: ["k", "x"] }) as unknown as Loose,
  ),
)

/** The reader of the engine on which a plan is being made; steps that bring a second table take it from there. */
let current: Read | undefined

export interface RandomPlan {
  /** The frame on an engine, by its reader. */
  readonly on: (reader: Read) => Loose
}

function plan(table: readonly object[], steps: readonly Step[], end: Step): RandomPlan {
  return {
    on: reader => {
      current = reader
      const start = reader.rows(table, kinds) as unknown as Loose
      return end(steps.reduce((made, step) => step(made), start))
    },
  }
}

/** Plans that test/doubles/evaluatePlan.ts can evaluate. */
export const plainPlans = fc
  .tuple(rows, fc.array(keepColumns, { maxLength: 3 }), last)
  .map(([table, steps, end]) => plan(table, steps, end))

/** Plans of more operations and functions. */
export const richPlans = fc
  .tuple(rows, fc.array(richSteps, { maxLength: 4 }), richEnds)
  .map(([table, steps, end]) => plan(table, steps, end))
