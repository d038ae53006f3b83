// The checker over several cells, in this process: what one cell knows of the others, and what stops it.
import { resolve } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import type { CheckedCell, LiveType } from "../../kernel/src/cell/Checker.js"
import { inProcessChecker } from "../../kernel/src/cell/inProcessChecker.js"

const cwd = resolve(import.meta.dirname, "../runner")
// One for all tests: making one reads the standard library. Cells may declare again whatever earlier ones did.
const checker = inProcessChecker({ cwd })
let n = 0

const check = (code: string) => checker.check(code, { id: `c${++n}`, n })
/** Checks a cell that has to pass and tells the checker that it ran. */
async function ran(code: string, live: readonly LiveType[] = []): Promise<CheckedCell> {
  const cell = await check(code)
  expect(cell.diagnostics).toEqual([])
  await checker.commit(`c${n}`, { ok: true, live })
  return cell
}
const messages = async (code: string) => (await check(code)).diagnostics.map(({ message }) => message)
const completed = async (code: string) =>
  (await checker.complete(code, code.length)).items.map(({ name }) => name)

describe("cells know each other", () => {
  test("names, types, classes and functions of earlier cells", async () => {
    await ran(
      "interface Row { id: number }\nconst rows: Row[] = []\nlet total = 0\nclass Box<T> { constructor(readonly value: T) {} }",
    )
    await ran("total += rows.length\nconst box = new Box(rows)")
    expect(await messages("box.value[0]!.id.toUpperCase()")).toEqual([
      expect.stringContaining("Property 'toUpperCase' does not exist on type 'number'"),
    ])
  })

  test("two cells may declare the same type, value and class, and the latest holds", async () => {
    await ran("interface Row { id: number }\nconst x = 1\nclass Thing { a = 1 }")
    await ran("interface Row { id: string }\nconst x = 'one'\nclass Thing { b = 2 }")
    await ran("const row: Row = { id: x }\nnew Thing().b")
    expect(await messages("const row2: Row = { id: 5 }")).toEqual([
      expect.stringContaining("not assignable to type 'string'"),
    ])
  })

  test("a cell that failed declares nothing", async () => {
    await check("const half = 1")
    await checker.commit(`c${n}`, { ok: false, live: [] })
    expect(await messages("half")).toEqual([expect.stringContaining("Cannot find name 'half'")])
  })

  test("a constant of an earlier cell cannot be assigned to, and the message says how", async () => {
    await ran("const fixed = 1\nlet free = 1")
    await ran("free = 2")
    expect(await messages("fixed = 2")).toEqual([
      expect.stringContaining("Declare it there with `let`, or here again."),
    ])
  })
})

describe("a frame that exists", () => {
  const live = [
    {
      name: "flights",
      type: `import("shardlab").DataFrame<{ delay: import("shardlab").Int64; origin: import("shardlab").Utf8 }>`,
    },
  ]
  beforeAll(async () => {
    await ran('import { read } from "shardlab"\nconst flights = await read.parquet("flights.parquet")', live)
  })

  test("completes its columns", async () => {
    expect(await completed("flights.filter(f => f.de")).toContain("delay")
    expect(await completed("flights.filter(f => f.")).toEqual(expect.arrayContaining(["delay", "origin"]))
    expect(await completed('flights.groupBy("o')).toEqual(["origin"])
  })

  test("stops a cell that misspells one, and names the nearest", async () => {
    const cell = await check("console.log('before')\nflights.filter(f => f.dealy.gt(15))")
    expect(cell).toMatchObject({ js: "", diagnostics: [{ code: "TS2551", line: 2, column: 23 }] })
    expect(cell.diagnostics[0]!.message).toContain("Did you mean 'delay'?")
  })

  test("shows its columns under the cursor", async () => {
    const { bundle } = await checker.inspect("flights", 3, 0)
    expect(bundle["text/plain"]).toContain("delay")
    expect(bundle["text/plain"]).not.toContain("__live")
  })
})

describe("what stops a cell", () => {
  test("a syntax error and a type error, with the line", async () => {
    expect((await check("let = 3")).diagnostics[0]).toMatchObject({ line: 1, severity: "error" })
    const [error] = (await check("// first\nconst n: number = 'x'")).diagnostics
    expect(error).toMatchObject({ code: "TS2322", line: 2, column: 7 })
    expect(error!.frame).toContain("| const n: number = 'x'")
  })

  test("a package that is not installed, with the command that mends it", async () => {
    expect(await messages('import x from "no-such-package"')).toEqual([
      expect.stringMatching(/Cannot find package 'no-such-package'.*npm install no-such-package/),
    ])
  })

  test("nothing after `%typecheck off`, and warnings with `warn`", async () => {
    await ran("%typecheck warn")
    const warned = await check("const n: number = 'x'")
    expect(warned.diagnostics).toMatchObject([{ severity: "warning" }])
    expect(warned.js).not.toBe("")
    await ran("%typecheck off")
    expect((await check("const m: number = 'x'")).diagnostics).toEqual([])
    await ran("%typecheck on")
    expect((await check("// @ts-nocheck\nconst m: number = 'x'")).js).not.toBe("")
  })

  test("types that a notebook may leave out do not", async () => {
    expect(await messages("function f(a, b) { return a + b }\nf(1, 2)")).toEqual([])
  })
})

test("names of earlier cells come first in a completion", async () => {
  await ran("const parsley = 1")
  const [first] = await completed("pars")
  expect(first).toBe("parsley")
})

test("magics and their options complete", async () => {
  await ran("const network = 1")
  expect(await completed("%tr")).toEqual(["train"])
  expect(await completed("%train network --ep")).toEqual(["--epochs"])
  expect(await completed("%train netw")).toEqual(["network"])
  expect(await completed("%typecheck w")).toEqual(["warn"])
})

test("whole cells, beginnings and nonsense are told apart", async () => {
  const status = async (code: string) => (await checker.isComplete(code)).status
  expect(await status("const a = 1")).toBe("complete")
  expect(await checker.isComplete("function f() {")).toEqual({ status: "incomplete", indent: "  " })
  expect(await status("{ a: 1 }")).toBe("complete")
  expect(await status("}")).toBe("invalid")
  expect(await status("%%sql late\nselect 1")).toBe("incomplete")
  expect(await status("%%sql late\nselect 1\n")).toBe("complete")
})

test("the error of a line below a magic is on that line", async () => {
  const { diagnostics } = await check("%typecheck on\nconst n: number = 'x'")
  expect(diagnostics).toMatchObject([{ line: 2, column: 7 }])
})
