// The parts of a function's way to an executor: its script, the pickle, batches to Arrow and back, failures back to the
// places where the user wrote them.
import { createRequire } from "node:module"
import { expect, test } from "vitest"
import { pythonFunction } from "../../../kernel/lib/engine/udf/command.js"
import { codeId, functionFailure } from "../../../kernel/lib/engine/udf/failure.js"
import { pickleFunction } from "../../../kernel/lib/engine/udf/pickle.js"
import { failureMark } from "../../../kernel/lib/engine/udf/protocol.js"
import { decodeBatches } from "../../../kernel/lib/frame/arrow/decode.js"
import { encodeStream } from "../../../kernel/lib/frame/arrow/encode.js"
import type { DataFrame } from "../../../kernel/lib/frame/DataFrame.js"
import { type Plan, planFromJson } from "../../../kernel/lib/frame/nodes/plan.js"
import type { Field } from "../../../kernel/lib/frame/types.js"
import type { FunctionCode } from "../../../kernel/lib/frame/UserFunction.js"
import { frameOf, read } from "../../../kernel/lib/runner/dataframes.js"

const flights = read.rows(
  [
    { origin: "ORD", delay: 90 },
    { origin: "SFO", delay: 5 },
  ],
  {
    origin: "utf8",
    delay: "int32",
  },
)
const codeOf = (frame: { plan: Plan }) => (frame.plan as unknown as { fn: { code: FunctionCode } }).fn.code
const made = ({ script }: FunctionCode) =>
  new Function("require", script)(createRequire(import.meta.url)) as (value: unknown) => unknown

const factor = 3n
const twice = (x: bigint) => x * factor

test("a script holds helper functions and values by name, whatever encloses them", () => {
  const within = (() => {
    const days = new Map([["ORD", new Date(5)]])
    return (origin: string) => [days.get(origin)?.getTime(), twice(7n)]
  })()
  const frame = flights.mapBatches(batch => batch.map(() => ({ x: within("ORD").length })), { x: "int32" })
  const fn = made(codeOf(frame)) as (batch: unknown) => { x: number }[]
  expect(fn({ map: (row: () => unknown) => [row()] })).toEqual([{ x: 2 }])
})

test("what is only in this process cannot travel, and is named", () => {
  const socket = new URL("http://localhost")
  const frame = flights.mapBatches(batch => batch.map(() => ({ x: socket.href })), { x: "utf8" })
  expect(() => codeOf(frame)).toThrow(/mapBatches: the function cannot run on a cluster: `socket`.*URL/s)
  const other = flights.mapBatches(() => [{ x: flights.columns.length }], { x: "int32" })
  expect(() => codeOf(other)).toThrow(/`flights` is a frame or a model/)
})

test("a plan travels as JSON with the function's code, and runs where it arrives", async () => {
  const late = 15
  const frame = flights
    .filterRows(r => r.origin.length * 5 >= late)
    .mapBatches(
      batch => batch.filter(row => row.delay > late).map(row => ({ ...row, big: twice(BigInt(row.delay)) })),
      { origin: "utf8", delay: "int32", big: "int64" },
    )
  const travelled = frameOf(planFromJson(JSON.parse(JSON.stringify(frame.plan)) as Plan)) as DataFrame
  expect(await travelled.collect()).toEqual([{ origin: "ORD", delay: 90, big: 270n }])
})

test("golden: the pickle says eval, twice, and makes a tuple", () => {
  expect(Buffer.from(pickleFunction("f", "ü")).toString("latin1")).toBe(
    "\x80\x02cbuiltins\neval\nX\x01\x00\x00\x00f\x85Rcbuiltins\neval\nX\x02\x00\x00\x00\xc3\xbc\x85R\x86.",
  )
})

test("a command names its evaluation type, and types that Spark lacks are refused", () => {
  expect(pythonFunction(flights.mapBatches(() => [], { x: "int32" }).plan as never).evalType).toBe(207)
  const grouped = flights.groupBy("origin").mapGroups(() => [], { x: "int32" })
  expect(pythonFunction(grouped.plan as never).evalType).toBe(209)
  const unsigned = flights.mapBatches(() => [], { x: "uint8" })
  expect(() => pythonFunction(unsigned.plan as never)).toThrow(/Spark has no type UInt8 for `x`/)
})

test("batches to Arrow and back", () => {
  const fields: Field[] = [
    { name: "i", type: { kind: "int64" } },
    { name: "b", type: { kind: "boolean" } },
    { name: "t", type: { kind: "utf8" } },
    { name: "d", type: { kind: "date" } },
    { name: "at", type: { kind: "timestamp" } },
    { name: "raw", type: { kind: "binary" } },
  ]
  const batch = {
    rows: 3,
    columns: {
      i: BigInt64Array.of(1n, 0n, -(2n ** 62n)),
      b: Uint8Array.of(1, 0, 0),
      t: ["a", null, "ü😀"],
      d: Int32Array.of(19_782, 0, -1),
      at: BigInt64Array.of(1n, 0n, -1n),
      raw: [Uint8Array.of(0, 255), null, Uint8Array.of()],
    },
    valid: {
      i: Uint8Array.of(1, 0, 1),
      b: Uint8Array.of(1, 1, 0),
      t: Uint8Array.of(1, 0, 1),
      raw: Uint8Array.of(1, 0, 1),
    },
  }
  const [back] = decodeBatches(encodeStream(batch, fields), fields)
  expect(back!.columns.i).toEqual(batch.columns.i)
  expect(back!.columns.b).toEqual(batch.columns.b)
  expect(back!.columns.t![2]).toBe("ü😀")
  expect(back!.columns.d).toEqual(batch.columns.d)
  expect(back!.columns.at).toEqual(batch.columns.at)
  expect(back!.columns.raw![0]).toEqual(Uint8Array.of(0, 255))
  expect(Object.keys(back!.valid).sort()).toEqual(["b", "i", "raw", "t"])
})

test("a failure's text becomes the error, with the user's own stack", () => {
  const frame = flights.mapBatches(
    function score() {
      throw new Error("never here")
    } as () => never[],
    { x: "int32" },
  )
  const code = codeOf(frame)
  const line = code.places.find(place => place.name === "score")!.line + 1
  const told = {
    id: codeId(code),
    code: "FUNCTION_FAILED",
    values: { where: "mapBatches", name: "score", error: "Error: x" },
    cause: { name: "Error", message: "x", stack: `    at score (shardlab-function.js:${line}:9)` },
  }
  const text = `Job aborted: ${failureMark} ${Buffer.from(JSON.stringify(told)).toString("base64")}\n  more`
  const error = functionFailure(text)!
  expect(error.message).toContain("mapBatches: score threw Error: x")
  const here = String(new Error().stack)
    .split("\n")[1]!
    .match(/\(?([^ (]*udf\.test\.ts)/)![1]
  expect((error.cause as Error).stack).toContain(here!.replace(/^file:\/\//, ""))
  expect(functionFailure("nothing of ours")).toBeUndefined()
})
