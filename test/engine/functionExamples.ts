// Every function of the catalog with its example, for any engine: the value has to be the one in the catalog and the type
// the one that the plan says. Scalars run on one row; aggregations and rankings on `sampleRows`.
import { expect } from "vitest"
import type { Column } from "../../kernel/src/frame/Column.js"
import type { DataFrame } from "../../kernel/src/frame/DataFrame.js"
import type { Engine } from "../../kernel/src/frame/Engine.js"
import { fn, lit } from "../../kernel/src/frame/free.js"
import { allFunctions } from "../../kernel/src/frame/functions/catalog.js"
import type { FunctionRow } from "../../kernel/src/frame/functions/FunctionRow.js"
import { createReader } from "../../kernel/src/frame/reader.js"
import type { AnySchema, Unknown } from "../../kernel/src/frame/types.js"

export type Loose = DataFrame<AnySchema>

const sampleTypes = {
  id: "int32",
  g: "utf8",
  i: "int32",
  x: "float64",
  t: "utf8",
  b: "boolean",
  one: "int32",
} as const
const sampleRows = [
  { id: 1, g: "a", i: 1, x: 0.5, t: "b", b: true, one: 1 },
  { id: 2, g: "a", i: 2, x: 1.5, t: "a", b: false, one: 1 },
  { id: 3, g: "a", i: 2, x: -2, t: null, b: true, one: 1 },
  { id: 4, g: "b", i: 5, x: 4, t: "c", b: true, one: 1 },
  { id: 5, g: "b", i: null, x: null, t: "d", b: null, one: 1 },
  { id: 6, g: "b", i: 7, x: 2, t: "a", b: false, one: 1 },
]

export interface FunctionExample {
  readonly name: string
  readonly op: string
  readonly row: FunctionRow
}
export const functionExamples: readonly FunctionExample[] = [...allFunctions()]

/** The frame whose column `r` is the example. */
function exampleFrame(engine: Engine, { op, row }: FunctionExample): Loose {
  const sample = createReader(engine).rows(sampleRows, sampleTypes) as unknown as Loose
  const make = (f: unknown) =>
    new Function("fn", "lit", "f", `return ${row.example[0]}`)(fn, lit, f) as Column<Unknown>
  if (op === "aggregate") {
    const keys = row.example[0].includes("grouping") ? ["g"] : []
    return sample
      .groupBy(...keys)
      .agg(f => ({ r: make(f) }))
      .limit(1)
      .select("r") as unknown as Loose
  }
  if (op === "ranking")
    return sample
      .with(f => ({ r: make(f) }))
      .sort("id")
      .select("r") as unknown as Loose
  return sample.limit(1).select(f => ({ r: make(f) })) as unknown as Loose
}

/** Runs the example and compares; `tolerance` is for floats that engines round differently in the last digits. */
export async function checkExample(engine: Engine, example: FunctionExample): Promise<void> {
  const frame = exampleFrame(engine, example)
  const rows = await frame.collect()
  const found = example.op === "ranking" ? rows.map(row => row.r) : rows[0]!.r
  sameValue(example, found)
}

/** Examples of functions of one row, in one query; for engines on which a query costs much more than a function. */
export async function scalarValues(engine: Engine, examples: readonly FunctionExample[]): Promise<unknown[]> {
  const sample = createReader(engine).rows(sampleRows, sampleTypes) as unknown as Loose
  const made = (f: unknown) =>
    examples.map(({ row }, i) => [
      `r${i}`,
      new Function("fn", "lit", "f", `return ${row.example[0]}`)(fn, lit, f) as Column<Unknown>,
    ])
  const [row] = await sample
    .limit(1)
    .select(f => Object.fromEntries(made(f)))
    .collect()
  return examples.map((_, i) => (row as Record<string, unknown>)[`r${i}`])
}

/** What an example gave against what the catalog says. */
export function sameValue({ row }: FunctionExample, found: unknown): void {
  expect(rounded(found), row.example[0]).toEqual(rounded(row.example[1]))
}

/** The type that the engine's own analysis gives to the example's column. */
export async function checkType(engine: Engine, example: FunctionExample): Promise<void> {
  const frame = exampleFrame(engine, example)
  const [field] = await engine.describeSql({ text: "select * from {0}", params: [], inputs: [frame.plan] })
  expect(field!.type, example.row.example[0]).toEqual(frame.schema.fields[0]!.type)
}

function rounded(value: unknown): unknown {
  if (typeof value === "number" && !Number.isInteger(value)) return Number(value.toPrecision(12))
  if (value instanceof Uint8Array) return [...value]
  return Array.isArray(value) ? value.map(rounded) : value
}
