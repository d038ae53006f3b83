// The Python trampoline and the Node child for real, in a plain Python process: rows through, one child kept, errors, a
// child that dies, no Node.
import { resolve } from "node:path"
import { expect, test } from "vitest"
import { functionFailure } from "../../../kernel/lib/engine/udf/failure.js"
import { provideScope } from "../../../kernel/lib/runner/child/notebookScope.js"
import { read } from "../../../kernel/lib/runner/dataframes.js"
import { riskOf } from "./riskModel.js"
import { throughPython } from "./throughPython.js"

/** What the runner knows of a notebook's imports. */
provideScope({
  lookup: () => undefined,
  importOf: value =>
    (value as { riskOf?: unknown } | null)?.riskOf === riskOf
      ? { specifier: resolve(import.meta.dirname, "riskModel.ts") }
      : undefined,
})

const flights = read.rows([], { origin: "utf8", delay: "int64", day: "date", price: "float64" })
const schema = `SCHEMA = pa.schema([("origin", pa.string()), ("delay", pa.int64()), ("day", pa.date32()), ("price", pa.float64())])
import datetime
rows = [
  {"origin": "ORD", "delay": 10, "day": datetime.date(2024, 5, 1), "price": 1.5},
  {"origin": None, "delay": None, "day": None, "price": None},
  {"origin": "SFO", "delay": 2**60, "day": datetime.date(1960, 1, 1), "price": 0.25},
]
`

test("every type through Python and Node and back, with one child for all runs", () => {
  const { plan } = flights.mapBatches(
    batch =>
      batch.map(row => ({
        ...row,
        exact: row.delay === null ? null : `${row.delay}.5`,
        tags: [row.origin],
        ok: row.delay !== null,
      })),
    {
      origin: "utf8",
      delay: "int64",
      day: "date",
      price: "float64",
      exact: { kind: "decimal", precision: 30, scale: 2 },
      tags: { kind: "list", item: { kind: "utf8" } },
      ok: "boolean",
    },
  )
  const told = throughPython(plan, `${schema}\nrun([batch(rows)])\nrun([batch(rows), batch(rows)])`)
  expect(told.error).toBeUndefined()
  expect(told.rows).toHaveLength(9)
  expect(told.rows.slice(0, 2)).toEqual([
    { origin: "ORD", delay: 10, day: "2024-05-01", price: 1.5, exact: "10.50", tags: ["ORD"], ok: true },
    { origin: null, delay: null, day: null, price: null, exact: null, tags: [null], ok: false },
  ])
  expect(told.rows[2]).toMatchObject({ day: "1960-01-01", exact: "1152921504606846976.50" })
  expect(told.returns.fields.map(field => field.type)).toEqual([
    "string",
    "long",
    "date",
    "double",
    "decimal(30,2)",
    { type: "array", elementType: "string", containsNull: true },
    "boolean",
  ])
  expect(told.pids).toEqual([[told.pids[0]![0]], [told.pids[0]![0]]])
  expect(told.stderr).toBe("")
})

test("nested values go as Arrow's own and are exact", () => {
  const int64 = { kind: "int64" } as const
  const { plan } = flights.mapBatches(
    batch =>
      batch.map(row => ({
        point: row.delay === null ? null : { at: row.day, left: [row.delay, null], price: "-0.05" },
        counts: new Map([[row.origin ?? "?", row.delay]]),
      })),
    {
      point: {
        kind: "struct",
        fields: [
          { name: "at", type: { kind: "date" } },
          { name: "left", type: { kind: "list", item: int64 } },
          { name: "price", type: { kind: "decimal", precision: 9, scale: 2 } },
        ],
      },
      counts: { kind: "map", key: { kind: "utf8" }, value: int64 },
    },
  )
  const told = throughPython(plan, `${schema}\nrun([batch(rows)])\ntold["rows"][2] = str(told["rows"][2])`)
  expect(told.error).toBeUndefined()
  expect(told.rows).toEqual([
    { point: { at: "2024-05-01", left: [10, null], price: "-0.05" }, counts: [["ORD", 10]] },
    { point: null, counts: [["?", null]] },
    "{'point': {'at': datetime.date(1960, 1, 1), 'left': [1152921504606846976, None], 'price': Decimal('-0.05')}, 'counts': [('SFO', 1152921504606846976)]}",
  ])
})

test("imports are bundled, and what a function prints goes to the log", () => {
  const { plan } = flights.filterRows(row => {
    console.log("asked for", row.origin)
    return riskOf(Number(row.delay)) > 0
  })
  const told = throughPython(plan, `${schema}\nrun([batch(rows[:2])])`)
  expect(told.rows.map(row => row.origin)).toEqual(["ORD"])
  expect(told.stderr).toContain("asked for ORD")
})

test("groups come whole, with their key", () => {
  const { plan } = flights
    .groupBy("origin")
    .mapGroups((group, key) => [{ ...key, n: group.rows }], { origin: "utf8", n: "int32" })
  const told = throughPython(
    plan,
    `${schema}\ntold["rows"] = function(pa.Table.from_batches([batch(rows[:1]), batch(rows[:1])])).to_pylist()`,
  )
  expect(told.rows).toEqual([{ origin: "ORD", n: 2 }])
})

test("an error comes back with the user's lines, also of an imported file, and its child is not used again", () => {
  const { plan } = flights.mapBatches(
    function score(batch) {
      return batch.map(row => ({ risk: riskOf(Number(row.delay)) }))
    },
    { risk: "float64" },
  )
  const told = throughPython(plan, `${schema}\nrun([batch(rows)])`)
  const error = functionFailure(told.error!)!
  expect(error.message).toContain("mapBatches: score threw RangeError: no risk for 1152921504606847000")
  expect((error.cause as Error).stack).toContain("udf.real.test.ts")
  expect(told.left).toEqual([])
  expect(told.stderr).toBe("")
})

test.each([
  ["process.exit(3)", () => process.exit(3), "ended with exit code 3"],
  ["a kill", () => process.kill(process.pid, "SIGKILL"), "was killed (SIGKILL)"],
])("a child that dies says how: %s", (_, end, says) => {
  const { plan } = flights.mapBatches(
    () => {
      end()
      return [{ x: 1 }]
    },
    { x: "int32" },
  )
  const told = throughPython(plan, `${schema}\nrun([batch(rows)])`)
  expect(functionFailure(told.error!)).toMatchObject({
    code: "FUNCTION_EXECUTOR",
    message: expect.stringContaining(says),
  })
})

test("a result that does not fit is refused as it is in process", () => {
  const { plan } = flights.mapBatches(() => [{ x: 1.5 }], { x: "int32" })
  const told = throughPython(plan, `${schema}\nrun([batch(rows)])`)
  expect(functionFailure(told.error!)).toMatchObject({
    code: "FUNCTION_RESULT",
    message: expect.stringContaining("`x` of row 0 is 1.5, not an int32"),
  })
})

test("an executor without Node says so", () => {
  const { plan } = flights.mapBatches(() => [{ x: 1 }], { x: "int32" })
  const told = throughPython(
    plan,
    `${schema}
os.path.exists = lambda path: False
run([batch(rows)])`,
  )
  expect(functionFailure(told.error!)).toMatchObject({
    code: "FUNCTION_EXECUTOR",
    message: expect.stringContaining("Node.js was not found on"),
  })
})

test("two functions in one pipeline, and a child that was ended between runs is replaced", () => {
  const { plan } = flights.mapBatches(batch => ({ n: Int32Array.of(batch.rows) }), { n: "int32" })
  const told = throughPython(
    plan,
    `${schema}
run([batch(rows)])
kill_child(9)
run([batch(rows)])
outer = function(iter([batch(rows)]))
def both():
    for made in outer:
        yield batch(rows)
run(both())`,
  )
  expect(told.error).toBeUndefined()
  expect(told.rows).toEqual([{ n: 3 }, { n: 3 }, { n: 3 }])
  expect(told.pids[0]).not.toEqual(told.pids[1])
  expect(told.pids[2]).toHaveLength(2)
})
