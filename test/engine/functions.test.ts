// The whole catalog on DuckDB: each function gives its example's value, in the type that the plan says; what DuckDB lacks
// is refused with the engine that has it. And what is generated from the catalog is current.
import { readFileSync } from "node:fs"
import { afterAll, describe, expect, test } from "vitest"
import { duckdbEngine } from "../../kernel/src/engine/duckdb/DuckdbEngine.js"
import { templateOf } from "../../kernel/src/frame/functions/FunctionRow.js"
import { functionsMarkdown, methodsSource } from "../../kernel/src/frame/functions/generate.js"
import { checkExample, checkType, functionExamples } from "./functionExamples.js"

const engine = duckdbEngine({ threads: 1 })
afterAll(() => engine.close())

const [here, elsewhere] = [true, false].map(has =>
  functionExamples.filter(({ name, row }) => (templateOf(name, row.duckdb) !== null) === has),
)

test("the catalog has at least 250 functions, each with an example", () => {
  expect(functionExamples.length).toBeGreaterThanOrEqual(250)
})

describe("on DuckDB", () => {
  test.each(here!.map(example => [example.name, example] as const))("%s", async (_, example) => {
    await checkExample(engine, example)
    await checkType(engine, example)
  })

  test.each(elsewhere!.map(example => [example.name, example] as const))(
    "%s is refused, and who has it is said",
    async (_, example) => {
      await expect(checkExample(engine, example)).rejects.toThrow(
        /duckdb has no `\w+`\. Engines that have it: spark/,
      )
    },
  )
})

test("gen/ is what the catalog gives: npm run gen:functions", () => {
  const gen = (name: string) =>
    readFileSync(new URL(`../../kernel/src/frame/gen/${name}`, import.meta.url), "utf8")
  expect(gen("methods.ts")).toBe(methodsSource())
  expect(gen("FUNCTIONS.md")).toBe(functionsMarkdown())
})
