// Random tables, random plans: DuckDB's answer equals the one of a plain JavaScript evaluation.
import fc from "fast-check"
import { afterAll, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { col, desc, lit } from "../../kernel/src/frame/free.js"
import { planFromJson } from "../../kernel/src/frame/nodes/plan.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import { evaluate, type Row, rowKey } from "../doubles/evaluatePlan.js"
import { kinds, type Loose, plainPlans, richPlans, rows } from "./randomPlans.js"

const engine = duckdbEngine({ threads: 1 })
const read = createReader(engine)
afterAll(() => engine.close())

/** Float sums may differ in the last bits with the order; these tables hold quarters, so they are exact. */
const keys = (found: Row[]) => found.map(rowKey).sort()

test("DuckDB answers what plain JavaScript answers", async () => {
  await fc.assert(
    fc.asyncProperty(plainPlans, async plan => {
      const frame = plan.on(read)
      const answer = (await frame.collect()) as unknown as Row[]
      expect(keys(answer)).toEqual(keys(evaluate(frame.plan)))
      expect(await frame.count()).toBe(answer.length)
      const again = planFromJson(JSON.parse(JSON.stringify(frame.plan)))
      expect(keys(evaluate(again))).toEqual(keys(evaluate(frame.plan)))
    }),
    { numRuns: 150 },
  )
}, 60_000)

test("rich plans run, with the types that they say", async () => {
  await fc.assert(
    fc.asyncProperty(richPlans, async plan => {
      const frame = plan.on(read)
      const told = await engine.describeSql({ text: "select * from {0}", params: [], inputs: [frame.plan] })
      expect(told.map(({ type }) => type)).toEqual(frame.schema.fields.map(({ type }) => type))
      await frame.collect()
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
